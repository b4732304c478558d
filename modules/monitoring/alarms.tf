locals {
  # What happened, then the command to begin with; docs/operations.md has a runbook under each name.
  _messages = {
    dead-letters       = ["Files gave up after three attempts: their messages are in ${var.queues.dead_letters.name}.", "replay ${var.environment} --dead-letters --dry-run"]
    failed-files       = ["The job could not read or write files.", "files ${var.environment} --state failed --since 1h"]
    quarantine-rate    = ["Over ${var.quarantine_percent} % of the rows read within ${local.quality_minutes} minutes were set aside.", "quarantine list ${var.environment}"]
    queue-age          = ["The oldest file has waited for over ${var.oldest_message_minutes} minutes.", "status ${var.environment}"]
    undelivered-events = ["A state change or schedule did not reach its target: its event is in ${var.queues.undelivered_events.name}.", "status ${var.environment}"]
  }
  _function_messages = {
    for name, function in var.functions : "${name}-errors" => ["The function ${function} failed.", "logs ${var.environment} --since 1h"]
  }
  descriptions = {
    for name, message in merge(local._messages, local._function_messages) :
    name => "${message[0]} Runbook: docs/operations.md#${name} Run: gluepipe ${message[1]}"
  }

  quality_minutes = 15

  _queue_alarms = {
    dead-letters       = { metric = "ApproximateNumberOfMessagesVisible", queue = var.queues.dead_letters.name, threshold = 0 }
    queue-age          = { metric = "ApproximateAgeOfOldestMessage", queue = var.queues.files.name, threshold = var.oldest_message_minutes * 60 }
    undelivered-events = { metric = "ApproximateNumberOfMessagesVisible", queue = var.queues.undelivered_events.name, threshold = 0 }
  }

  alarms = merge(
    {
      for name, alarm in local._queue_alarms : name => {
        dimensions = { QueueName = alarm.queue }
        metric     = alarm.metric
        namespace  = "AWS/SQS"
        statistic  = "Maximum"
        threshold  = alarm.threshold
      }
    },
    {
      for name, function in var.functions : "${name}-errors" => {
        dimensions = { FunctionName = function }
        metric     = "Errors"
        namespace  = "AWS/Lambda"
        statistic  = "Sum"
        threshold  = 0
      }
    },
    {
      failed-files = {
        dimensions = { environment = var.environment }
        metric     = "FilesFailed"
        namespace  = "GluePipe"
        statistic  = "Sum"
        threshold  = 0
      }
    },
  )
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${var.prefix}-${each.key}"
  alarm_description   = local.descriptions[each.key]
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
  comparison_operator = "GreaterThanThreshold"
  dimensions          = each.value.dimensions
  evaluation_periods  = 1
  metric_name         = each.value.metric
  namespace           = each.value.namespace
  period              = 300
  statistic           = each.value.statistic
  threshold           = each.value.threshold
  treat_missing_data  = "notBreaching"
}

resource "aws_cloudwatch_metric_alarm" "quarantine_rate" {
  alarm_name          = "${var.prefix}-quarantine-rate"
  alarm_description   = local.descriptions.quarantine-rate
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  threshold           = var.quarantine_percent
  treat_missing_data  = "notBreaching"

  metric_query {
    id          = "rate"
    expression  = "IF(read > 0, 100 * quarantined / read, 0)"
    label       = "Rows set aside, in % of those read"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = { quarantined = "RowsQuarantined", read = "RowsRead" }

    content {
      id = metric_query.key

      metric {
        dimensions  = { environment = var.environment }
        metric_name = metric_query.value
        namespace   = "GluePipe"
        period      = local.quality_minutes * 60
        stat        = "Sum"
      }
    }
  }
}
