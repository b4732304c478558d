locals {
  _pipeline_roles = [for name in sort(var.pipeline_roles) : "arn:aws:iam::${var.pipeline_account_id}:role/${name}"]

  # The account is the principal and the roles are the condition, so that they may be made after this one.
  _pipeline = {
    Sid       = "Pipeline"
    Effect    = "Allow"
    Principal = { AWS = "arn:aws:iam::${var.pipeline_account_id}:root" }
    Action    = "sts:AssumeRole"
    Condition = {
      ArnEquals    = { "aws:PrincipalArn" = local._pipeline_roles }
      StringEquals = { "sts:ExternalId" = var.external_id }
    }
  }

  _people = {
    Sid       = "PeopleOfTheAccount"
    Effect    = "Allow"
    Principal = { AWS = "arn:aws:iam::${var.account_id}:root" }
    Action    = "sts:AssumeRole"
  }

  trust      = concat([local._pipeline], var.people_may_deploy ? [local._people] : [])
  plan_trust = concat([local._pipeline], var.people_may_plan ? [local._people] : [])
}
