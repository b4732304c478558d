mock_provider "aws" {
  source = "../mocks"
}

variables {
  account_id          = "222222222222"
  external_id         = "example"
  people_may_deploy   = false
  pipeline_account_id = "111111111111"
  project             = "example"
  region              = "eu-central-1"
  state_bucket_arn    = "arn:aws:s3:::example-dev-state-222222222222-eu-central-1"
  state_key_arn       = "arn:aws:kms:eu-central-1:222222222222:key/00000000-0000-4000-8000-000000000000"
}

run "the_pipeline_alone_may_take_the_role" {
  assert {
    condition = jsondecode(aws_iam_role.this.assume_role_policy).Statement == [{
      Sid       = "Pipeline"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::111111111111:root" }
      Action    = "sts:AssumeRole"
      Condition = {
        ArnEquals    = { "aws:PrincipalArn" = "arn:aws:iam::111111111111:role/example-pipeline" }
        StringEquals = { "sts:ExternalId" = "example" }
      }
    }]
    error_message = "Only the pipeline's role, giving the external id, may take the role."
  }
}

run "people_may_be_let_in" {
  variables {
    people_may_deploy = true
  }

  assert {
    condition     = jsondecode(aws_iam_role.this.assume_role_policy).Statement[1].Principal == { AWS = "arn:aws:iam::222222222222:root" }
    error_message = "People of this account, and of no other, must be let in."
  }
}

run "no_statement_allows_everything" {
  assert {
    condition     = alltrue(flatten([for statements in local.policies : [for statement in statements : [for action in statement.Action : !strcontains(action, "*")]]]))
    error_message = "Every action must be spelt out."
  }

  assert {
    condition = toset(flatten([for statements in local.policies : [for statement in statements : statement.Sid if contains(statement.Resource, "*")]])) == toset([
      "FindAliases", "FindLogGroups", "KeepMappings", "MakeKeys", "SeeMappings", "SeeMetrics", "SumUpAlarms",
    ])
    error_message = "A statement without a resource of its own has to be reviewed and listed here."
  }
}

run "roles_are_passed_and_made_within_bounds" {
  assert {
    condition = [for statement in local.policies.compute : statement if contains(statement.Action, "iam:PassRole")] == [{
      Sid       = "PassRoles"
      Effect    = "Allow"
      Action    = ["iam:PassRole"]
      Resource  = ["arn:aws:iam::222222222222:role/example-*-glue", "arn:aws:iam::222222222222:role/example-*-trigger"]
      Condition = { StringEquals = { "iam:PassedToService" = ["glue.amazonaws.com", "lambda.amazonaws.com"] } }
    }]
    error_message = "Only the job's and the functions' roles may be passed, to their services."
  }

  assert {
    condition = alltrue([
      for statement in local.policies.compute :
      statement.Condition.StringEquals["iam:PermissionsBoundary"] == aws_iam_policy.boundary.arn
      if contains(statement.Action, "iam:CreateRole") || contains(statement.Action, "iam:PutRolePolicy")
    ])
    error_message = "A role may only be made or widened under the boundary."
  }
}

run "the_state_bucket_is_no_data_bucket" {
  assert {
    condition     = alltrue([for bucket in local.buckets : !strcontains(bucket, "state")])
    error_message = "States must be reachable through the state policy only."
  }
}

run "policies_fit" {
  assert {
    condition     = alltrue([for policy in aws_iam_policy.this : length(replace(policy.policy, " ", "")) <= 6144])
    error_message = "IAM takes 6144 characters in a managed policy."
  }
}
