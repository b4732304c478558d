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

run "refuses_an_account_that_would_not_fit_a_name" {
  command = plan

  variables {
    account = "Dev_1"
  }

  expect_failures = [var.account]
}

run "refuses_what_is_no_account" {
  command = plan

  variables {
    account_id = "dev"
  }

  expect_failures = [var.account_id]
}

run "refuses_what_is_no_pipeline_account" {
  command = plan

  variables {
    pipeline_account_id = ""
  }

  expect_failures = [var.pipeline_account_id]
}

run "refuses_a_project_that_would_not_fit_a_name" {
  command = plan

  variables {
    project = "Example"
  }

  expect_failures = [var.project]
}

run "refuses_a_region_outside_the_standard_partition" {
  command = plan

  variables {
    region = "cn-north-1"
  }

  expect_failures = [var.region]
}
