locals {
  alert_statements = [
    {
      Sid      = "ReadLedger"
      Effect   = "Allow"
      Action   = ["dynamodb:BatchGetItem", "dynamodb:Query"]
      Resource = [var.ledger.arn, "${var.ledger.arn}/index/*"]
    },
    {
      Sid      = "ReadManifests"
      Effect   = "Allow"
      Action   = ["s3:GetObject"]
      Resource = ["arn:aws:s3:::${var.bundle.bucket}/manifests/*"]
    },
    {
      Sid      = "SeeRuns"
      Effect   = "Allow"
      Action   = ["glue:GetJobRun"]
      Resource = ["arn:aws:glue:${var.region}:${var.account_id}:job/${var.job_name}"]
    },
    {
      Sid      = "ReadLogs"
      Effect   = "Allow"
      Action   = ["logs:FilterLogEvents", "logs:GetLogEvents"]
      Resource = flatten([for arn in local._read_log_groups : [arn, "${arn}:*"]])
    },
    {
      Sid      = "TellPeople"
      Effect   = "Allow"
      Action   = ["sns:Publish"]
      Resource = [aws_sns_topic.alarms.arn]
    },
    {
      Sid      = "SetAsideEvents"
      Effect   = "Allow"
      Action   = ["sqs:SendMessage"]
      Resource = [var.queues.undelivered_events.arn]
    },
    {
      Sid      = "UseKey"
      Effect   = "Allow"
      Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource = [var.kms_key_arn]
    },
    {
      Sid      = "WriteLogs"
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = ["${aws_cloudwatch_log_group.alert.arn}:*"]
    },
  ]

  _read_log_groups = concat(
    [var.log_groups.arrivals.arn, var.log_groups.job_error.arn],
    [for function in values(var.functions) : "arn:aws:logs:${var.region}:${var.account_id}:log-group:/aws/lambda/${function}"],
  )
}

resource "aws_iam_role" "alert" {
  name                 = "${var.prefix}-alert"
  description          = "What the function that tells people may do"
  permissions_boundary = var.permissions_boundary_arn

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "alert" {
  name   = "alert"
  role   = aws_iam_role.alert.id
  policy = jsonencode({ Version = "2012-10-17", Statement = local.alert_statements })
}
