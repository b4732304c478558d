resource "aws_s3_bucket" "this" {
  #checkov:skip=CKV2_AWS_62:Only the input bucket has notifications, and modules/file_trigger makes them
  #checkov:skip=CKV_AWS_18:Who read what is CloudTrail's to record, once for the whole account
  #checkov:skip=CKV_AWS_144:Data stays in its region; versions keep what is overwritten or deleted

  bucket        = var.name
  force_destroy = var.force_destroy
}

resource "aws_s3_bucket_versioning" "this" {
  bucket = aws_s3_bucket.this.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    # One data key per bucket instead of one per object: the KMS bill stays flat under bursts.
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      kms_master_key_id = var.kms_key_arn
      sse_algorithm     = "aws:kms"
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  count = var.lifecycle_enabled ? 1 : 0

  # Rules on old versions need versioning to be on first.
  bucket = aws_s3_bucket_versioning.this.bucket

  rule {
    id     = "abandoned-uploads"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 2
    }
  }

  rule {
    id     = "old-versions"
    status = "Enabled"

    filter {}

    expiration {
      expired_object_delete_marker = true
    }

    noncurrent_version_expiration {
      noncurrent_days = var.noncurrent_version_days
    }
  }

  dynamic "rule" {
    for_each = var.expire_prefixes

    content {
      id     = "expire-${coalesce(trim(rule.key, "_/"), "all")}"
      status = "Enabled"

      filter {
        prefix = rule.key == "" ? null : rule.key # an empty one would come back as none
      }

      expiration {
        days = rule.value
      }
    }
  }
}
