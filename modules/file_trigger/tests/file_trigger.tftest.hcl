mock_provider "aws" {
  source = "../mocks"
}

variables {
  account_id               = "111111111111"
  assets_bucket            = { arn = "arn:aws:s3:::example-dev-assets", name = "example-dev-assets" }
  bundle                   = "./tests/bundles/trigger-0123456789abcdef.zip"
  environment              = "dev"
  input_bucket             = { arn = "arn:aws:s3:::example-dev-input", name = "example-dev-input" }
  job_name                 = "example-dev-file-processor"
  kms_key_arn              = "arn:aws:kms:eu-central-1:111111111111:key/00000000-0000-4000-8000-000000000000"
  ledger                   = { arn = "arn:aws:dynamodb:eu-central-1:111111111111:table/example-dev-ledger", name = "example-dev-ledger" }
  log_retention_days       = 14
  output_bucket_name       = "example-dev-output"
  permissions_boundary_arn = "arn:aws:iam::111111111111:policy/example-boundary"
  prefix                   = "example-dev"
  region                   = "eu-central-1"
  trust_policy             = "{}"
}

run "the_input_bucket_alone_may_send" {
  assert {
    condition = jsondecode(aws_sqs_queue.files.policy).Statement == [{
      Sid       = "InputBucketSends"
      Effect    = "Allow"
      Principal = { Service = "s3.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = "arn:aws:sqs:eu-central-1:111111111111:example-dev-files"
      Condition = {
        ArnEquals    = { "aws:SourceArn" = "arn:aws:s3:::example-dev-input" }
        StringEquals = { "aws:SourceAccount" = "111111111111" }
      }
    }]
    error_message = "S3 may send for this bucket of this account, and nobody else."
  }

  assert {
    condition     = one(aws_s3_bucket_notification.input.queue).queue_arn == aws_sqs_queue.files.arn && one(aws_s3_bucket_notification.input.queue).events == toset(["s3:ObjectCreated:*"])
    error_message = "Every created object must be told to the queue."
  }

  assert {
    condition     = one(aws_s3_bucket_notification.input.queue).filter_suffix == null && one(aws_s3_bucket_notification.input.queue).filter_prefix == null
    error_message = "S3 must not filter: it compares suffixes in one case only."
  }
}

run "messages_outlive_functions_and_refusals" {
  assert {
    condition     = aws_sqs_queue.files.visibility_timeout_seconds >= 6 * aws_lambda_function.this["trigger"].timeout
    error_message = "A message must stay invisible for six times the function's timeout."
  }

  assert {
    condition     = jsondecode(aws_sqs_queue.files.redrive_policy).deadLetterTargetArn == aws_sqs_queue.dead_letters.arn && jsondecode(aws_sqs_queue.files.redrive_policy).maxReceiveCount == 200
    error_message = "Waiting for a job slot must not exhaust a message."
  }

  assert {
    condition     = alltrue([for queue in [aws_sqs_queue.dead_letters, aws_sqs_queue.files, aws_sqs_queue.undelivered_events] : queue.message_retention_seconds == 1209600 && queue.sqs_managed_sse_enabled])
    error_message = "Queues must be encrypted and keep messages for 14 days."
  }

  assert {
    condition     = contains(aws_lambda_event_source_mapping.files.function_response_types, "ReportBatchItemFailures") && one(aws_lambda_event_source_mapping.files.scaling_config).maximum_concurrency == 2
    error_message = "Failures must be reported by message, few batches at a time."
  }
}

run "both_functions_from_one_bundle" {
  assert {
    condition     = alltrue([for function in aws_lambda_function.this : function.s3_key == "trigger/0123456789abcdef.zip"])
    error_message = "The code must be the bundle's."
  }

  assert {
    condition     = { for name, function in aws_lambda_function.this : name => function.handler } == { sweep = "lambda_trigger.sweep.lambda_handler", trigger = "lambda_trigger.handler.lambda_handler" }
    error_message = "The handlers are not those of the package."
  }

  assert {
    condition = alltrue([
      for name, function in aws_lambda_function.this : one(function.environment).variables == tomap({
        ASSETS_BUCKET                = "example-dev-assets"
        DEAD_LETTER_QUEUE_URL        = aws_sqs_queue.dead_letters.url
        ENVIRONMENT                  = "dev"
        INPUT_BUCKET                 = "example-dev-input"
        JOB_NAME                     = "example-dev-file-processor"
        LEDGER_TABLE                 = "example-dev-ledger"
        OUTPUT_BUCKET                = "example-dev-output"
        POWERTOOLS_METRICS_NAMESPACE = "GluePipe"
        POWERTOOLS_SERVICE_NAME      = "example-dev-${name}"
        QUEUE_URL                    = aws_sqs_queue.files.url
        RELEASE                      = "0123456789abcdef"
      })
    ])
    error_message = "The functions' environment is not what the package reads."
  }

  assert {
    condition     = { for name, group in aws_cloudwatch_log_group.this : name => group.name } == { for name, function in aws_lambda_function.this : name => "/aws/lambda/${function.function_name}" }
    error_message = "Log groups must be those that Lambda writes to."
  }
}

run "every_event_of_the_bucket_is_logged_without_our_code" {
  assert {
    condition     = aws_s3_bucket_notification.input.eventbridge && jsondecode(aws_cloudwatch_event_rule.arrivals.event_pattern) == { source = ["aws.s3"], detail = { bucket = { name = ["example-dev-input"] } } }
    error_message = "The bucket must tell EventBridge of everything."
  }

  assert {
    condition     = startswith(aws_cloudwatch_log_group.arrivals.name, "/aws/events/") && aws_cloudwatch_log_group.arrivals.kms_key_id == var.kms_key_arn && aws_cloudwatch_log_group.arrivals.retention_in_days == var.log_retention_days
    error_message = "EventBridge writes to groups of that name only; it must be encrypted, and end."
  }

  assert {
    condition     = aws_cloudwatch_event_target.arrivals.arn == aws_cloudwatch_log_group.arrivals.arn && one(aws_cloudwatch_event_target.arrivals.dead_letter_config).arn == aws_sqs_queue.undelivered_events.arn
    error_message = "The rule must write to the group, and keep what it cannot write."
  }

  assert {
    condition     = jsondecode(aws_cloudwatch_log_resource_policy.arrivals.policy_document).Statement[1].Condition.ArnEquals["aws:SourceArn"] == aws_cloudwatch_event_rule.arrivals.arn
    error_message = "No other rule may write to the group."
  }
}

run "the_sweep_runs_by_the_clock_and_after_every_run" {
  assert {
    condition     = aws_cloudwatch_event_rule.this["sweep"].schedule_expression == "rate(15 minutes)"
    error_message = "The sweep must run by the clock."
  }

  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.this["job-ended"].event_pattern).detail == { jobName = ["example-dev-file-processor"], state = ["FAILED", "STOPPED", "SUCCEEDED", "TIMEOUT"] }
    error_message = "The sweep must hear of every run that ended."
  }

  assert {
    condition     = alltrue([for target in aws_cloudwatch_event_target.sweep : one(target.dead_letter_config).arn == aws_sqs_queue.undelivered_events.arn])
    error_message = "Undelivered events must be kept."
  }

  assert {
    condition     = alltrue([for name, permission in aws_lambda_permission.sweep : permission.source_arn == aws_cloudwatch_event_rule.this[name].arn])
    error_message = "Only these rules may start the sweep."
  }
}

run "the_role_is_bounded_and_scoped" {
  assert {
    condition     = aws_iam_role.this.permissions_boundary == var.permissions_boundary_arn
    error_message = "The role must be bounded."
  }

  assert {
    condition     = alltrue([for statement in jsondecode(aws_iam_role_policy.this.policy).Statement : !contains(statement.Resource, "*")])
    error_message = "Every statement must name its resources."
  }

  assert {
    condition = alltrue([
      for statement in jsondecode(aws_iam_role_policy.this.policy).Statement :
      statement.Resource == ["arn:aws:s3:::example-dev-assets/manifests/*"] if contains(statement.Action, "s3:PutObject")
    ])
    error_message = "The functions may write manifests and nothing else."
  }
}

run "refuses_a_bundle_of_another_name" {
  command = plan

  variables {
    bundle = "./tests/bundles/latest.zip"
  }

  expect_failures = [var.bundle]
}

run "refuses_a_bundle_that_was_not_built" {
  command = plan

  variables {
    bundle = "./tests/bundles/trigger-ffffffffffffffff.zip"
  }

  expect_failures = [aws_s3_object.bundle]
}

run "refuses_a_window_that_a_large_batch_cannot_have" {
  command = plan

  variables {
    batch_window = 0
  }

  expect_failures = [var.batch_window]
}
