locals {
  _queue_alarms = {
    dead-letters = {
      description = "A file gave up: its message is in the dead-letter queue. Look: gluepipe files ${var.environment} --state failed"
      metric      = "ApproximateNumberOfMessagesVisible"
      queue       = var.queues.dead_letters.name
      threshold   = 0
    }
    queue-age = {
      description = "The oldest file has waited for over ${var.oldest_message_minutes} minutes. Look: gluepipe runs ${var.environment}"
      metric      = "ApproximateAgeOfOldestMessage"
      queue       = var.queues.files.name
      threshold   = var.oldest_message_minutes * 60
    }
    undelivered-events = {
      description = "A state change or schedule did not reach its target: its event is in ${var.queues.undelivered_events.name}"
      metric      = "ApproximateNumberOfMessagesVisible"
      queue       = var.queues.undelivered_events.name
      threshold   = 0
    }
  }

  alarms = merge(
    {
      for name, alarm in local._queue_alarms : name => {
        description = alarm.description
        dimensions  = { QueueName = alarm.queue }
        metric      = alarm.metric
        namespace   = "AWS/SQS"
        statistic   = "Maximum"
        threshold   = alarm.threshold
      }
    },
    {
      for name, function in var.functions : "${name}-errors" => {
        description = "The function ${function} failed. Look: gluepipe logs ${var.environment}"
        dimensions  = { FunctionName = function }
        metric      = "Errors"
        namespace   = "AWS/Lambda"
        statistic   = "Sum"
        threshold   = 0
      }
    },
  )
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${var.prefix}-${each.key}"
  alarm_description   = each.value.description
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
