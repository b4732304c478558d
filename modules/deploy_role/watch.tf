locals {
  log_statements = [
    {
      Sid    = "KeepLogGroups"
      Effect = "Allow"
      Action = [
        "logs:AssociateKmsKey", "logs:CreateLogGroup", "logs:DeleteLogGroup", "logs:DeleteRetentionPolicy",
        "logs:DescribeLogStreams", "logs:DisassociateKmsKey", "logs:FilterLogEvents",
        "logs:ListTagsForResource", "logs:PutRetentionPolicy", "logs:TagResource", "logs:UntagResource",
      ]
      Resource = concat(local.log_groups, [for group in local.log_groups : "${group}:*"])
    },
    {
      Sid      = "FindLogGroups"
      Effect   = "Allow"
      Action   = ["logs:DescribeLogGroups"]
      Resource = ["*"] # offers no narrower resource
    },
    {
      Sid      = "LetEventsBeLogged"
      Effect   = "Allow"
      Action   = ["logs:DeleteResourcePolicy", "logs:DescribeResourcePolicies", "logs:PutResourcePolicy"]
      Resource = ["*"] # resource policies have no ARN
    },
  ]

  alarm_statements = [
    {
      Sid    = "KeepAlarms"
      Effect = "Allow"
      Action = [
        "cloudwatch:DeleteAlarms", "cloudwatch:ListTagsForResource", "cloudwatch:PutMetricAlarm",
        "cloudwatch:TagResource", "cloudwatch:UntagResource",
      ]
      Resource = local.alarms
    },
    {
      Sid      = "SumUpAlarms"
      Effect   = "Allow"
      Action   = ["cloudwatch:PutCompositeAlarm"]
      Resource = ["*"] # takes no narrower resource
    },
    {
      Sid      = "KeepDashboards"
      Effect   = "Allow"
      Action   = ["cloudwatch:DeleteDashboards", "cloudwatch:GetDashboard", "cloudwatch:PutDashboard"]
      Resource = local.dashboards
    },
    {
      Sid      = "SeeMetrics"
      Effect   = "Allow"
      Action   = ["cloudwatch:DescribeAlarms", "cloudwatch:GetMetricData"]
      Resource = ["*"] # offer no narrower resource
    },
    {
      Sid    = "KeepTopics"
      Effect = "Allow"
      Action = [
        "sns:CreateTopic", "sns:DeleteTopic", "sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic",
        "sns:ListTagsForResource", "sns:SetTopicAttributes", "sns:Subscribe", "sns:TagResource", "sns:UntagResource",
      ]
      Resource = local.topics
    },
    {
      Sid      = "KeepSubscriptions"
      Effect   = "Allow"
      Action   = ["sns:GetSubscriptionAttributes", "sns:Unsubscribe"]
      Resource = ["*"] # offer no narrower resource
    },
  ]

  rule_statements = [{
    Sid    = "KeepRules"
    Effect = "Allow"
    Action = [
      "events:DeleteRule", "events:DescribeRule", "events:ListTagsForResource", "events:ListTargetsByRule",
      "events:PutRule", "events:PutTargets", "events:RemoveTargets", "events:TagResource", "events:UntagResource",
    ]
    Resource = local.rules
  }]
}
