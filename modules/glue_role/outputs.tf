output "arn" {
  description = "Role ARN, known once its policy is attached."
  value       = aws_iam_role.this.arn
  depends_on  = [aws_iam_role_policy.this]
}

output "log_groups" {
  description = "Names of the job's log groups: error, output."
  value       = { for name, group in aws_cloudwatch_log_group.this : name => group.name }
}
