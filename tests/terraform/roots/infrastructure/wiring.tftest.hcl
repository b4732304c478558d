mock_provider "aws" {
  source = "../../../modules/mocks"
}

variables {
  account_id     = "111111111111"
  environment    = "dev"
  project        = "example"
  region         = "eu-central-1"
  trigger_bundle = "dist/trigger-0123456789abcdef.zip"
}

run "puts_out_the_contract" {
  assert {
    condition     = output.contract.version == 1 && output.contract.input_bucket == "example-dev-input-111111111111-eu-central-1"
    error_message = "The root must hand on what the module puts out."
  }
}

run "refuses_a_misspelt_limit" {
  command = plan

  variables {
    alarm_limits = { freshness_hour = 4 }
  }

  expect_failures = [var.alarm_limits]
}
