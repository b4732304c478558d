output "job_name" {
  description = "Name of the job that turns files into tables."
  value       = module.file_processor.name
}

output "release" {
  description = "Digest of the job's bundle, as its ledger entries and log lines name it."
  value       = module.file_processor.release
}
