locals {
  _administration = {
    Sid       = "AccountPolicies"
    Effect    = "Allow"
    Principal = { AWS = "arn:aws:iam::${var.account_id}:root" }
    Action    = "kms:*"
    Resource  = "*"
  }

  _log_groups = {
    Sid       = "LogGroups"
    Effect    = "Allow"
    Principal = { Service = "logs.${var.region}.amazonaws.com" }
    Action    = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
    Resource  = "*"
    Condition = { ArnLike = { "kms:EncryptionContext:aws:logs:arn" = var.log_group_arns } }
  }

  # Without this, what is sent to an encrypted topic is dropped without any error. It asks for the key without saying for
  # which account; the topics' own policies do.
  _alarms = {
    Sid       = "Alarms"
    Effect    = "Allow"
    Principal = { Service = "cloudwatch.amazonaws.com" }
    Action    = ["kms:Decrypt", "kms:GenerateDataKey*"]
    Resource  = "*"
  }

  # By name: it takes up to five minutes until a new key's tags count, and making a key goes on at once.
  _keeper = {
    Sid       = "Keeper"
    Effect    = "Allow"
    Principal = { AWS = var.keeper_arn }
    Action = [
      "kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:EnableKeyRotation", "kms:Encrypt", "kms:GenerateDataKey",
      "kms:GenerateDataKeyWithoutPlaintext", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags",
      "kms:PutKeyPolicy", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:ScheduleKeyDeletion", "kms:TagResource",
      "kms:UntagResource", "kms:UpdateKeyDescription",
    ]
    Resource = "*"
  }

  statements = concat(
    [local._administration],
    var.keeper_arn == null ? [] : [local._keeper],
    length(var.log_group_arns) > 0 ? [local._log_groups] : [],
    var.encrypts_topics ? [local._alarms] : [],
  )
}

resource "aws_kms_key" "this" {
  description             = var.description
  deletion_window_in_days = 7
  enable_key_rotation     = true
  policy                  = jsonencode({ Version = "2012-10-17", Statement = local.statements })
}

resource "aws_kms_alias" "this" {
  name          = "alias/${var.name}"
  target_key_id = aws_kms_key.this.key_id
}
