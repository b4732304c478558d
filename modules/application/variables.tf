variable "environment" {
  description = "Environment name, such as dev or prod."
  type        = string
  nullable    = false
}

variable "job_bundle" {
  description = "Path of the folder job-{digest}, which holds file_processor.py and glue_jobs.zip."
  type        = string
  nullable    = false
}

variable "max_concurrent_runs" {
  description = "Runs of the job at one time; more batches wait in the queue."
  type        = number
  default     = 3
  nullable    = false
}

variable "max_workers" {
  description = "Workers that one run may grow to."
  type        = number
  default     = 2
  nullable    = false
}

variable "timeout_minutes" {
  description = "Minutes after which a run is stopped."
  type        = number
  default     = 60
  nullable    = false
}
