output "name" {
  description = "Name of the pipeline."
  value       = aws_codepipeline.this.name
}

output "stages" {
  description = "Names of the stages, in order."
  value       = concat(["Source"], local.stages)
}
