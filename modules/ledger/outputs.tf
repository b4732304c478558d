output "arn" {
  description = "Table ARN; its indexes are below {arn}/index/."
  value       = aws_dynamodb_table.this.arn
}

output "name" {
  description = "Table name."
  value       = aws_dynamodb_table.this.name
}
