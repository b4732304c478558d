locals {
  _catalog = "arn:aws:glue:${var.region}:${var.account_id}"

  statements = [
    {
      Sid      = "ReadInput"
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:GetObjectVersion"]
      Resource = ["${var.input_bucket_arn}/*"]
    },
    {
      Sid      = "ReadAssets"
      Effect   = "Allow"
      Action   = ["s3:GetObject"]
      Resource = ["${var.assets_bucket_arn}/jobs/*", "${var.assets_bucket_arn}/manifests/*"]
    },
    {
      Sid      = "WriteOutput"
      Effect   = "Allow"
      Action   = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
      Resource = ["${var.output_bucket_arn}/*"]
    },
    {
      Sid      = "ListBuckets"
      Effect   = "Allow"
      Action   = ["s3:ListBucket"]
      Resource = [var.assets_bucket_arn, var.input_bucket_arn, var.output_bucket_arn]
    },
    {
      Sid    = "KeepTables"
      Effect = "Allow"
      Action = [
        "glue:BatchCreatePartition", "glue:BatchUpdatePartition", "glue:CreateTable", "glue:GetPartition",
        "glue:GetPartitions", "glue:GetTable", "glue:UpdateTable",
      ]
      Resource = [
        "${local._catalog}:catalog",
        "${local._catalog}:database/${var.database}",
        "${local._catalog}:table/${var.database}/*",
      ]
    },
    {
      Sid      = "KeepLedger"
      Effect   = "Allow"
      Action   = ["dynamodb:BatchGetItem", "dynamodb:UpdateItem"]
      Resource = [var.ledger_arn]
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
      Action   = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = [for group in aws_cloudwatch_log_group.this : "${group.arn}:*"]
    },
    {
      Sid       = "WriteMetrics"
      Effect    = "Allow"
      Action    = ["cloudwatch:PutMetricData"]
      Resource  = ["*"]
      Condition = { StringEquals = { "cloudwatch:namespace" = "GluePipe" } }
    },
  ]
}

resource "aws_iam_role_policy" "this" {
  name   = "job"
  role   = aws_iam_role.this.id
  policy = jsonencode({ Version = "2012-10-17", Statement = local.statements })
}
