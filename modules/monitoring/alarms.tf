locals {
  # What happened, then the command to begin with; docs/operations.md has a runbook under each name.
  _messages = {
    alert-errors       = ["The function ${var.prefix}-${local.alert}, which tells of everything else, or its standby failed or was throttled.", "logs ${var.environment} --since 1h"]
    budget             = ["The job used over ${var.limits.daily_dpu_hours} DPU hours within a day.", "runs ${var.environment}"]
    dead-letters       = ["Files gave up after three attempts: their messages are in ${var.queues.dead_letters.name}.", "replay ${var.environment} --dead-letters --dry-run"]
    failed-files       = ["The job could not make files rows of a table.", "files ${var.environment} --state failed --since 1h"]
    freshness          = ["No file was loaded for ${var.limits.freshness_hours} hours.", "status ${var.environment}"]
    quarantine-rate    = ["Over ${var.limits.quarantine_percent} % of the rows read within ${local.quality_minutes} minutes were set aside.", "quarantine list ${var.environment}"]
    queue-age          = ["The oldest file has waited for over ${var.limits.oldest_message_minutes} minutes.", "status ${var.environment}"]
    row-counts         = ["Files have far more or far fewer rows than those of their dataset before.", "files ${var.environment} --since 1h"]
    stuck-files        = ["The sweep found files that nobody worked on, and queued them again.", "files ${var.environment} --since 1h"]
    throttles          = ["A function was throttled: it may not run as often at once as it has to.", "status ${var.environment}"]
    undelivered-events = ["Events did not reach their targets: they are in ${var.queues.undelivered_events.name}.", "replay ${var.environment} --undelivered --dry-run"]
  }
  _function_messages = {
    for name, function in var.functions : "${name}-errors" => ["The function ${function} failed.", "logs ${var.environment} --since 1h"]
  }
  descriptions = {
    for name, message in merge(local._messages, local._function_messages) :
    name => "${message[0]} Runbook: docs/operations.md#${name} Run: gluepipe ${message[1]}${contains(local.told_directly, name) ? local._replay : ""}"
  }

  quality_minutes = 15
  _day            = 24 * 60 * 60

  _replay = " Replay: gluepipe replay ${var.environment} --undelivered"

  # About what may keep the alert function from telling.
  told_by_standby = ["alert-errors", "undelivered-events"]
  # Told by CloudWatch, too, in fixed words: the only ones that take none of our code.
  told_directly = ["alert-errors"]
  actions       = { for name in keys(local.descriptions) : name => contains(local.told_directly, name) ? [aws_sns_topic.alarms.arn] : [] }

  _queue_alarms = {
    dead-letters       = var.queues.dead_letters.name
    undelivered-events = var.queues.undelivered_events.name
  }

  # Those of one metric that ring above a threshold.
  alarms = merge(
    {
      for name, queue in local._queue_alarms : name => {
        dimensions = { QueueName = queue }
        metric     = "ApproximateNumberOfMessagesVisible"
        namespace  = "AWS/SQS"
        statistic  = "Maximum"
      }
    },
    {
      for name, function in var.functions : "${name}-errors" => {
        dimensions = { FunctionName = function }
        metric     = "Errors"
        namespace  = "AWS/Lambda"
        statistic  = "Sum"
      }
    },
    {
      for name, metric in { failed-files = "FilesFailed", row-counts = "FilesWithUnusualRows" } : name => {
        dimensions                       = { environment = var.environment }
        metric                           = metric
        namespace                        = "GluePipe"
        statistic                        = "Sum"
      }
    },
    {
      stuck-files = {
        dimensions = { environment = var.environment, service = "sweep" }
        metric     = "FilesStuck"
        namespace  = "GluePipe"
        statistic  = "Sum"
      }
    },
  )
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${var.prefix}-${each.key}"
  alarm_description   = local.descriptions[each.key]
  alarm_actions       = local.actions[each.key]
  comparison_operator = "GreaterThanThreshold"
  dimensions          = each.value.dimensions
  evaluation_periods  = 1
  metric_name         = each.value.metric
  namespace           = each.value.namespace
  period              = 300
  statistic           = each.value.statistic
  threshold           = 0
  treat_missing_data  = "notBreaching"
}

# Silence is what it listens for, so that missing data count as none.
resource "aws_cloudwatch_metric_alarm" "freshness" {
  for_each = toset(var.limits.freshness_hours > 0 ? ["freshness"] : [])

  alarm_name          = "${var.prefix}-${each.key}"
  alarm_description   = local.descriptions[each.key]
  alarm_actions       = local.actions[each.key]
  comparison_operator = "LessThanThreshold"
  dimensions          = { environment = var.environment }
  evaluation_periods  = var.limits.freshness_hours
  metric_name         = "FilesSucceeded"
  namespace           = "GluePipe"
  period              = 3600
  statistic           = "Sum"
  threshold           = 1
  treat_missing_data  = "breaching"
}
