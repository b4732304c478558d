locals {
  _job_arn = "arn:aws:glue:${var.region}:${var.account_id}:job/${var.job_name}"

  statements = [
    {
      Sid    = "TakeMessages"
      Effect = "Allow"
      Action = [
        "sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage",
        "sqs:SendMessage",
      ]
      Resource = [aws_sqs_queue.files.arn]
    },
    {
      Sid      = "SetAsideMessages"
      Effect   = "Allow"
      Action   = ["sqs:SendMessage"]
      Resource = [aws_sqs_queue.dead_letters.arn]
    },
    {
      Sid    = "KeepLedger"
      Effect = "Allow"
      Action = [
        "dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem",
      ]
      Resource = [var.ledger.arn, "${var.ledger.arn}/index/*"]
    },
    {
      Sid      = "ListInput"
      Effect   = "Allow"
      Action   = ["s3:ListBucket", "s3:ListBucketVersions"]
      Resource = [var.input_bucket.arn]
    },
    {
      Sid      = "KeepManifests"
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject"]
      Resource = ["${var.assets_bucket.arn}/manifests/*"]
    },
    {
      Sid      = "StartRuns"
      Effect   = "Allow"
      Action   = ["glue:GetJob", "glue:GetJobRun", "glue:GetJobRuns", "glue:StartJobRun"]
      Resource = [local._job_arn]
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
      Resource = [for group in aws_cloudwatch_log_group.this : "${group.arn}:*"]
    },
  ]
}

resource "aws_iam_role" "this" {
  name                 = "${var.prefix}-trigger"
  assume_role_policy   = var.trust_policy
  description          = "What the trigger and the sweep may do"
  permissions_boundary = var.permissions_boundary_arn
}

resource "aws_iam_role_policy" "this" {
  name   = "trigger"
  role   = aws_iam_role.this.id
  policy = jsonencode({ Version = "2012-10-17", Statement = local.statements })
}
