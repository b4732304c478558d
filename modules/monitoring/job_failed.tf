resource "aws_cloudwatch_event_rule" "job_failed" {
  name        = "${var.prefix}-job-failed"
  description = "A run of the job failed or timed out"

  event_pattern = jsonencode({
    source      = ["aws.glue"]
    detail-type = ["Glue Job State Change"]
    detail      = { jobName = [var.job_name], state = ["FAILED", "TIMEOUT"] }
  })
}

resource "aws_cloudwatch_event_target" "job_failed" {
  rule      = aws_cloudwatch_event_rule.job_failed.name
  target_id = "alarms"
  arn       = aws_sns_topic.alarms.arn

  dead_letter_config {
    arn = var.queues.undelivered_events.arn
  }

  input_transformer {
    input_paths = {
      job     = "$.detail.jobName"
      message = "$.detail.message"
      run     = "$.detail.jobRunId"
      state   = "$.detail.state"
    }
    input_template = "\"Job <job>, run <run>: <state>. <message> Runbook: docs/operations.md#job-failed Run: gluepipe logs ${var.environment} --run <run>\""
  }

  depends_on = [aws_sns_topic_policy.alarms]
}
