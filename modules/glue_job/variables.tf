variable "arguments" {
  description = "Default arguments of the job's own, without their leading dashes."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "assets_bucket" {
  description = "Bucket that takes the script and its package."
  type        = string
  nullable    = false
}

variable "bundle" {
  description = "Path of the folder job-{digest}, which holds file_processor.py and glue_jobs.zip."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^job-[0-9a-f]{16}$", basename(var.bundle)))
    error_message = "\"${basename(var.bundle)}\" is not named job-{16 hexadecimal digits}; build one with: gluepipe package"
  }
}

variable "description" {
  description = "What the job does, for people looking at the console."
  type        = string
  nullable    = false
}

variable "log_group_prefix" {
  description = "Start of the job's log groups; Glue adds /output and /error."
  type        = string
  nullable    = false
}

variable "max_concurrent_runs" {
  description = "Runs of the job at one time."
  type        = number
  nullable    = false

  validation {
    condition     = var.max_concurrent_runs >= 1 && var.max_concurrent_runs <= 1000
    error_message = "max_concurrent_runs ${var.max_concurrent_runs} is not between 1 and 1000."
  }
}

variable "max_workers" {
  description = "Workers that one run may grow to; Glue needs at least 2."
  type        = number
  nullable    = false

  validation {
    condition     = var.max_workers >= 2
    error_message = "max_workers ${var.max_workers} is below 2, the least that a Spark job takes."
  }
}

variable "name" {
  description = "Job name."
  type        = string
  nullable    = false
}

variable "role_arn" {
  description = "Role of the job."
  type        = string
  nullable    = false
}

variable "timeout_minutes" {
  description = "Minutes after which a run is stopped."
  type        = number
  nullable    = false

  validation {
    condition     = var.timeout_minutes >= 1 && var.timeout_minutes <= 10080
    error_message = "timeout_minutes ${var.timeout_minutes} is not between 1 and 10080, a week."
  }
}
