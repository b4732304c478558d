# Plans and looks for drift: sees the settings of all that the deploy role keeps, but neither writes anything nor reads
# what files, rows, messages or log lines say.
locals {
  _data_reads = [
    "dynamodb:BatchGetItem", "dynamodb:GetItem", "glue:GetPartitions", "s3:GetObjectVersion",
  ]
  _reads = "^[a-z0-9]+:(BatchGet|Describe|Get|List)"

  _asset_objects = ["arn:aws:s3:::${var.project}-*-assets-${var.account_id}-${var.region}/*"]

  _seen_states = [
    local.find_states,
    {
      Sid      = "SeeStates"
      Effect   = "Allow"
      Action   = ["s3:GetObject"]
      Resource = ["${var.state_bucket_arn}/*/*.tfstate", "${var.state_bucket_arn}/*/*.tfstate.tflock"]
    },
    {
      Sid      = "DecryptStates"
      Effect   = "Allow"
      Action   = ["kms:Decrypt"]
      Resource = [var.state_key_arn]
    },
    {
      Sid      = "SeeAssets"
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:GetObjectTagging"]
      Resource = local._asset_objects
    },
  ]

  _seen_keys = {
    Sid       = "SeeKeys"
    Effect    = "Allow"
    Action    = ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags"]
    Resource  = local.keys
    Condition = local.is_environment_key
  }

  _kept = {
    data    = [for statement in local.policies.data : statement if statement.Sid != "KeepObjects"]
    compute = local.policies.compute
    watch   = local.policies.watch
  }

  _seen = {
    for name, statements in local._kept : name => [
      for statement in statements : merge(statement, {
        Sid = "See${trimprefix(trimprefix(statement.Sid, "See"), "Keep")}"
        Action = [
          for action in statement.Action : action
          if can(regex(local._reads, action)) && !contains(local._data_reads, action)
        ]
      })
    ]
  }

  plan_policies = merge(
    { state = local._seen_states },
    { for name, statements in local._seen : name => [for statement in statements : statement if length(statement.Action) > 0] },
    { keys = [local._seen_keys] },
  )
}

resource "aws_iam_role" "plan" {
  name                 = "${var.project}-plan"
  description          = "Plans changes of ${var.project} in this account and looks for drift; changes nothing"
  max_session_duration = 3600

  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = local.plan_trust
  })
}

resource "aws_iam_policy" "plan" {
  for_each = local.plan_policies

  name        = "${var.project}-plan-${each.key}"
  description = "Part of the role ${var.project}-plan"
  policy      = jsonencode({ Version = "2012-10-17", Statement = each.value })
}

resource "aws_iam_role_policy_attachment" "plan" {
  for_each = local.plan_policies

  policy_arn = aws_iam_policy.plan[each.key].arn
  role       = aws_iam_role.plan.name
}
