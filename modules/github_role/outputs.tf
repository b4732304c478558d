output "arn" {
  description = "Role ARN, known once the role may do what it is for."
  value       = aws_iam_role.this.arn
  depends_on  = [aws_iam_role_policy.this]
}
