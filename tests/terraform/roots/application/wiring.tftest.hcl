mock_provider "aws" {
  source = "../../../modules/mocks"
}

override_data {
  target = data.aws_s3_objects.state
  values = { keys = ["dev/infrastructure.tfstate", "dev/infrastructure.tfstate.tflock"] }
}

override_data {
  target = data.terraform_remote_state.infrastructure
  values = {
    outputs = {
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
  }
}

variables {
  account_id   = "111111111111"
  environment  = "dev"
  job_bundle   = "dist/job-0123456789abcdef"
  project      = "example"
  region       = "eu-central-1"
  state_bucket = "example-dev-state-111111111111-eu-central-1"
}

run "builds_on_the_contract" {
  assert {
    condition     = output.job_name == "example-dev-file-processor" && output.release == "0123456789abcdef"
    error_message = "The root must take the infrastructure's contract and the bundle given."
  }
}
