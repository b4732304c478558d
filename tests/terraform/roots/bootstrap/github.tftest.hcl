mock_provider "aws" {
  source = "../../modules/mocks"
}

# The bucket is imported, which a mocked provider cannot do.
override_resource {
  target = module.state_bucket.aws_s3_bucket.this
  values = { arn = "arn:aws:s3:::example-pipeline-state-111111111111-eu-central-1" }
}

variables {
  account             = "pipeline"
  account_id          = "111111111111"
  delivery_role_arns  = ["arn:aws:iam::222222222222:role/example-deploy"]
  github              = { branch = "main", environments = ["dev", "prod"], repository = "owner/name" }
  pipeline_account_id = "111111111111"
  project             = "example"
  region              = "eu-central-1"
}

run "the_pipeline_account_gets_the_workflows_role" {
  assert {
    condition     = output.github_role_arn != null
    error_message = "The workflows need a role to begin with."
  }
}

run "the_other_accounts_only_trust_it" {
  variables {
    account    = "dev"
    account_id = "222222222222"
  }

  override_resource {
    target = module.state_bucket.aws_s3_bucket.this
    values = { arn = "arn:aws:s3:::example-dev-state-222222222222-eu-central-1" }
  }

  assert {
    condition     = output.github_role_arn == null && contains(local.pipeline_roles, "example-github")
    error_message = "The deploy role must trust the workflows' role, which stands in the pipeline account."
  }
}

run "without_workflows_nobody_trusts_them" {
  variables {
    github = null
  }

  assert {
    condition     = output.github_role_arn == null && local.pipeline_roles == ["example-pipeline"]
    error_message = "A role that does not exist must not be trusted: somebody else could make it."
  }
}
