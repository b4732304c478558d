output "name" {
  description = "Job name."
  value       = aws_glue_job.this.name
}

output "release" {
  description = "Digest of the bundle."
  value       = local.release
}
