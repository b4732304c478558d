mock_provider "aws" {
  source = "../mocks"
}

variables {
  account_id  = "111111111111"
  environment = "dev"
  functions   = { sweep = "example-dev-sweep", trigger = "example-dev-trigger" }
  job_name    = "example-dev-file-processor"
  kms_key_arn = "arn:aws:kms:eu-central-1:111111111111:key/00000000-0000-4000-8000-000000000000"
  prefix      = "example-dev"
  region      = "eu-central-1"

  queues = {
    dead_letters       = { name = "example-dev-files-dead" }
    files              = { name = "example-dev-files" }
    undelivered_events = { arn = "arn:aws:sqs:eu-central-1:111111111111:example-dev-events-dead", name = "example-dev-events-dead" }
  }
}

run "what_can_go_wrong_is_watched" {
  assert {
    condition = { for name, alarm in aws_cloudwatch_metric_alarm.this : name => [alarm.metric_name, values(alarm.dimensions)[0], tostring(alarm.threshold)] } == {
      dead-letters       = ["ApproximateNumberOfMessagesVisible", "example-dev-files-dead", "0"]
      queue-age          = ["ApproximateAgeOfOldestMessage", "example-dev-files", "3600"]
      sweep-errors       = ["Errors", "example-dev-sweep", "0"]
      trigger-errors     = ["Errors", "example-dev-trigger", "0"]
      undelivered-events = ["ApproximateNumberOfMessagesVisible", "example-dev-events-dead", "0"]
    }
    error_message = "An alarm watches another metric than it should."
  }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_actions == toset([aws_sns_topic.alarms.arn]) && alarm.treat_missing_data == "notBreaching"])
    error_message = "Alarms must tell the topic, and an idle pipeline must not ring."
  }

  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.job_failed.event_pattern).detail == { jobName = ["example-dev-file-processor"], state = ["FAILED", "TIMEOUT"] }
    error_message = "Failed runs of the job must be heard of."
  }

  assert {
    condition     = aws_cloudwatch_event_target.job_failed.arn == aws_sns_topic.alarms.arn && one(aws_cloudwatch_event_target.job_failed.dead_letter_config).arn == var.queues.undelivered_events.arn
    error_message = "Failed runs must be told to the topic, or kept."
  }
}

run "the_topic_is_encrypted_and_hears_alarms_and_rules" {
  variables {
    alarm_emails = ["data-team@example.com"]
  }

  assert {
    condition     = aws_sns_topic.alarms.kms_master_key_id == var.kms_key_arn
    error_message = "Messages must be encrypted with the given key."
  }

  assert {
    condition     = one([for statement in jsondecode(aws_sns_topic_policy.alarms.policy).Statement : statement.Condition.ArnLike["aws:SourceArn"] if statement.Sid == "Alarms"]) == "arn:aws:cloudwatch:eu-central-1:111111111111:alarm:example-dev-*"
    error_message = "Only this environment's alarms may publish."
  }

  assert {
    condition     = alltrue([for statement in jsondecode(aws_sns_topic_policy.alarms.policy).Statement : !can(statement.Condition) if statement.Sid == "EventRules"])
    error_message = "EventBridge meets no condition, so its messages would be dropped."
  }

  assert {
    condition     = keys(aws_sns_topic_subscription.email) == ["data-team@example.com"]
    error_message = "Every address must be subscribed."
  }
}

run "refuses_values_that_aws_would_refuse_or_regret" {
  command = plan

  variables {
    alarm_emails           = ["data-team"]
    oldest_message_minutes = 1
  }

  expect_failures = [var.alarm_emails, var.oldest_message_minutes]
}
