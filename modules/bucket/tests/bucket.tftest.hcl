mock_provider "aws" {
  source = "../mocks"
}

variables {
  account_id  = "111111111111"
  kms_key_arn = "arn:aws:kms:eu-central-1:111111111111:key/00000000-0000-4000-8000-000000000000"
  name        = "example-dev-output-111111111111-eu-central-1"
}

run "nobody_else_and_nothing_of_theirs_gets_in" {
  assert {
    condition     = alltrue([for statement in jsondecode(aws_s3_bucket_policy.this.policy).Statement : statement.Effect == "Deny" && statement.Principal == "*"])
    error_message = "The policy must take away and grant nothing."
  }

  assert {
    condition = { for statement in jsondecode(aws_s3_bucket_policy.this.policy).Statement : statement.Sid => statement.Condition } == {
      TlsOnly = { Bool = { "aws:SecureTransport" = "false" } }
      OwnAccountOnly = {
        BoolIfExists    = { "aws:PrincipalIsAWSService" = "false" }
        StringNotEquals = { "aws:PrincipalAccount" = "111111111111" }
      }
      OwnKeyOnly = {
        ArnNotEquals = { "s3:x-amz-server-side-encryption-aws-kms-key-id" = var.kms_key_arn }
        Null         = { "s3:x-amz-server-side-encryption-aws-kms-key-id" = "false" }
      }
      NoKeysFromOutside = { Null = { "s3:x-amz-server-side-encryption-customer-algorithm" = "false" } }
    }
    error_message = "Denied must be: no TLS, another account, another key, a key that the caller brings."
  }
}

run "closed_encrypted_and_versioned" {
  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.this.block_public_acls,
      aws_s3_bucket_public_access_block.this.block_public_policy,
      aws_s3_bucket_public_access_block.this.ignore_public_acls,
      aws_s3_bucket_public_access_block.this.restrict_public_buckets,
    ])
    error_message = "Every kind of public access must be blocked."
  }

  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default).kms_master_key_id == var.kms_key_arn
    error_message = "Objects must be encrypted with the given key."
  }

  assert {
    condition     = one(aws_s3_bucket_versioning.this.versioning_configuration).status == "Enabled"
    error_message = "Versioning must be on."
  }

  assert {
    condition     = one(aws_s3_bucket_ownership_controls.this.rule).object_ownership == "BucketOwnerEnforced"
    error_message = "The bucket must own its objects."
  }

  assert {
    condition     = aws_s3_bucket.this.force_destroy == false
    error_message = "Destroying must not delete objects unless told to."
  }
}

run "rules_expire_prefixes_and_leftovers" {
  variables {
    expire_prefixes = { "" = 30, "_staging/" = 2 }
  }

  assert {
    condition     = toset(aws_s3_bucket_lifecycle_configuration.this[0].rule[*].id) == toset(["abandoned-uploads", "old-versions", "expire-all", "expire-staging"])
    error_message = "Expected the two rules of every bucket and one for the prefix."
  }

  assert {
    condition     = one([for rule in aws_s3_bucket_lifecycle_configuration.this[0].rule : "${one(rule.filter).prefix} ${one(rule.expiration).days}" if rule.id == "expire-staging"]) == "_staging/ 2"
    error_message = "The prefix must expire after its days."
  }

  assert {
    condition     = one([for rule in aws_s3_bucket_lifecycle_configuration.this[0].rule : one(rule.filter).prefix == null && one(rule.expiration).days == 30 if rule.id == "expire-all"])
    error_message = "The provider reads an empty prefix back as none, and every plan would change it."
  }
}

run "rules_can_be_left_out" {
  variables {
    lifecycle_enabled = false
  }

  assert {
    condition     = length(aws_s3_bucket_lifecycle_configuration.this) == 0
    error_message = "No lifecycle rules were asked for."
  }
}

run "refuses_values_that_aws_would_refuse_or_regret" {
  command = plan

  variables {
    name                    = "Example_Bucket"
    expire_prefixes         = { "_staging/" = 0 }
    noncurrent_version_days = 0
  }

  expect_failures = [var.name, var.expire_prefixes, var.noncurrent_version_days]
}
