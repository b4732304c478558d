locals {
  # service: what takes the role; statements: what it may do with it.
  roles = {
    build = {
      description = "Builds and tests ${var.project}: reads the sources, writes logs, and nothing else"
      service     = "codebuild.amazonaws.com"
      statements  = local.build_statements
    }
    execution = {
      description = "Runs the deliveries of ${var.project}: takes the deploy role of each account"
      service     = "codebuild.amazonaws.com"
      statements  = concat(local.build_statements, local.delivery_statements, local.update_statements)
    }
    service = {
      description = "Moves ${var.project} through the stages of its pipelines"
      service     = "codepipeline.amazonaws.com"
      statements  = local.service_statements
    }
  }

  # A condition on what a service does not say would keep it out; CodePipeline does not promise to say it.
  _says_for_whom   = ["codebuild.amazonaws.com"]
  _for_the_account = { Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } } }

  # The name of the execution role is what the deploy roles trust; see docs/architecture.md.
  _suffixes = { build = "-build", execution = "", service = "-service" }
}

resource "aws_iam_role" "this" {
  for_each = local.roles

  name        = "${local.prefix}${local._suffixes[each.key]}"
  description = each.value.description

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [merge(
      { Effect = "Allow", Principal = { Service = each.value.service }, Action = "sts:AssumeRole" },
      { for name, condition in local._for_the_account : name => condition if contains(local._says_for_whom, each.value.service) },
    )]
  })
}

resource "aws_iam_role_policy" "this" {
  for_each = local.roles

  name   = "delivery"
  role   = aws_iam_role.this[each.key].name
  policy = jsonencode({ Version = "2012-10-17", Statement = each.value.statements })
}
