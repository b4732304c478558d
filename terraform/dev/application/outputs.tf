output "job_name" {
  description = "Name of the job that turns files into tables."
  value       = module.application.job_name
}

output "release" {
  description = "Digest of the job's bundle, as ledger entries and log lines name it."
  value       = module.application.release
}
