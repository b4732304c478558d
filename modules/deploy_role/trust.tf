locals {
  # The account is the principal and the role is the condition, so that the role may be made after this one.
  _pipeline = {
    Sid       = "Pipeline"
    Effect    = "Allow"
    Principal = { AWS = "arn:aws:iam::${var.pipeline_account_id}:root" }
    Action    = "sts:AssumeRole"
    Condition = {
      ArnEquals    = { "aws:PrincipalArn" = "arn:aws:iam::${var.pipeline_account_id}:role/${var.project}-pipeline" }
      StringEquals = { "sts:ExternalId" = var.external_id }
    }
  }

  _people = {
    Sid       = "PeopleOfTheAccount"
    Effect    = "Allow"
    Principal = { AWS = "arn:aws:iam::${var.account_id}:root" }
    Action    = "sts:AssumeRole"
  }

  trust = concat([local._pipeline], var.people_may_deploy ? [local._people] : [])
}
