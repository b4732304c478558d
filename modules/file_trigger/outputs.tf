output "arrivals_log_group" {
  description = "ARN and name of the log group of the input bucket's events."
  value       = { arn = aws_cloudwatch_log_group.arrivals.arn, name = aws_cloudwatch_log_group.arrivals.name }
}

output "bundle" {
  description = "Bucket and key of the functions' code."
  value       = { bucket = aws_s3_object.bundle.bucket, key = aws_s3_object.bundle.key }
}

output "functions" {
  description = "Names of the functions: sweep, trigger."
  value       = { for name, function in aws_lambda_function.this : name => function.function_name }
}

output "log_groups" {
  description = "Names of the functions' log groups: sweep, trigger."
  value       = { for name, group in aws_cloudwatch_log_group.this : name => group.name }
}

output "queues" {
  description = "ARN, name and URL of each queue: dead_letters, files, undelivered_events."
  value = {
    for key, queue in {
      dead_letters       = aws_sqs_queue.dead_letters
      files              = aws_sqs_queue.files
      undelivered_events = aws_sqs_queue.undelivered_events
    } : key => { arn = queue.arn, name = queue.name, url = queue.url }
  }
}
