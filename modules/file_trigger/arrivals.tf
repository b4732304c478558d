# Every event of the input bucket, kept apart from our own code: whether an upload arrived has an answer without it.
resource "aws_cloudwatch_log_group" "arrivals" {
  #checkov:skip=CKV_AWS_338:How long logs are kept is what each environment chooses
  name              = "/aws/events/${var.prefix}-input"
  kms_key_id        = var.kms_key_arn
  retention_in_days = var.log_retention_days
}

resource "aws_cloudwatch_log_resource_policy" "arrivals" {
  policy_name = "${var.prefix}-input"

  policy_document = jsonencode({
    Version = "2012-10-17"
    Statement = [
      # No condition: EventBridge makes streams without saying for which rule.
      {
        Sid       = "EventsMakeStreams"
        Effect    = "Allow"
        Principal = { Service = ["delivery.logs.amazonaws.com", "events.amazonaws.com"] }
        Action    = "logs:CreateLogStream"
        Resource  = "${aws_cloudwatch_log_group.arrivals.arn}:*"
      },
      {
        Sid       = "RuleWrites"
        Effect    = "Allow"
        Principal = { Service = ["delivery.logs.amazonaws.com", "events.amazonaws.com"] }
        Action    = "logs:PutLogEvents"
        Resource  = "${aws_cloudwatch_log_group.arrivals.arn}:*"
        Condition = { ArnEquals = { "aws:SourceArn" = aws_cloudwatch_event_rule.arrivals.arn } }
      },
    ]
  })
}

resource "aws_cloudwatch_event_rule" "arrivals" {
  name        = "${var.prefix}-arrivals"
  description = "Something happened in the input bucket"

  event_pattern = jsonencode({
    source = ["aws.s3"]
    detail = { bucket = { name = [var.input_bucket.name] } }
  })
}

resource "aws_cloudwatch_event_target" "arrivals" {
  rule      = aws_cloudwatch_event_rule.arrivals.name
  target_id = "log"
  arn       = aws_cloudwatch_log_group.arrivals.arn

  dead_letter_config {
    arn = aws_sqs_queue.undelivered_events.arn
  }

  depends_on = [aws_cloudwatch_log_resource_policy.arrivals]
}
