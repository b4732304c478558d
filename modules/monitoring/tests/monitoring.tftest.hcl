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
      failed-files       = ["FilesFailed", "dev", "0"]
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

run "messages_say_what_happened_where_to_read_and_what_to_run" {
  assert {
    condition = alltrue([
      for name, alarm in local._alarm_resources :
      can(regex("^.+\\. Runbook: docs/operations\\.md#${name} Run: gluepipe [a-z]+ .*dev", alarm.alarm_description))
    ])
    error_message = "Whoever is woken by an alarm must read what happened, where its runbook stands and what to run."
  }

  assert {
    condition     = strcontains(one(aws_cloudwatch_event_target.job_failed.input_transformer).input_template, "Runbook: docs/operations.md#job-failed Run: gluepipe logs dev --run <run>")
    error_message = "A failed run's message must lead to its runbook and log."
  }
}

run "the_quarantine_rate_is_a_share_of_the_rows_read" {
  variables {
    quarantine_percent = 25
  }

  assert {
    condition = {
      for query in aws_cloudwatch_metric_alarm.quarantine_rate.metric_query : query.id => one(query.metric[*].metric_name) != null
      ? one(query.metric[*].metric_name)
      : query.expression
      } == {
      quarantined = "RowsQuarantined"
      rate        = "IF(read > 0, 100 * quarantined / read, 0)"
      read        = "RowsRead"
    }
    error_message = "The rate must be the rows set aside of those read, and 0 while none were."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.quarantine_rate.threshold == 25 && aws_cloudwatch_metric_alarm.quarantine_rate.alarm_actions == toset([aws_sns_topic.alarms.arn])
    error_message = "Above the given share, the topic must be told."
  }
}

run "one_alarm_sums_up_all_and_repeats_none" {
  assert {
    condition     = aws_cloudwatch_composite_alarm.unhealthy["unhealthy"].alarm_rule == "ALARM(\"example-dev-dead-letters\") OR ALARM(\"example-dev-failed-files\") OR ALARM(\"example-dev-quarantine-rate\") OR ALARM(\"example-dev-queue-age\") OR ALARM(\"example-dev-sweep-errors\") OR ALARM(\"example-dev-trigger-errors\") OR ALARM(\"example-dev-undelivered-events\")"
    error_message = "The pipeline is unhealthy when any alarm rings."
  }

  assert {
    condition     = aws_cloudwatch_composite_alarm.unhealthy["unhealthy"].alarm_actions == null
    error_message = "One problem is one message."
  }
}

run "emulated_accounts_have_no_composite_alarm" {
  variables {
    composite_enabled = false
  }

  assert {
    condition     = length(aws_cloudwatch_composite_alarm.unhealthy) == 0 && length(local.alarm_arns) == 7
    error_message = "The composite alarm must be left out, and the others stay."
  }
}

run "the_dashboard_shows_the_alarms_and_what_they_watch" {
  assert {
    condition     = jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets[0].properties.alarms == local.alarm_arns && length(local.alarm_arns) == 8
    error_message = "Every alarm's state must be seen."
  }

  assert {
    condition = alltrue([
      for alarm in aws_cloudwatch_metric_alarm.this :
      anytrue([for graph in local.graphs : contains([for metric in graph.metrics : try("${metric[0]} ${metric[1]}", "")], "${alarm.namespace} ${alarm.metric_name}")])
    ])
    error_message = "A metric with an alarm must have a graph."
  }

  assert {
    condition = alltrue([
      for widget in slice(jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets, 1, 13) :
      widget.x + widget.width <= 24 && widget.y >= 3 && widget.properties.region == "eu-central-1"
    ])
    error_message = "Graphs must fit the page and name their region."
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
    quarantine_percent     = 100
  }

  expect_failures = [var.alarm_emails, var.oldest_message_minutes, var.quarantine_percent]
}
