locals {
  _pipelines = ["arn:aws:codepipeline:${local._account}:${var.project}-*"]
  _projects  = ["arn:aws:codebuild:${local._account}:project/${var.project}-*"]
  _artifacts = [module.artifacts.arn, "${module.artifacts.arn}/*"]

  _use_source = [
    {
      Sid      = "UseKey"
      Effect   = "Allow"
      Action   = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"]
      Resource = [module.key.arn]
    },
    {
      Sid      = "UseConnection"
      Effect   = "Allow"
      Action   = ["codestar-connections:UseConnection"]
      Resource = [aws_codestarconnections_connection.repository.arn]
    },
  ]

  # Builds take the source's artifact and leave none.
  build_statements = concat(local._use_source, [
    {
      Sid      = "ReadArtifacts"
      Effect   = "Allow"
      Action   = ["s3:GetBucketAcl", "s3:GetBucketLocation", "s3:GetObject", "s3:GetObjectVersion"]
      Resource = local._artifacts
    },
    {
      Sid      = "WriteLogs"
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = ["${local._log_group}:*"]
    },
  ])

  service_statements = concat(local._use_source, [
    {
      Sid    = "KeepArtifacts"
      Effect = "Allow"
      Action = [
        "s3:GetBucketAcl", "s3:GetBucketLocation", "s3:GetBucketVersioning", "s3:GetObject", "s3:GetObjectTagging",
        "s3:GetObjectVersion", "s3:GetObjectVersionTagging", "s3:PutObject", "s3:PutObjectAcl", "s3:PutObjectTagging",
      ]
      Resource = local._artifacts
    },
    {
      Sid      = "RunBuilds"
      Effect   = "Allow"
      Action   = ["codebuild:BatchGetBuilds", "codebuild:StartBuild"]
      Resource = local._projects
    },
    {
      Sid      = "AskForApproval"
      Effect   = "Allow"
      Action   = ["sns:Publish"]
      Resource = [aws_sns_topic.approvals.arn]
    },
  ])

  delivery_statements = [
    {
      Sid       = "TakeDeliveryRoles"
      Effect    = "Allow"
      Action    = ["sts:AssumeRole"]
      Resource  = var.delivery_role_arns
      Condition = { StringEquals = { "sts:ExternalId" = var.external_id } }
    },
    {
      Sid      = "SeeWhoApproved"
      Effect   = "Allow"
      Action   = ["codepipeline:ListActionExecutions"]
      Resource = local._pipelines
    },
  ]
}
