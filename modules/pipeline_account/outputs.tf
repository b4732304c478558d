output "approval_topic_arn" {
  description = "Topic that tells approvers."
  value       = aws_sns_topic.approvals.arn
}

output "artifact_bucket" {
  description = "Bucket of what one stage hands to the next."
  value       = module.artifacts.name
}

output "connection_arn" {
  description = "Connection to the repository; pending until somebody completes it in the console."
  value       = aws_codestarconnections_connection.repository.arn
}

output "kms_key_arn" {
  description = "Key of artifacts, logs and approvals."
  value       = module.key.arn
}

output "role_arns" {
  description = "Roles: build, execution, service; known once they may do what they are for."
  value       = { for name, role in aws_iam_role.this : name => role.arn }
  depends_on  = [aws_iam_role_policy.this]
}
