# What the pipelines need to update themselves. They read their roles and cannot change them: a commit must not be able
# to widen what commits can do, so a change of these roles takes a person (gluepipe pipeline apply).
locals {
  _role_arns     = [for suffix in values(local._suffixes) : "arn:aws:iam::${var.account_id}:role/${local.prefix}${suffix}"]
  _state_objects = [for name in ["pipeline.tfstate", "pipeline.tfstate.tflock"] : "arn:aws:s3:::${var.state_bucket}/${name}"]

  update_statements = [
    {
      Sid      = "FindState"
      Effect   = "Allow"
      Action   = ["s3:ListBucket"]
      Resource = ["arn:aws:s3:::${var.state_bucket}"]
    },
    {
      Sid      = "KeepState"
      Effect   = "Allow"
      Action   = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
      Resource = local._state_objects
    },
    {
      Sid       = "UseStateKey"
      Effect    = "Allow"
      Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource  = ["arn:aws:kms:${local._account}:key/*"]
      Condition = { "ForAnyValue:StringEquals" = { "kms:ResourceAliases" = "alias/${var.project}-state" } }
    },
    {
      Sid    = "KeepPipelines"
      Effect = "Allow"
      Action = [
        "codepipeline:GetPipeline", "codepipeline:GetPipelineState", "codepipeline:ListTagsForResource",
        "codepipeline:StartPipelineExecution", "codepipeline:StopPipelineExecution", "codepipeline:TagResource",
        "codepipeline:UpdatePipeline",
      ]
      Resource = local._pipelines
    },
    {
      Sid    = "KeepProjects"
      Effect = "Allow"
      Action = [
        "codebuild:BatchGetProjects", "codebuild:CreateProject", "codebuild:DeleteProject", "codebuild:UpdateProject",
      ]
      Resource = local._projects
    },
    {
      Sid    = "SeeKeyAndBucket"
      Effect = "Allow"
      Action = [
        "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags",
        "s3:GetAccelerateConfiguration", "s3:GetBucketCORS", "s3:GetBucketLogging",
        "s3:GetBucketObjectLockConfiguration", "s3:GetBucketOwnershipControls", "s3:GetBucketPolicy",
        "s3:GetBucketPublicAccessBlock", "s3:GetBucketRequestPayment", "s3:GetBucketTagging",
        "s3:GetBucketVersioning", "s3:GetBucketWebsite", "s3:GetEncryptionConfiguration",
        "s3:GetLifecycleConfiguration", "s3:GetReplicationConfiguration", "s3:ListBucket", "s3:ListTagsForResource",
      ]
      Resource = [module.artifacts.arn, module.key.arn]
    },
    {
      Sid      = "SeeConnection"
      Effect   = "Allow"
      Action   = ["codestar-connections:GetConnection", "codestar-connections:ListTagsForResource"]
      Resource = [aws_codestarconnections_connection.repository.arn]
    },
    {
      Sid      = "SeeRoles"
      Effect   = "Allow"
      Action   = ["iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"]
      Resource = local._role_arns
    },
    {
      Sid      = "SeeLogGroups"
      Effect   = "Allow"
      Action   = ["logs:ListTagsForResource"]
      Resource = [local._log_group]
    },
    {
      Sid      = "SeeTopic"
      Effect   = "Allow"
      Action   = ["sns:GetTopicAttributes", "sns:ListTagsForResource"]
      Resource = [aws_sns_topic.approvals.arn]
    },
    {
      Sid      = "FindByName"
      Effect   = "Allow"
      Action   = ["kms:ListAliases", "logs:DescribeLogGroups", "sns:GetSubscriptionAttributes"]
      Resource = ["*"] # offer no narrower resource
    },
    {
      Sid       = "PassConnection"
      Effect    = "Allow"
      Action    = ["codestar-connections:PassConnection"]
      Resource  = [aws_codestarconnections_connection.repository.arn]
      Condition = { StringEquals = { "codestar-connections:PassedToService" = "codepipeline.amazonaws.com" } }
    },
    {
      Sid       = "PassRoles"
      Effect    = "Allow"
      Action    = ["iam:PassRole"]
      Resource  = local._role_arns
      Condition = { StringEquals = { "iam:PassedToService" = ["codebuild.amazonaws.com", "codepipeline.amazonaws.com"] } }
    },
  ]
}
