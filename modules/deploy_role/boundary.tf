# The most that a role made by the deploy role can ever do, whatever its own policy says.
resource "aws_iam_policy" "boundary" {
  name        = "${var.project}-boundary"
  description = "Bounds the roles of the functions and jobs of ${var.project}"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Data"
        Effect = "Allow"
        Action = [
          "s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket",
          "s3:ListBucketVersions", "s3:PutObject",
        ]
        Resource  = concat(local.buckets, [for bucket in local.buckets : "${bucket}/*"])
        Condition = local.own_account
      },
      {
        Sid    = "Ledger"
        Effect = "Allow"
        Action = [
          "dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem",
        ]
        Resource = local.tables
      },
      {
        Sid    = "Queues"
        Effect = "Allow"
        Action = [
          "sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage",
          "sqs:SendMessage",
        ]
        Resource = local.queues
      },
      {
        Sid      = "Runs"
        Effect   = "Allow"
        Action   = ["glue:GetJob", "glue:GetJobRun", "glue:GetJobRuns", "glue:StartJobRun"]
        Resource = local.jobs
      },
      {
        Sid    = "Tables"
        Effect = "Allow"
        Action = [
          "glue:BatchCreatePartition", "glue:BatchUpdatePartition", "glue:CreateTable", "glue:GetPartition",
          "glue:GetPartitions", "glue:GetTable", "glue:UpdateTable",
        ]
        Resource = local.catalog
      },
      {
        Sid       = "Keys"
        Effect    = "Allow"
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = local.keys
        Condition = local.is_environment_key
      },
      {
        Sid      = "Logs"
        Effect   = "Allow"
        Action   = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:FilterLogEvents", "logs:PutLogEvents"]
        Resource = concat(local.log_groups, [for group in local.log_groups : "${group}:*"])
      },
      {
        Sid      = "Messages"
        Effect   = "Allow"
        Action   = ["sns:Publish"]
        Resource = local.topics
      },
      {
        Sid       = "Metrics"
        Effect    = "Allow"
        Action    = ["cloudwatch:PutMetricData"]
        Resource  = ["*"] # offers no narrower resource
        Condition = { StringEquals = { "cloudwatch:namespace" = "GluePipe" } }
      },
    ]
  })
}
