mock_provider "aws" {
  source = "../mocks"
}

variables {
  account_id               = "111111111111"
  assets_bucket_arn        = "arn:aws:s3:::example-dev-assets"
  database                 = "example_dev"
  input_bucket_arn         = "arn:aws:s3:::example-dev-input"
  job_name                 = "example-dev-file-processor"
  kms_key_arn              = "arn:aws:kms:eu-central-1:111111111111:key/00000000-0000-4000-8000-000000000000"
  ledger_arn               = "arn:aws:dynamodb:eu-central-1:111111111111:table/example-dev-ledger"
  log_retention_days       = 14
  name                     = "example-dev-glue"
  output_bucket_arn        = "arn:aws:s3:::example-dev-output"
  permissions_boundary_arn = "arn:aws:iam::111111111111:policy/example-boundary"
  region                   = "eu-central-1"
}

run "glue_alone_takes_the_role" {
  assert {
    condition     = jsondecode(aws_iam_role.this.assume_role_policy).Statement[*].Principal == [{ Service = "glue.amazonaws.com" }]
    error_message = "Only Glue may take the role."
  }

  assert {
    condition     = !strcontains(aws_iam_role.this.assume_role_policy, "Condition")
    error_message = "A condition on what Glue does not say would keep it out."
  }

  assert {
    condition     = aws_iam_role.this.permissions_boundary == var.permissions_boundary_arn
    error_message = "The role must be bounded."
  }
}

run "writes_to_the_output_only" {
  assert {
    condition = alltrue([
      for statement in jsondecode(aws_iam_role_policy.this.policy).Statement :
      statement.Resource == ["arn:aws:s3:::example-dev-output/*"]
      if contains(statement.Action, "s3:PutObject") || contains(statement.Action, "s3:DeleteObject")
    ])
    error_message = "Objects may be written to the output bucket only."
  }

  assert {
    condition = alltrue([
      for statement in jsondecode(aws_iam_role_policy.this.policy).Statement :
      !contains(statement.Resource, "*") || can(statement.Condition) if statement.Effect == "Allow"
    ])
    error_message = "What has no narrower resource needs a condition."
  }
}

run "logs_where_the_job_writes" {
  assert {
    condition     = { for name, group in aws_cloudwatch_log_group.this : name => group.name } == { error = "/aws-glue/jobs/example-dev-file-processor/error", output = "/aws-glue/jobs/example-dev-file-processor/output" }
    error_message = "Glue writes to {prefix}/output and {prefix}/error."
  }

  assert {
    condition     = alltrue([for group in aws_cloudwatch_log_group.this : group.retention_in_days == 14 && group.kms_key_id == var.kms_key_arn])
    error_message = "Log lines must be encrypted and expire."
  }
}
