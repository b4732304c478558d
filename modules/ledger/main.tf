locals {
  # Every index is listed newest first within its shard.
  index_hash_keys = {
    by_dataset = "dataset_shard"
    by_source  = "source_file"
    by_state   = "state_shard"
  }
}

resource "aws_dynamodb_table" "this" {
  name         = var.name
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "file_id"

  dynamic "attribute" {
    for_each = concat(["file_id", "claimed_at"], values(local.index_hash_keys))

    content {
      name = attribute.value
      type = "S"
    }
  }

  dynamic "global_secondary_index" {
    for_each = local.index_hash_keys

    content {
      name            = global_secondary_index.key
      hash_key        = global_secondary_index.value
      range_key       = "claimed_at"
      projection_type = "ALL"
    }
  }

  point_in_time_recovery {
    enabled = true
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = var.kms_key_arn
  }

  ttl {
    attribute_name = "expires_at"
    enabled        = true
  }
}
