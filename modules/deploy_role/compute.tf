locals {
  function_statements = [
    {
      Sid    = "KeepFunctions"
      Effect = "Allow"
      Action = [
        "lambda:AddPermission", "lambda:CreateFunction", "lambda:DeleteFunction", "lambda:GetFunction",
        "lambda:GetFunctionCodeSigningConfig", "lambda:GetFunctionConfiguration", "lambda:GetPolicy",
        "lambda:InvokeFunction", "lambda:ListTags", "lambda:ListVersionsByFunction", "lambda:RemovePermission",
        "lambda:TagResource", "lambda:UntagResource", "lambda:UpdateFunctionCode",
        "lambda:UpdateFunctionConfiguration",
      ]
      Resource = local.functions
    },
    {
      Sid    = "KeepMappings"
      Effect = "Allow"
      Action = [
        "lambda:CreateEventSourceMapping", "lambda:DeleteEventSourceMapping", "lambda:UpdateEventSourceMapping",
      ]
      Resource  = ["*"] # the function that a mapping feeds is its scope
      Condition = { ArnLike = { "lambda:FunctionArn" = local.functions } }
    },
    {
      Sid    = "SeeMappings"
      Effect = "Allow"
      Action = [
        "lambda:GetEventSourceMapping", "lambda:ListEventSourceMappings", "lambda:ListTags", "lambda:TagResource",
        "lambda:UntagResource",
      ]
      Resource = ["*"] # mappings have ids, no names
    },
  ]

  glue_statements = [
    {
      Sid    = "KeepJobs"
      Effect = "Allow"
      Action = [
        "glue:BatchStopJobRun", "glue:CreateJob", "glue:DeleteJob", "glue:GetJob", "glue:GetJobRun",
        "glue:GetJobRuns", "glue:GetTags", "glue:StartJobRun", "glue:TagResource", "glue:UntagResource",
        "glue:UpdateJob",
      ]
      Resource = local.jobs
    },
    {
      Sid    = "KeepCatalog"
      Effect = "Allow"
      Action = [
        "glue:BatchDeleteTable", "glue:CreateDatabase", "glue:DeleteDatabase", "glue:DeleteTable",
        "glue:GetDatabase", "glue:GetPartitions", "glue:GetTable", "glue:GetTables", "glue:GetTags",
        "glue:TagResource", "glue:UntagResource", "glue:UpdateDatabase",
      ]
      Resource = concat(local.catalog, local.catalog_functions)
    },
  ]

  role_statements = [
    {
      Sid    = "MakeBoundedRoles"
      Effect = "Allow"
      Action = [
        "iam:CreateRole", "iam:DeleteRolePolicy", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy",
      ]
      Resource  = local.roles
      Condition = { StringEquals = { "iam:PermissionsBoundary" = aws_iam_policy.boundary.arn } }
    },
    {
      Sid    = "KeepRoles"
      Effect = "Allow"
      Action = [
        "iam:DeleteRole", "iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies",
        "iam:ListInstanceProfilesForRole", "iam:ListRolePolicies", "iam:TagRole", "iam:UntagRole",
        "iam:UpdateAssumeRolePolicy", "iam:UpdateRole", "iam:UpdateRoleDescription",
      ]
      Resource = local.roles
    },
    {
      Sid       = "PassRoles"
      Effect    = "Allow"
      Action    = ["iam:PassRole"]
      Resource  = local.roles
      Condition = { StringEquals = { "iam:PassedToService" = ["glue.amazonaws.com", "lambda.amazonaws.com"] } }
    },
  ]
}
