mock_provider "aws" {
  source = "../mocks"
}

variables {
  kms_key_arn = "arn:aws:kms:eu-central-1:111111111111:key/00000000-0000-4000-8000-000000000000"
  name        = "example-dev-ledger"
}

run "keys_and_indexes" {
  assert {
    condition     = aws_dynamodb_table.this.hash_key == "file_id"
    error_message = "An item is a file version."
  }

  assert {
    condition = { for index in aws_dynamodb_table.this.global_secondary_index : index.name => [index.hash_key, index.range_key, index.projection_type] } == {
      by_dataset = ["dataset_shard", "claimed_at", "ALL"]
      by_source  = ["source_file", "claimed_at", "ALL"]
      by_state   = ["state_shard", "claimed_at", "ALL"]
    }
    error_message = "The indexes are not those that docs/architecture.md promises."
  }

  assert {
    condition     = toset([for attribute in aws_dynamodb_table.this.attribute : attribute.name]) == toset(["file_id", "claimed_at", "dataset_shard", "source_file", "state_shard"])
    error_message = "Only key attributes may be declared."
  }
}

run "kept_safe_at_no_fixed_cost" {
  assert {
    condition     = aws_dynamodb_table.this.billing_mode == "PAY_PER_REQUEST"
    error_message = "An idle ledger must cost nothing but its bytes."
  }

  assert {
    condition     = one(aws_dynamodb_table.this.point_in_time_recovery).enabled && one(aws_dynamodb_table.this.server_side_encryption).kms_key_arn == var.kms_key_arn
    error_message = "The ledger must be recoverable and encrypted with the given key."
  }

  assert {
    condition     = one(aws_dynamodb_table.this.ttl).attribute_name == "expires_at" && one(aws_dynamodb_table.this.ttl).enabled
    error_message = "Old items must expire."
  }
}
