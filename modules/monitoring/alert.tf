locals {
  # Who makes messages of failed runs and ringing alarms, with the files, the reason and what to run; and who tells of
  # what kept the first from it. The same code twice, so that neither depends on the other's settings and concurrency.
  alert   = "alert"
  standby = "alert-standby"
}

resource "aws_cloudwatch_log_group" "alert" {
  #checkov:skip=CKV_AWS_338:How long logs are kept is what each environment chooses
  for_each = toset([local.alert, local.standby])

  name              = "/aws/lambda/${var.prefix}-${each.key}"
  kms_key_id        = var.kms_key_arn
  retention_in_days = var.log_retention_days
}

resource "aws_lambda_function" "alert" {
  #checkov:skip=CKV_AWS_50:One hop a message; its log tells what it told
  #checkov:skip=CKV_AWS_115:Alarms change their state rarely, and reserving takes from what the account's other functions share
  #checkov:skip=CKV_AWS_117:It talks to AWS alone; a network of its own would add endpoints and protect nothing
  #checkov:skip=CKV_AWS_272:The bundle is named by its digest, and the very bytes are promoted
  for_each = toset([local.alert, local.standby])

  function_name = "${var.prefix}-${each.key}"
  architectures = ["arm64"]
  handler       = "lambda_trigger.alert.lambda_handler"
  kms_key_arn   = var.kms_key_arn
  memory_size   = 512
  role          = aws_iam_role.alert.arn
  runtime       = "python3.13"
  s3_bucket     = var.bundle.bucket
  s3_key        = var.bundle.key
  timeout       = 120

  dead_letter_config {
    target_arn = var.queues.undelivered_events.arn
  }

  environment {
    variables = {
      ALARM_TOPIC_ARN         = aws_sns_topic.alarms.arn
      ARRIVALS_LOG_GROUP      = var.log_groups.arrivals.name
      ENVIRONMENT             = var.environment
      INPUT_BUCKET            = var.input_bucket_name
      JOB_LOG_GROUP           = var.log_groups.job.name
      JOB_NAME                = var.job_name
      LEDGER_TABLE            = var.ledger.name
      POWERTOOLS_SERVICE_NAME = "${var.prefix}-${each.key}"
      PREFIX                  = "${var.prefix}-"
      RELEASE                 = trimsuffix(basename(var.bundle.key), ".zip")
      UNDELIVERED_QUEUE_URL   = var.queues.undelivered_events.url
    }
  }

  depends_on = [aws_cloudwatch_log_group.alert, aws_iam_role_policy.alert]
}

locals {
  _rings = {
    for function in [local.alert, local.standby] : function => jsonencode({
      source      = ["aws.cloudwatch"]
      detail-type = ["CloudWatch Alarm State Change"]
      detail = {
        alarmName = [for name in keys(local.descriptions) : "${var.prefix}-${name}" if contains(local.told_by_standby, name) == (function == local.standby)]
        state     = { value = ["ALARM"] }
      }
    })
  }

  alert_rules = {
    alarm-rings = {
      description = "An alarm rings"
      function    = local.alert
      pattern     = local._rings[local.alert]
    }
    alert-fails = {
      description = "An alarm rings that the alert function may not be able to tell of"
      function    = local.standby
      pattern     = local._rings[local.standby]
    }
    job-failed = {
      description = "A run of the job failed or timed out"
      function    = local.alert
      pattern = jsonencode({
        source      = ["aws.glue"]
        detail-type = ["Glue Job State Change"]
        detail      = { jobName = [var.job_name], state = ["FAILED", "TIMEOUT"] }
      })
    }
  }
}

resource "aws_cloudwatch_event_rule" "alert" {
  for_each = local.alert_rules

  name          = "${var.prefix}-${each.key}"
  description   = each.value.description
  event_pattern = each.value.pattern
}

resource "aws_cloudwatch_event_target" "alert" {
  for_each = local.alert_rules

  rule      = aws_cloudwatch_event_rule.alert[each.key].name
  target_id = each.value.function
  arn       = aws_lambda_function.alert[each.value.function].arn

  dead_letter_config {
    arn = var.queues.undelivered_events.arn
  }

  depends_on = [aws_lambda_permission.alert]
}

resource "aws_lambda_permission" "alert" {
  for_each = local.alert_rules

  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.alert[each.value.function].function_name
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.alert[each.key].arn
  statement_id  = each.key
}
