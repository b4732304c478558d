output "arn" {
  description = "Role ARN, known once its policies are attached."
  value       = aws_iam_role.this.arn
  depends_on  = [aws_iam_role_policy_attachment.this]
}

output "boundary_arn" {
  description = "Policy that bounds every role that this one makes."
  value       = aws_iam_policy.boundary.arn
}

output "plan_arn" {
  description = "ARN of the plan role, known once its policies are attached."
  value       = aws_iam_role.plan.arn
  depends_on  = [aws_iam_role_policy_attachment.plan]
}
