locals {
  sweep_rules = {
    job-ended = {
      description = "A run of the job ended: the sweep takes back what it left undone"
      schedule    = null
      pattern = jsonencode({
        source      = ["aws.glue"]
        detail-type = ["Glue Job State Change"]
        detail      = { jobName = [var.job_name], state = ["FAILED", "STOPPED", "SUCCEEDED", "TIMEOUT"] }
      })
    }
    sweep = {
      description = "Compares the input bucket with the ledger and re-queues what was missed or stuck"
      schedule    = "rate(15 minutes)"
      pattern     = null
    }
  }
}

resource "aws_cloudwatch_event_rule" "this" {
  for_each = local.sweep_rules

  name                = "${var.prefix}-${each.key}"
  description         = each.value.description
  event_pattern       = each.value.pattern
  schedule_expression = each.value.schedule
}

resource "aws_cloudwatch_event_target" "sweep" {
  for_each = local.sweep_rules

  rule      = aws_cloudwatch_event_rule.this[each.key].name
  target_id = "sweep"
  arn       = aws_lambda_function.this["sweep"].arn

  dead_letter_config {
    arn = aws_sqs_queue.undelivered_events.arn
  }

  retry_policy {
    maximum_event_age_in_seconds = 3600
    maximum_retry_attempts       = 10
  }

  depends_on = [aws_lambda_permission.sweep]
}

resource "aws_lambda_permission" "sweep" {
  for_each = local.sweep_rules

  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.this["sweep"].function_name
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.this[each.key].arn
  statement_id  = each.key
}
