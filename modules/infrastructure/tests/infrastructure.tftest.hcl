mock_provider "aws" {
  source = "../mocks"
}

variables {
  account_id     = "111111111111"
  environment    = "dev"
  project        = "my-data"
  region         = "eu-central-1"
  trigger_bundle = "../file_trigger/tests/bundles/trigger-0123456789abcdef.zip"
}

run "names_and_contract_follow_the_architecture" {
  assert {
    condition = { for key, value in output.contract : key => value if endswith(key, "_bucket") || contains(["database", "job_name", "ledger_table", "sweep_function", "trigger_function"], key) } == {
      assets_bucket    = "my-data-dev-assets-111111111111-eu-central-1"
      database         = "my_data_dev"
      input_bucket     = "my-data-dev-input-111111111111-eu-central-1"
      job_name         = "my-data-dev-file-processor"
      ledger_table     = "my-data-dev-ledger"
      output_bucket    = "my-data-dev-output-111111111111-eu-central-1"
      sweep_function   = "my-data-dev-sweep"
      trigger_function = "my-data-dev-trigger"
    }
    error_message = "Names are derived by people and programs alike; keep to docs/architecture.md."
  }

  assert {
    condition = output.contract.log_groups == {
      glue_error  = "/aws-glue/jobs/my-data-dev-file-processor/error"
      glue_output = "/aws-glue/jobs/my-data-dev-file-processor/output"
      sweep       = "/aws/lambda/my-data-dev-sweep"
      trigger     = "/aws/lambda/my-data-dev-trigger"
    }
    error_message = "Log groups are found by their names; keep to docs/architecture.md."
  }

  assert {
    condition = keys(output.contract) == [
      "account_id", "alarm_topic_arn", "assets_bucket", "database", "dead_letter_queue_url", "environment",
      "glue_role_arn", "input_bucket", "job_name", "kms_key_arn", "ledger_table", "log_groups", "output_bucket",
      "project", "queue_url", "region", "sweep_function", "trigger_function", "version",
    ]
    error_message = "The contract has other fields than docs/architecture.md promises."
  }

  assert {
    condition     = alltrue([for value in values(output.contract) : value != null]) && output.contract.version == 1
    error_message = "Every field of the contract must have a value."
  }
}

run "only_what_can_be_built_again_is_deleted_with_the_stack" {
  command = plan

  assert {
    condition     = [for name, bucket in local.buckets : name if bucket.rebuildable] == ["assets"]
    error_message = "Destroying the stack must not delete people's data."
  }
}

run "left_overs_and_rejected_rows_expire" {
  command = plan

  variables {
    quarantine_retention_days = 45
  }

  assert {
    condition     = local.buckets.output.expire_prefixes == { "_quarantine/" = 45, "_staging/" = 2 } && local.buckets.input.expire_prefixes == {}
    error_message = "Tables and uploads are kept, the rest expires."
  }
}

run "refuses_values_that_aws_would_refuse_or_regret" {
  command = plan

  variables {
    account_id                = "1111"
    environment               = "Dev_1"
    log_retention_days        = 31
    quarantine_retention_days = 0
    region                    = "us-gov-west-1"
  }

  expect_failures = [var.account_id, var.environment, var.log_retention_days, var.quarantine_retention_days, var.region]
}

run "refuses_a_project_that_would_not_fit_a_name" {
  command = plan

  variables {
    project = "My Data"
  }

  expect_failures = [var.project]
}

run "refuses_a_project_too_long_for_bucket_names" {
  command = plan

  variables {
    project = "my-data-and-all-that-is-much-longer"
  }

  expect_failures = [var.project]
}
