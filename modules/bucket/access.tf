resource "aws_s3_bucket_ownership_controls" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_public_access_block" "this" {
  bucket = aws_s3_bucket.this.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

locals {
  _objects = "${aws_s3_bucket.this.arn}/*"
  _all     = { Effect = "Deny", Principal = "*", Action = "s3:*", Resource = [aws_s3_bucket.this.arn, local._objects] }
  _writes  = { Effect = "Deny", Principal = "*", Action = "s3:PutObject", Resource = [local._objects] }

  _key_named          = "s3:x-amz-server-side-encryption-aws-kms-key-id"
  _customer_algorithm = "s3:x-amz-server-side-encryption-customer-algorithm"

  denials = [
    merge(local._all, {
      Sid       = "TlsOnly"
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }),
    # Whatever else a statement, an access point or a key may come to allow. Services act for this account alone,
    # because nothing here allows them anything.
    merge(local._all, {
      Sid = "OwnAccountOnly"
      Condition = {
        BoolIfExists    = { "aws:PrincipalIsAWSService" = "false" }
        StringNotEquals = { "aws:PrincipalAccount" = var.account_id }
      }
    }),
    # An object under another's key is one that we cannot read, and that its owner can take away.
    merge(local._writes, {
      Sid = "OwnKeyOnly"
      Condition = {
        Null         = { (local._key_named) = "false" }
        ArnNotEquals = { (local._key_named) = var.kms_key_arn }
      }
    }),
    merge(local._writes, {
      Sid       = "NoKeysFromOutside"
      Condition = { Null = { (local._customer_algorithm) = "false" } }
    }),
  ]
}

resource "aws_s3_bucket_policy" "this" {
  # S3 refuses a policy while the public access block is being changed.
  bucket = aws_s3_bucket_public_access_block.this.bucket
  policy = jsonencode({ Version = "2012-10-17", Statement = local.denials })
}
