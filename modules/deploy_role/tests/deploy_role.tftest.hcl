mock_provider "aws" {
  source = "../mocks"
}

variables {
  account_id          = "222222222222"
  external_id         = "example"
  people_may_deploy   = false
  pipeline_account_id = "111111111111"
  pipeline_roles      = ["example-pipeline"]
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
        ArnEquals    = { "aws:PrincipalArn" = ["arn:aws:iam::111111111111:role/example-pipeline"] }
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

run "people_may_plan_where_they_may_not_deploy" {
  assert {
    condition     = [for statement in jsondecode(aws_iam_role.plan.assume_role_policy).Statement : statement.Sid] == ["Pipeline", "PeopleOfTheAccount"]
    error_message = "The plan role must be open to the pipeline and to people of the account."
  }

  assert {
    condition     = jsondecode(aws_iam_role.plan.assume_role_policy).Statement[0] == jsondecode(aws_iam_role.this.assume_role_policy).Statement[0]
    error_message = "The pipeline must take the plan role as it takes the deploy role, with the external id."
  }
}

run "nobody_but_the_pipeline_may_plan_where_people_are_kept_out" {
  variables {
    people_may_plan = false
  }

  assert {
    condition     = [for statement in jsondecode(aws_iam_role.plan.assume_role_policy).Statement : statement.Sid] == ["Pipeline"]
    error_message = "People must be kept out of the plan role too."
  }
}

run "the_plan_role_reads_and_no_more" {
  assert {
    condition = alltrue(flatten([
      for statements in local.plan_policies : [
        for statement in statements : [
          for action in statement.Action : can(regex("^[a-z0-9]+:(BatchGet|Describe|Get|List)[A-Z]?", action)) || action == "kms:Decrypt"
        ]
      ]
    ]))
    error_message = "The plan role must not be able to write, not even a lock."
  }

  assert {
    condition = alltrue(flatten([
      for statements in local.plan_policies : [
        for statement in statements : [
          for resource in statement.Resource : strcontains(resource, "-assets-") || strcontains(resource, "-state-")
        ] if contains(statement.Action, "s3:GetObject")
      ]
    ]))
    error_message = "The plan role must read no object of the input and output buckets."
  }

  assert {
    condition = length(setintersection(
      flatten([for statements in local.plan_policies : [for statement in statements : statement.Action]]),
      ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan", "logs:FilterLogEvents", "logs:GetLogEvents", "sqs:ReceiveMessage"],
    )) == 0
    error_message = "The plan role must read no ledger items, messages or log lines."
  }

  assert {
    condition     = alltrue([for policy in aws_iam_policy.plan : length(replace(policy.policy, " ", "")) <= 6144])
    error_message = "IAM takes 6144 characters in a managed policy."
  }
}

run "the_key_of_the_states_is_used_and_not_kept" {
  assert {
    condition = alltrue([
      for statement in local.key_statements : try(
        statement.Condition.StringEquals["aws:ResourceTag/stack"],
        statement.Condition.StringEquals["aws:RequestTag/stack"],
      ) == "infrastructure" if statement.Sid == "MakeKeys"
    ])
    error_message = "The deploy role must change keys of environments only."
  }
}

run "no_statement_allows_everything" {
  assert {
    condition     = alltrue(flatten([for statements in local.policies : [for statement in statements : [for action in statement.Action : !strcontains(action, "*")]]]))
    error_message = "Every action must be spelt out."
  }

  assert {
    condition = toset(flatten([for statements in local.policies : [for statement in statements : statement.Sid if contains(statement.Resource, "*")]])) == toset([
      "FindAliases", "FindLogGroups", "KeepMappings", "KeepSubscriptions", "LetEventsBeLogged", "MakeKeys", "SeeMappings", "SeeMetrics", "SumUpAlarms",
    ])
    error_message = "A statement without a resource of its own has to be reviewed and listed here."
  }
}

run "a_bucket_that_somebody_else_took_gets_nothing" {
  assert {
    condition = alltrue([
      for statement in concat(local.policies.data, local.policies.state, jsondecode(aws_iam_policy.boundary.policy).Statement) :
      statement.Condition.StringEqualsIfExists["aws:ResourceAccount"] == "222222222222"
      if contains(statement.Action, "s3:PutObject")
    ])
    error_message = "Objects may only be written to buckets of the account."
  }
}

run "roles_are_passed_and_made_within_bounds" {
  assert {
    condition = [for statement in local.policies.compute : statement if contains(statement.Action, "iam:PassRole")] == [{
      Sid       = "PassRoles"
      Effect    = "Allow"
      Action    = ["iam:PassRole"]
      Resource  = ["arn:aws:iam::222222222222:role/example-*-alert", "arn:aws:iam::222222222222:role/example-*-glue", "arn:aws:iam::222222222222:role/example-*-trigger"]
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
