mock_provider "aws" {
  source = "../../modules/mocks"
}

# The bucket is imported, which a mocked provider cannot do.
override_resource {
  target = module.state_bucket.aws_s3_bucket.this
  values = { arn = "arn:aws:s3:::example-dev-state-222222222222-eu-central-1" }
}

variables {
  account             = "dev"
  account_id          = "222222222222"
  pipeline_account_id = "111111111111"
  project             = "example"
  region              = "eu-central-1"
}

run "prepares_the_account" {
  assert {
    condition     = output.state_bucket == "example-dev-state-222222222222-eu-central-1"
    error_message = "The state bucket is found by its name; keep to docs/architecture.md."
  }

  assert {
    condition     = output.deploy_role_arn != null && output.permissions_boundary_arn != null
    error_message = "The account needs a deploy role and a boundary."
  }
}

run "makes_no_roles_where_nothing_is_deployed" {
  variables {
    holds_environments = false
  }

  assert {
    condition     = output.deploy_role_arn == null && output.plan_role_arn == null && output.permissions_boundary_arn == null
    error_message = "A deploy role that nobody needs is one that somebody may misuse."
  }
}

run "refuses_values_that_aws_would_refuse_or_regret" {
  command = plan

  variables {
    account             = "Dev_1"
    account_id          = "dev"
    pipeline_account_id = ""
    project             = "Example"
    region              = "cn-north-1"
  }

  expect_failures = [var.account, var.account_id, var.pipeline_account_id, var.project, var.region]
}
