mock_provider "aws" {
  source = "../mocks"
}

variables {
  account_id               = "111111111111"
  bundle                   = { bucket = "example-dev-assets", key = "trigger/0123456789abcdef.zip" }
  environment              = "dev"
  functions                = { sweep = "example-dev-sweep", trigger = "example-dev-trigger" }
  input_bucket_name        = "example-dev-input"
  job_name                 = "example-dev-file-processor"
  kms_key_arn              = "arn:aws:kms:eu-central-1:111111111111:key/00000000-0000-4000-8000-000000000000"
  ledger                   = { arn = "arn:aws:dynamodb:eu-central-1:111111111111:table/example-dev-ledger", name = "example-dev-ledger" }
  log_retention_days       = 14
  permissions_boundary_arn = "arn:aws:iam::111111111111:policy/example-boundary"
  prefix                   = "example-dev"
  region                   = "eu-central-1"
  trust_policy             = "{}"

  log_groups = {
    arrivals = { arn = "arn:aws:logs:eu-central-1:111111111111:log-group:/aws/events/example-dev-input", name = "/aws/events/example-dev-input" }
    job      = { arn = "arn:aws:logs:eu-central-1:111111111111:log-group:/aws-glue/jobs/example-dev-file-processor/output", name = "/aws-glue/jobs/example-dev-file-processor/output" }
  }

  queues = {
    dead_letters       = { name = "example-dev-files-dead" }
    files              = { name = "example-dev-files" }
    undelivered_events = { arn = "arn:aws:sqs:eu-central-1:111111111111:example-dev-events-dead", name = "example-dev-events-dead", url = "https://sqs.example.com/events-dead" }
  }
}

run "what_can_go_wrong_is_watched" {
  assert {
    condition = { for name, alarm in aws_cloudwatch_metric_alarm.this : name => [alarm.metric_name, values(alarm.dimensions)[0]] } == {
      dead-letters       = ["ApproximateNumberOfMessagesVisible", "example-dev-files-dead"]
      failed-files       = ["FilesFailed", "dev"]
      row-counts         = ["FilesWithUnusualRows", "dev"]
      stuck-files        = ["FilesStuck", "dev"]
      sweep-errors       = ["Errors", "example-dev-sweep"]
      trigger-errors     = ["Errors", "example-dev-trigger"]
      undelivered-events = ["ApproximateNumberOfMessagesVisible", "example-dev-events-dead"]
    }
    error_message = "An alarm watches another metric than it should."
  }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.this : alarm.threshold == 0 && alarm.treat_missing_data == "notBreaching"])
    error_message = "One is too many, and an idle pipeline must not ring."
  }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.computed : alarm.treat_missing_data == "notBreaching"])
    error_message = "An idle pipeline must not ring."
  }
}

run "what_is_computed_is_what_the_alarm_says" {
  variables {
    limits = { daily_dpu_hours = 5, oldest_message_minutes = 30, quarantine_percent = 25 }
  }

  assert {
    condition = {
      for name, alarm in aws_cloudwatch_metric_alarm.computed : name => [
        one([for query in alarm.metric_query : query.expression if query.expression != null]),
        join(" ", sort([for query in alarm.metric_query : "${one(query.metric[*].metric_name)}/${one(query.metric[*].period)}" if query.expression == null])),
        tostring(alarm.threshold),
      ]
      } == {
      alert-errors    = ["SUM(METRICS())", "Errors/300 Errors/300 Throttles/300 Throttles/300", "0"]
      budget          = ["dpu_seconds / 3600", "DpuSeconds/86400", "5"]
      quarantine-rate = ["IF(read > 0, 100 * quarantined / read, 0)", "RowsQuarantined/900 RowsRead/900", "25"]
      queue-age       = ["MAX(METRICS())", "ApproximateAgeOfOldestMessage/900 BacklogAge/900", "1800"]
      throttles       = ["SUM(METRICS())", "Throttles/300 Throttles/300", "0"]
    }
    error_message = "Expressions, metrics and thresholds must be those of the messages."
  }
}

run "silence_is_told_of_where_somebody_asked_for_it" {
  assert {
    condition     = length(aws_cloudwatch_metric_alarm.freshness) == 0
    error_message = "Nobody asked for it."
  }
}

run "silence_is_told_of_after_some_hours" {
  variables {
    limits = { freshness_hours = 6 }
  }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.freshness : alarm.evaluation_periods == 6 && alarm.period == 3600 && alarm.comparison_operator == "LessThanThreshold" && alarm.threshold == 1 && alarm.treat_missing_data == "breaching"]) && length(aws_cloudwatch_metric_alarm.freshness) == 1
    error_message = "Six hours without a file must ring."
  }
}

run "one_function_tells_of_everything_and_another_of_what_keeps_it_from_that" {
  assert {
    condition     = sort([for alarm in local._alarm_resources : trimprefix(alarm.alarm_name, "example-dev-") if alarm.alarm_actions == toset([aws_sns_topic.alarms.arn])]) == sort(local.told_directly)
    error_message = "Only failures of the functions that tell go to the topic without them."
  }

  assert {
    condition     = alltrue([for alarm in local._alarm_resources : length(alarm.alarm_actions == null ? [] : alarm.alarm_actions) == (contains(local.told_directly, trimprefix(alarm.alarm_name, "example-dev-")) ? 1 : 0) && alarm.ok_actions == null])
    error_message = "One problem is one message."
  }

  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.alert["alert-fails"].event_pattern).detail == { alarmName = ["example-dev-alert-errors", "example-dev-undelivered-events"], state = { value = ["ALARM"] } }
    error_message = "What keeps the alert function from telling must reach its standby."
  }

  assert {
    condition = jsondecode(aws_cloudwatch_event_rule.alert["alarm-rings"].event_pattern).detail == {
      alarmName = [for name in keys(local.descriptions) : "example-dev-${name}" if !contains(["alert-errors", "undelivered-events"], name)]
      state     = { value = ["ALARM"] }
    }
    error_message = "Every other alarm must reach the function when it begins to ring."
  }

  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.alert["job-failed"].event_pattern).detail == { jobName = ["example-dev-file-processor"], state = ["FAILED", "TIMEOUT"] }
    error_message = "Failed runs of the job must be heard of."
  }

  assert {
    condition     = { for name, target in aws_cloudwatch_event_target.alert : name => target.arn } == { alarm-rings = aws_lambda_function.alert["alert"].arn, alert-fails = aws_lambda_function.alert["alert-standby"].arn, job-failed = aws_lambda_function.alert["alert"].arn }
    error_message = "Each rule must start the function that can tell."
  }

  assert {
    condition     = alltrue([for target in aws_cloudwatch_event_target.alert : one(target.dead_letter_config).arn == var.queues.undelivered_events.arn])
    error_message = "Failed runs and alarms must be told, or kept."
  }

  assert {
    condition     = alltrue([for function in aws_lambda_function.alert : one(function.dead_letter_config).target_arn == var.queues.undelivered_events.arn && function.handler == "lambda_trigger.alert.lambda_handler"])
    error_message = "What the functions cannot tell must be kept."
  }

  assert {
    condition     = alltrue([for name, permission in aws_lambda_permission.alert : permission.source_arn == aws_cloudwatch_event_rule.alert[name].arn])
    error_message = "Only these rules may start the function."
  }
}

run "the_role_is_bounded_and_scoped" {
  assert {
    condition     = aws_iam_role.alert.permissions_boundary == var.permissions_boundary_arn && alltrue([for statement in jsondecode(aws_iam_role_policy.alert.policy).Statement : !contains(statement.Resource, "*")])
    error_message = "The role must be bounded, and every statement name its resources."
  }

  assert {
    condition     = alltrue([for statement in jsondecode(aws_iam_role_policy.alert.policy).Statement : alltrue([for action in statement.Action : !can(regex(":(Put(Item|Object)|Update|Delete|Start)", action))])])
    error_message = "Telling must not be able to change anything."
  }
}

run "messages_say_what_happened_where_to_read_and_what_to_run" {
  assert {
    condition = alltrue([
      for alarm in local._alarm_resources :
      can(regex("^.+\\. Runbook: docs/operations\\.md#${trimprefix(alarm.alarm_name, "example-dev-")} Run: gluepipe [a-z]+ .*dev", alarm.alarm_description))
    ])
    error_message = "Whoever is woken by an alarm must read what happened, where its runbook stands and what to run."
  }
}

run "one_alarm_sums_up_all_and_repeats_none" {
  assert {
    condition     = aws_cloudwatch_composite_alarm.unhealthy.alarm_rule == join(" OR ", [for alarm in local._alarm_resources : "ALARM(\"${alarm.alarm_name}\")"]) && length(local._alarm_resources) == 12
    error_message = "The pipeline is unhealthy when any alarm rings."
  }

  assert {
    condition     = aws_cloudwatch_composite_alarm.unhealthy.alarm_actions == null
    error_message = "One problem is one message."
  }
}

run "the_dashboard_shows_the_alarms_and_what_they_watch" {
  assert {
    condition     = jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets[0].properties.alarms == local.alarm_arns && length(local.alarm_arns) == 13
    error_message = "Every alarm's state must be seen."
  }

  assert {
    condition = alltrue([
      for watched in concat(
        [for alarm in aws_cloudwatch_metric_alarm.this : "${alarm.namespace} ${alarm.metric_name}"],
        flatten([for each in local.expressions : [for metric in each.metrics : "${metric[0]} ${metric[1]}"]]),
      ) :
      anytrue([for graph in local.graphs : contains([for metric in graph.metrics : try("${metric[0]} ${metric[1]}", "")], watched)])
    ])
    error_message = "A metric with an alarm must have a graph."
  }

  assert {
    condition = alltrue([
      for widget in slice(jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets, 1, 1 + length(local.graphs)) :
      widget.x + widget.width <= 24 && widget.y >= 3 && widget.properties.region == "eu-central-1"
    ])
    error_message = "Graphs must fit the page and name their region."
  }
}

run "the_topic_is_encrypted_and_hears_alarms" {
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
    condition     = keys(aws_sns_topic_subscription.email) == ["data-team@example.com"]
    error_message = "Every address must be subscribed."
  }
}

run "refuses_an_address_that_is_none" {
  command = plan

  variables {
    alarm_emails = ["data-team"]
  }

  expect_failures = [var.alarm_emails]
}

run "refuses_limits_that_aws_would_refuse_or_regret" {
  command = plan

  variables {
    limits = { daily_dpu_hours = 0, freshness_hours = 169, oldest_message_minutes = 0, quarantine_percent = 100 }
  }

  expect_failures = [var.limits]
}
