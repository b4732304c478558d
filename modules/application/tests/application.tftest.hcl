mock_provider "aws" {
  source = "../mocks"
}

variables {
  environment = "dev"
  job_bundle  = "../glue_job/tests/bundles/job-0123456789abcdef"

  contract = {
    account_id            = "111111111111"
    alarm_topic_arn       = "arn:aws:sns:eu-central-1:111111111111:example-dev-alarms"
    assets_bucket         = "example-dev-assets-111111111111-eu-central-1"
    database              = "example_dev"
    dead_letter_queue_url = "https://sqs.eu-central-1.amazonaws.com/111111111111/example-dev-files-dead"
    environment           = "dev"
    glue_role_arn         = "arn:aws:iam::111111111111:role/example-dev-glue"
    input_bucket          = "example-dev-input-111111111111-eu-central-1"
    job_name              = "example-dev-file-processor"
    kms_key_arn           = "arn:aws:kms:eu-central-1:111111111111:key/00000000-0000-4000-8000-000000000000"
    ledger_table          = "example-dev-ledger"
    output_bucket         = "example-dev-output-111111111111-eu-central-1"
    project               = "example"
    queue_url             = "https://sqs.eu-central-1.amazonaws.com/111111111111/example-dev-files"
    region                = "eu-central-1"
    sweep_function        = "example-dev-sweep"
    trigger_function      = "example-dev-trigger"
    version               = 1

    log_groups = {
      glue_error  = "/aws-glue/jobs/example-dev-file-processor/error"
      glue_output = "/aws-glue/jobs/example-dev-file-processor/output"
      sweep       = "/aws/lambda/example-dev-sweep"
      trigger     = "/aws/lambda/example-dev-trigger"
    }
  }
}

run "the_job_is_the_one_that_the_infrastructure_starts" {
  assert {
    condition     = output.job_name == "example-dev-file-processor"
    error_message = "The trigger starts the job by the contract's name."
  }

  assert {
    condition     = output.release == "0123456789abcdef"
    error_message = "The release is the bundle's digest."
  }
}

run "refuses_to_build_on_nothing" {
  command = plan

  variables {
    contract = {}
  }

  expect_failures = [var.contract]
}

run "refuses_a_contract_that_lacks_a_field" {
  command = plan

  variables {
    contract = { version = 1, environment = "dev" }
  }

  expect_failures = [var.contract]
}
