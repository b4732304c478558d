locals {
  _alarm_resources = merge(
    aws_cloudwatch_metric_alarm.computed,
    aws_cloudwatch_metric_alarm.freshness,
    aws_cloudwatch_metric_alarm.this,
  )
  alarm_names = [for alarm in local._alarm_resources : alarm.alarm_name]
  alarm_arns  = concat([aws_cloudwatch_composite_alarm.unhealthy.arn], [for alarm in local._alarm_resources : alarm.arn])
}

# No action: each alarm has told its own problem already. This one is for dashboards and whoever asks "is it well?".
resource "aws_cloudwatch_composite_alarm" "unhealthy" {
  alarm_name        = "${var.prefix}-unhealthy"
  alarm_description = "The pipeline is unhealthy: at least one alarm rings. Runbook: docs/operations.md#unhealthy Run: gluepipe status ${var.environment}"
  alarm_rule        = join(" OR ", [for name in local.alarm_names : "ALARM(\"${name}\")"])
}
