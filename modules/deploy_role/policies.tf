locals {
  find_states = {
    Sid      = "FindStates"
    Effect   = "Allow"
    Action   = ["s3:GetBucketVersioning", "s3:ListBucket"]
    Resource = [var.state_bucket_arn]
  }

  policies = {
    state = [
      local.find_states,
      {
        Sid       = "KeepStates"
        Effect    = "Allow"
        Action    = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
        Resource  = ["${var.state_bucket_arn}/*/*.tfstate", "${var.state_bucket_arn}/*/*.tfstate.tflock"]
        Condition = local.own_account
      },
      {
        Sid    = "KeepReleases"
        Effect = "Allow"
        Action = ["s3:GetObject", "s3:PutObject"]
        Resource = [
          for folder in ["bundles", "plans", "releases"] : "${var.state_bucket_arn}/${folder}/*"
        ]
        Condition = local.own_account
      },
      {
        Sid      = "UseStateKey"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = [var.state_key_arn]
      },
    ]
    data    = concat(local.bucket_statements, local.ledger_statements, local.queue_statements, local.key_statements)
    compute = concat(local.function_statements, local.glue_statements, local.role_statements)
    watch   = concat(local.log_statements, local.alarm_statements, local.rule_statements)
  }
}
