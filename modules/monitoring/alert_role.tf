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
      Action   = ["logs:FilterLogEvents"]
      Resource = flatten([for arn in local._read_log_groups : [arn, "${arn}:*"]])
    },
    {
      Sid      = "TellPeople"
      Effect   = "Allow"
      Action   = ["sns:Publish"]
      Resource = [aws_sns_topic.alarms.arn]
    },
    {
      Sid      = "KeepUndelivered"
      Effect   = "Allow"
      Action   = ["sqs:ReceiveMessage", "sqs:SendMessage"]
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
      Resource = [for group in aws_cloudwatch_log_group.alert : "${group.arn}:*"]
    },
  ]

  _read_log_groups = concat(
    [var.log_groups.arrivals.arn, var.log_groups.job.arn],
    [for function in concat(values(var.functions), ["${var.prefix}-${local.alert}"]) : "arn:aws:logs:${var.region}:${var.account_id}:log-group:/aws/lambda/${function}"],
  )
}

resource "aws_iam_role" "alert" {
  name                 = "${var.prefix}-alert"
  assume_role_policy   = var.trust_policy
  description          = "What the functions that tell people may do"
  permissions_boundary = var.permissions_boundary_arn
}

resource "aws_iam_role_policy" "alert" {
  name   = "alert"
  role   = aws_iam_role.alert.id
  policy = jsonencode({ Version = "2012-10-17", Statement = local.alert_statements })
}
