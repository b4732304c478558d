locals {
  _issuer   = "token.actions.githubusercontent.com"
  _subject  = "repo:${var.repository}"
  _branch   = "${local._subject}:ref:refs/heads/${var.branch}"
  _subjects = concat([local._branch], [for name in sort(var.environments) : "${local._subject}:environment:${name}"])
}

resource "aws_iam_openid_connect_provider" "this" {
  url            = "https://${local._issuer}"
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_iam_role" "this" {
  name                 = "${var.project}-github"
  description          = "Runs the deliveries of ${var.project} from the workflows of ${var.repository}"
  max_session_duration = 3600

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Workflows"
      Effect    = "Allow"
      Principal = { Federated = aws_iam_openid_connect_provider.this.arn }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        # Equal, not like: a pattern could be met by a branch or an environment that somebody makes up.
        StringEquals = {
          "${local._issuer}:aud" = "sts.amazonaws.com"
          "${local._issuer}:sub" = local._subjects
        }
      }
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  name = "delivery"
  role = aws_iam_role.this.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "TakeRoles"
      Effect    = "Allow"
      Action    = ["sts:AssumeRole"]
      Resource  = var.role_arns
      Condition = { StringEquals = { "sts:ExternalId" = var.external_id } }
    }]
  })
}
