mock_provider "aws" {
  source = "../mocks"
}

variables {
  branch       = "main"
  environments = ["prod", "dev"]
  external_id  = "example"
  project      = "example"
  repository   = "owner/name"
  role_arns    = ["arn:aws:iam::222222222222:role/example-deploy"]
}

run "only_this_branch_and_these_environments_may_take_the_role" {
  assert {
    condition = jsondecode(aws_iam_role.this.assume_role_policy).Statement[0].Condition == {
      StringEquals = {
        "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
        "token.actions.githubusercontent.com:sub" = [
          "repo:owner/name:ref:refs/heads/main", "repo:owner/name:environment:dev", "repo:owner/name:environment:prod",
        ]
      }
    }
    error_message = "Neither another repository nor another branch or environment may get in."
  }

  assert {
    condition     = length(jsondecode(aws_iam_role.this.assume_role_policy).Statement) == 1
    error_message = "Nobody else may take the role."
  }
}

run "it_may_take_the_given_roles_and_nothing_else" {
  assert {
    condition = jsondecode(aws_iam_role_policy.this.policy).Statement == [{
      Sid       = "TakeRoles"
      Effect    = "Allow"
      Action    = ["sts:AssumeRole"]
      Resource  = ["arn:aws:iam::222222222222:role/example-deploy"]
      Condition = { StringEquals = { "sts:ExternalId" = "example" } }
    }]
    error_message = "The workflows must act through the roles of each account."
  }
}

run "wildcards_are_refused" {
  command = plan

  variables {
    branch     = "*"
    repository = "owner/*"
  }

  expect_failures = [var.branch, var.repository]
}
