locals {
  # Alarms on more than one metric: what is computed, and from what.
  expressions = {
    alert-errors = {
      expression = "SUM(METRICS())"
      label      = "Failed or throttled invocations"
      threshold  = 0
      metrics = {
        for pair in setproduct([local.alert, local.standby], ["Errors", "Throttles"]) :
        replace(lower(join("_", pair)), "-", "_") => ["AWS/Lambda", pair[1], { FunctionName = "${var.prefix}-${pair[0]}" }, "Sum", 300]
      }
    }
    budget = {
      expression = "dpu_seconds / 3600"
      label      = "DPU hours within a day"
      threshold  = var.limits.daily_dpu_hours
      metrics    = { dpu_seconds = ["GluePipe", "DpuSeconds", { environment = var.environment, service = "sweep" }, "Sum", local._day] }
    }
    quarantine-rate = {
      expression = "IF(read > 0, 100 * quarantined / read, 0)"
      label      = "Rows set aside, in % of those read"
      threshold  = var.limits.quarantine_percent
      metrics = {
        for name, metric in { quarantined = "RowsQuarantined", read = "RowsRead" } :
        name => ["GluePipe", metric, { environment = var.environment }, "Sum", local.quality_minutes * 60]
      }
    }
    # SQS does not count messages that were received more than three times; the trigger does, when they come back.
    queue-age = {
      expression = "MAX(METRICS())"
      label      = "Age of the oldest message, in seconds"
      threshold  = var.limits.oldest_message_minutes * 60
      metrics = {
        queue   = ["AWS/SQS", "ApproximateAgeOfOldestMessage", { QueueName = var.queues.files.name }, "Maximum", 900]
        trigger = ["GluePipe", "BacklogAge", { environment = var.environment, service = "trigger" }, "Maximum", 900]
      }
    }
    throttles = {
      expression = "SUM(METRICS())"
      label      = "Throttled invocations"
      threshold  = 0
      metrics    = { for name, function in var.functions : name => ["AWS/Lambda", "Throttles", { FunctionName = function }, "Sum", 300] }
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "computed" {
  for_each = local.expressions

  alarm_name          = "${var.prefix}-${each.key}"
  alarm_description   = local.descriptions[each.key]
  alarm_actions       = local.actions[each.key]
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  threshold           = each.value.threshold
  treat_missing_data  = "notBreaching"

  metric_query {
    id          = "computed"
    expression  = each.value.expression
    label       = each.value.label
    return_data = true
  }

  dynamic "metric_query" {
    for_each = each.value.metrics

    content {
      id = metric_query.key

      metric {
        namespace   = metric_query.value[0]
        metric_name = metric_query.value[1]
        dimensions  = metric_query.value[2]
        stat        = metric_query.value[3]
        period      = metric_query.value[4]
      }
    }
  }
}
