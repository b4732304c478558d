locals {
  bucket_statements = [
    {
      Sid    = "KeepBuckets"
      Effect = "Allow"
      Action = [
        "s3:CreateBucket", "s3:DeleteBucket", "s3:DeleteBucketPolicy", "s3:GetAccelerateConfiguration",
        "s3:GetBucketAcl", "s3:GetBucketCORS", "s3:GetBucketLocation", "s3:GetBucketLogging",
        "s3:GetBucketNotification", "s3:GetBucketObjectLockConfiguration", "s3:GetBucketOwnershipControls",
        "s3:GetBucketPolicy", "s3:GetBucketPublicAccessBlock", "s3:GetBucketRequestPayment", "s3:GetBucketTagging",
        "s3:GetBucketVersioning", "s3:GetBucketWebsite", "s3:GetEncryptionConfiguration",
        "s3:GetLifecycleConfiguration", "s3:GetReplicationConfiguration", "s3:ListBucket", "s3:ListBucketVersions",
        "s3:ListTagsForResource",
        "s3:PutBucketNotification", "s3:PutBucketOwnershipControls", "s3:PutBucketPolicy",
        "s3:PutBucketPublicAccessBlock", "s3:PutBucketTagging", "s3:PutBucketVersioning",
        "s3:PutEncryptionConfiguration", "s3:PutLifecycleConfiguration", "s3:TagResource", "s3:UntagResource",
      ]
      Resource = local.buckets
    },
    {
      Sid    = "KeepObjects"
      Effect = "Allow"
      Action = [
        "s3:AbortMultipartUpload", "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:GetObject",
        "s3:GetObjectTagging", "s3:GetObjectVersion", "s3:PutObject", "s3:PutObjectTagging",
      ]
      Resource  = [for bucket in local.buckets : "${bucket}/*"]
      Condition = local.own_account
    },
  ]

  ledger_statements = [{
    Sid    = "KeepLedgers"
    Effect = "Allow"
    Action = [
      "dynamodb:BatchGetItem", "dynamodb:CreateTable", "dynamodb:DeleteItem", "dynamodb:DeleteTable",
      "dynamodb:DescribeContinuousBackups", "dynamodb:DescribeTable", "dynamodb:DescribeTimeToLive",
      "dynamodb:GetItem", "dynamodb:ListTagsOfResource", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:Scan",
      "dynamodb:TagResource", "dynamodb:UntagResource", "dynamodb:UpdateContinuousBackups", "dynamodb:UpdateItem",
      "dynamodb:UpdateTable", "dynamodb:UpdateTimeToLive",
    ]
    Resource = local.tables
  }]

  queue_statements = [{
    Sid    = "KeepQueues"
    Effect = "Allow"
    Action = [
      "sqs:CreateQueue", "sqs:DeleteMessage", "sqs:DeleteQueue", "sqs:GetQueueAttributes", "sqs:GetQueueUrl",
      "sqs:ListQueueTags", "sqs:ReceiveMessage", "sqs:SendMessage", "sqs:SetQueueAttributes", "sqs:TagQueue",
      "sqs:UntagQueue",
    ]
    Resource = local.queues
  }]

  # What is done with a key of an environment, its own policy allows (modules/encryption_key).
  key_statements = [
    {
      Sid      = "MakeKeys"
      Effect   = "Allow"
      Action   = ["kms:CreateKey", "kms:TagResource"]
      Resource = ["*"] # a key has no name before it exists
      Condition = {
        Null         = { "aws:ResourceTag/project" = "true" } # no other key is made one of ours by tagging it
        StringEquals = { "aws:RequestTag/project" = var.project, "aws:RequestTag/stack" = "infrastructure" }
      }
    },
    {
      Sid    = "NameKeys"
      Effect = "Allow"
      Action = ["kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"]
      Resource = concat(
        local.keys,
        ["arn:aws:kms:${local._account}:alias/${var.project}-*"],
      )
    },
    {
      Sid      = "FindAliases"
      Effect   = "Allow"
      Action   = ["kms:ListAliases"]
      Resource = ["*"] # offers no narrower resource
    },
  ]
}
