mock_provider "aws" {
  source = "../mocks"
}

variables {
  account_id         = "111111111111"
  delivery_role_arns = ["arn:aws:iam::222222222222:role/example-deploy", "arn:aws:iam::333333333333:role/example-deploy"]
  external_id        = "example"
  project            = "example"
  region             = "eu-central-1"
  state_bucket       = "example-pipeline-state-111111111111-eu-central-1"
}

run "the_execution_role_is_the_one_that_deploy_roles_trust" {
  assert {
    condition     = aws_iam_role.this["execution"].name == "example-pipeline"
    error_message = "modules/deploy_role trusts {project}-pipeline."
  }

  assert {
    condition = contains(jsondecode(aws_iam_role_policy.this["execution"].policy).Statement, {
      Sid       = "TakeDeliveryRoles"
      Effect    = "Allow"
      Action    = ["sts:AssumeRole"]
      Resource  = ["arn:aws:iam::222222222222:role/example-deploy", "arn:aws:iam::333333333333:role/example-deploy"]
      Condition = { StringEquals = { "sts:ExternalId" = "example" } }
    })
    error_message = "The execution role takes the deploy roles, with the external id, and no other role."
  }
}

run "only_the_execution_role_takes_deploy_roles" {
  assert {
    condition     = alltrue([for name, policy in aws_iam_role_policy.this : strcontains(policy.policy, "sts:AssumeRole") == (name == "execution")])
    error_message = "Builds and the service must not be able to deploy."
  }
}

run "services_take_roles_for_this_account" {
  assert {
    condition     = { for name, role in aws_iam_role.this : name => try(jsondecode(role.assume_role_policy).Statement[0].Condition.StringEquals["aws:SourceAccount"], "") } == { build = "111111111111", execution = "111111111111", service = "" }
    error_message = "CodeBuild says for whom it takes a role; CodePipeline would be kept out by a condition on that."
  }
}

run "nothing_can_widen_its_own_rights" {
  assert {
    condition = alltrue(flatten([for policy in aws_iam_role_policy.this : [
      for statement in jsondecode(policy.policy).Statement : [
        for action in statement.Action : !strcontains(action, "*") && !can(regex("^iam:(Put|Attach|Create|Update|Delete)", action))
      ]
    ]]))
    error_message = "No role of the pipelines may change roles, and every action must be spelt out."
  }
}

run "approvers_are_told_over_an_encrypted_topic" {
  variables {
    approver_emails = ["lead@example.com"]
  }

  assert {
    condition     = aws_sns_topic.approvals.kms_master_key_id == output.kms_key_arn && keys(aws_sns_topic_subscription.approver) == ["lead@example.com"]
    error_message = "Approvals go to the given addresses, encrypted."
  }
}

run "refuses_what_is_no_address" {
  command = plan

  variables {
    approver_emails = ["lead"]
  }

  expect_failures = [var.approver_emails]
}
