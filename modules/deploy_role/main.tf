locals {
  _account = "${var.region}:${var.account_id}"

  # Anybody can take a bucket's name once the bucket is gone; what is written must not end up with them.
  own_account = { StringEqualsIfExists = { "aws:ResourceAccount" = var.account_id } }

  # The parts of an environment that hold or move data; the state bucket is not among them.
  buckets = [
    for part in ["assets", "input", "output"] :
    "arn:aws:s3:::${var.project}-*-${part}-${var.account_id}-${var.region}"
  ]

  alarms     = ["arn:aws:cloudwatch:${local._account}:alarm:${var.project}-*"]
  dashboards = ["arn:aws:cloudwatch::${var.account_id}:dashboard/${var.project}-*"]
  functions  = ["arn:aws:lambda:${local._account}:function:${var.project}-*"]
  jobs       = ["arn:aws:glue:${local._account}:job/${var.project}-*"]
  keys       = ["arn:aws:kms:${local._account}:key/*"]
  queues     = ["arn:aws:sqs:${local._account}:${var.project}-*"]
  roles      = [for part in ["alert", "glue", "trigger"] : "arn:aws:iam::${var.account_id}:role/${var.project}-*-${part}"]
  rules      = ["arn:aws:events:${local._account}:rule/${var.project}-*"]
  topics     = ["arn:aws:sns:${local._account}:${var.project}-*"]
  _tables    = "arn:aws:dynamodb:${local._account}:table/${var.project}-*"
  tables     = [local._tables, "${local._tables}/index/*"]
  _log_group = "arn:aws:logs:${local._account}:log-group"
  log_groups = [
    "${local._log_group}:/aws-glue/jobs/${var.project}-*",
    "${local._log_group}:/aws/events/${var.project}-*",
    "${local._log_group}:/aws/lambda/${var.project}-*",
  ]

  # By their tags, because keys have ids, no names; the key of the state bucket is not among them.
  is_environment_key = {
    StringEquals = { "aws:ResourceTag/project" = var.project, "aws:ResourceTag/stack" = "infrastructure" }
  }

  _database = replace(var.project, "-", "_")
  catalog = [
    "arn:aws:glue:${local._account}:catalog",
    "arn:aws:glue:${local._account}:database/${local._database}_*",
    "arn:aws:glue:${local._account}:table/${local._database}_*/*",
  ]
  # A database takes its functions with it, and is only deleted where that is allowed.
  catalog_functions = ["arn:aws:glue:${local._account}:userDefinedFunction/${local._database}_*/*"]
}

resource "aws_iam_role" "this" {
  name                 = "${var.project}-deploy"
  description          = "Deploys and operates the environments of ${var.project} in this account"
  max_session_duration = 3600

  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = local.trust
  })
}

resource "aws_iam_policy" "this" {
  for_each = local.policies

  name        = "${var.project}-deploy-${each.key}"
  description = "Part of the role ${var.project}-deploy"
  policy      = jsonencode({ Version = "2012-10-17", Statement = each.value })
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each = local.policies

  policy_arn = aws_iam_policy.this[each.key].arn
  role       = aws_iam_role.this.name
}
