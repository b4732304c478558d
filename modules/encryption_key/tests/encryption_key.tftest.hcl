mock_provider "aws" {
  source = "../mocks"
}

variables {
  account_id  = "111111111111"
  description = "Data of example-dev"
  name        = "example-dev"
  region      = "eu-central-1"
}

run "only_the_account_by_default" {
  assert {
    condition     = jsondecode(aws_kms_key.this.policy).Statement[*].Principal == [{ AWS = "arn:aws:iam::111111111111:root" }]
    error_message = "Nobody but the account's own policies may grant the key."
  }

  assert {
    condition     = aws_kms_key.this.enable_key_rotation
    error_message = "The key must rotate."
  }

  assert {
    condition     = aws_kms_alias.this.name == "alias/example-dev"
    error_message = "The alias must be the name."
  }
}

run "logs_within_bounds" {
  variables {
    log_group_arns = ["arn:aws:logs:eu-central-1:111111111111:log-group:/aws/lambda/example-dev-*"]
  }

  assert {
    condition     = jsondecode(aws_kms_key.this.policy).Statement[1].Condition.ArnLike["kms:EncryptionContext:aws:logs:arn"][0] == var.log_group_arns[0]
    error_message = "Logs may use the key for the given groups only."
  }
}

run "alarms_reach_encrypted_topics" {
  variables {
    encrypts_topics = true
  }

  assert {
    condition     = one([for statement in jsondecode(aws_kms_key.this.policy).Statement : !can(statement.Condition) if statement.Principal == { Service = "cloudwatch.amazonaws.com" }])
    error_message = "A condition on what CloudWatch does not say would drop what alarms send."
  }
}

run "its_keeper_waits_for_no_tags" {
  variables {
    keeper_arn = "arn:aws:iam::111111111111:role/example-deploy"
  }

  assert {
    condition = alltrue([
      for action in ["kms:CreateGrant", "kms:EnableKeyRotation", "kms:GenerateDataKey", "kms:GetKeyPolicy", "kms:ReEncryptTo"] :
      contains(one([for statement in jsondecode(aws_kms_key.this.policy).Statement : statement.Action if statement.Principal == { AWS = var.keeper_arn } && !can(statement.Condition)]), action)
    ])
    error_message = "What makes the key goes on to use it at once, long before its tags count."
  }
}
