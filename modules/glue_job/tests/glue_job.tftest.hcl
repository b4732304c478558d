mock_provider "aws" {
  source = "../mocks"
}

variables {
  arguments           = { database = "example_dev" }
  assets_bucket       = "example-dev-assets-111111111111-eu-central-1"
  bundle              = "./tests/bundles/job-0123456789abcdef"
  description         = "Example"
  log_group_prefix    = "/aws-glue/jobs/example-dev-file-processor"
  max_concurrent_runs = 3
  max_workers         = 2
  name                = "example-dev-file-processor"
  role_arn            = "arn:aws:iam::111111111111:role/example-dev-glue"
  timeout_minutes     = 60
}

run "bundle_goes_under_its_digest" {
  assert {
    condition     = aws_glue_job.this.command[0].script_location == "s3://example-dev-assets-111111111111-eu-central-1/jobs/0123456789abcdef/file_processor.py"
    error_message = "The script must be the bundle's."
  }

  assert {
    condition     = aws_glue_job.this.default_arguments["--extra-py-files"] == "s3://example-dev-assets-111111111111-eu-central-1/jobs/0123456789abcdef/glue_jobs.zip"
    error_message = "The package must be the bundle's."
  }

  assert {
    condition     = aws_glue_job.this.default_arguments["--release"] == "0123456789abcdef" && output.release == "0123456789abcdef"
    error_message = "The release must be the bundle's digest."
  }
}

run "bounded_and_observable" {
  assert {
    condition     = aws_glue_job.this.timeout == 60 && aws_glue_job.this.execution_property[0].max_concurrent_runs == 3 && aws_glue_job.this.number_of_workers == 2
    error_message = "Time, runs and workers must be bounded as asked."
  }

  assert {
    condition     = aws_glue_job.this.max_retries == 0
    error_message = "Glue must not retry behind the ledger's back."
  }

  assert {
    condition     = aws_glue_job.this.default_arguments["--enable-auto-scaling"] == "true"
    error_message = "The job must scale by itself."
  }

  assert {
    condition     = length([for name, _ in aws_glue_job.this.default_arguments : name if strcontains(name, "metrics")]) == 0
    error_message = "Glue's own metrics are billed by run, and nothing looks at them."
  }

  assert {
    condition     = aws_glue_job.this.default_arguments["--custom-logGroup-prefix"] == "/aws-glue/jobs/example-dev-file-processor" && aws_glue_job.this.default_arguments["--database"] == "example_dev"
    error_message = "The job must log where its log groups are, and get its own arguments."
  }
}

run "refuses_a_bundle_that_was_not_built" {
  command = plan

  variables {
    bundle = "./tests/bundles/job-ffffffffffffffff"
  }

  expect_failures = [aws_s3_object.bundle]
}

run "refuses_values_that_aws_would_refuse_or_regret" {
  command = plan

  variables {
    bundle              = "./tests/bundles/latest"
    max_concurrent_runs = 0
    max_workers         = 1
    timeout_minutes     = 10081
  }

  expect_failures = [var.bundle, var.max_concurrent_runs, var.max_workers, var.timeout_minutes]
}
