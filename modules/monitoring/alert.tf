# The function that makes messages of failed runs and ringing alarms: with the files, the reason and what to run.
resource "aws_cloudwatch_log_group" "alert" {
  #checkov:skip=CKV_AWS_338:How long logs are kept is what each environment chooses
  name              = "/aws/lambda/${var.prefix}-alert"
  kms_key_id        = var.kms_key_arn
  retention_in_days = var.log_retention_days
}

resource "aws_lambda_function" "alert" {
  #checkov:skip=CKV_AWS_50:One hop a message; its log tells what it told
  #checkov:skip=CKV_AWS_115:Alarms change their state rarely, and reserving takes from what the account's other functions share
  #checkov:skip=CKV_AWS_117:It talks to AWS alone; a network of its own would add endpoints and protect nothing
  #checkov:skip=CKV_AWS_272:The bundle is named by its digest, and the very bytes are promoted
  function_name = "${var.prefix}-alert"
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
      JOB_ERROR_LOG_GROUP     = var.log_groups.job_error.name
      JOB_NAME                = var.job_name
      LEDGER_TABLE            = var.ledger.name
      POWERTOOLS_SERVICE_NAME = "${var.prefix}-alert"
      PREFIX                  = "${var.prefix}-"
      RELEASE                 = trimsuffix(basename(var.bundle.key), ".zip")
    }
  }

  depends_on = [aws_cloudwatch_log_group.alert, aws_iam_role_policy.alert]
}

locals {
  alert_rules = {
    alarm-rings = {
      description = "An alarm rings"
      pattern = {
        source      = ["aws.cloudwatch"]
        detail-type = ["CloudWatch Alarm State Change"]
        detail = {
          alarmName = [for name in keys(local.descriptions) : "${var.prefix}-${name}" if !contains(local.told_directly, name)]
          state     = { value = ["ALARM"] }
        }
      }
    }
    job-failed = {
      description = "A run of the job failed or timed out"
      pattern = {
        source      = ["aws.glue"]
        detail-type = ["Glue Job State Change"]
        detail      = { jobName = [var.job_name], state = ["FAILED", "TIMEOUT"] }
      }
    }
  }
}

resource "aws_cloudwatch_event_rule" "alert" {
  for_each = local.alert_rules

  name          = "${var.prefix}-${each.key}"
  description   = each.value.description
  event_pattern = jsonencode(each.value.pattern)
}

resource "aws_cloudwatch_event_target" "alert" {
  for_each = local.alert_rules

  rule      = aws_cloudwatch_event_rule.alert[each.key].name
  target_id = "alert"
  arn       = aws_lambda_function.alert.arn

  dead_letter_config {
    arn = var.queues.undelivered_events.arn
  }

  depends_on = [aws_lambda_permission.alert]
}

resource "aws_lambda_permission" "alert" {
  for_each = local.alert_rules

  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.alert.function_name
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.alert[each.key].arn
  statement_id  = each.key
}
