locals {
  # Far beyond what waiting for a free job slot takes (docs/adr/0006-back-pressure.md); the trigger itself sets aside
  # what really failed.
  receive_attempts = 200

  # Written out, because a queue's own policy cannot refer to the queue.
  queue_arn       = "arn:aws:sqs:${var.region}:${var.account_id}:${var.prefix}-files"
  undelivered_arn = "arn:aws:sqs:${var.region}:${var.account_id}:${var.prefix}-events-dead"
  fourteen_days   = 14 * 24 * 60 * 60
  trigger_timeout = 120
}

resource "aws_sqs_queue" "dead_letters" {
  name                      = "${var.prefix}-files-dead"
  message_retention_seconds = local.fourteen_days
  sqs_managed_sse_enabled   = true
}

resource "aws_sqs_queue" "files" {
  name                       = "${var.prefix}-files"
  message_retention_seconds  = local.fourteen_days
  sqs_managed_sse_enabled    = true
  visibility_timeout_seconds = 6 * local.trigger_timeout

  # Inline: a policy resource of its own would let the notification be made before it.
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "InputBucketSends"
      Effect    = "Allow"
      Principal = { Service = "s3.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = local.queue_arn
      Condition = {
        ArnEquals    = { "aws:SourceArn" = var.input_bucket.arn }
        StringEquals = { "aws:SourceAccount" = var.account_id }
      }
    }]
  })

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letters.arn
    maxReceiveCount     = local.receive_attempts
  })
}

resource "aws_sqs_queue" "undelivered_events" {
  name                      = "${var.prefix}-events-dead"
  message_retention_seconds = local.fourteen_days
  sqs_managed_sse_enabled   = true

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "EventRulesSend"
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = local.undelivered_arn
      Condition = {
        ArnLike = { "aws:SourceArn" = "arn:aws:events:${var.region}:${var.account_id}:rule/${var.prefix}-*" }
      }
    }]
  })
}

# S3 keeps one notification configuration per bucket: a second resource would silently replace this one. There is no
# suffix filter because S3 compares in one case only; the trigger decides what is a file.
resource "aws_s3_bucket_notification" "input" {
  bucket      = var.input_bucket.name
  eventbridge = true

  queue {
    id        = "files"
    events    = ["s3:ObjectCreated:*"]
    queue_arn = aws_sqs_queue.files.arn
  }
}
