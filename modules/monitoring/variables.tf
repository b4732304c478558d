variable "account_id" {
  description = "Account of the environment."
  type        = string
  nullable    = false
}

variable "alarm_emails" {
  description = "Addresses that receive every alarm, once confirmed by their owners."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for address in var.alarm_emails : can(regex("^[^@ ]+@[^@ ]+$", address))])
    error_message = "alarm_emails holds something that is not an e-mail address: ${join(", ", [for address in var.alarm_emails : address if !can(regex("^[^@ ]+@[^@ ]+$", address))])}"
  }
}

variable "bundle" {
  description = "Bucket and key of the code that holds the alert function; the bucket also holds the manifests of runs."
  type        = object({ bucket = string, key = string })
  nullable    = false
}

variable "environment" {
  description = "Environment name, for the commands in alarm messages."
  type        = string
  nullable    = false
}

variable "functions" {
  description = "Lambda functions to watch: alarm name => function name."
  type        = map(string)
  nullable    = false
}

variable "input_bucket_name" {
  description = "Bucket of the uploaded files."
  type        = string
  nullable    = false
}

variable "job_name" {
  description = "Job to watch."
  type        = string
  nullable    = false
}

variable "kms_key_arn" {
  description = "Key that encrypts the topic, which CloudWatch must be allowed to use, and the log group."
  type        = string
  nullable    = false
}

variable "ledger" {
  description = "Ledger table, where the alert function finds the files that an alarm is about."
  type        = object({ arn = string, name = string })
  nullable    = false
}

variable "limits" {
  description = "What is still well: DPU hours a day, hours without a loaded file (0: any), minutes that a file may wait, and the share of rows read, in percent, that may be set aside."
  type = object({
    daily_dpu_hours        = optional(number, 24)
    freshness_hours        = optional(number, 0)
    oldest_message_minutes = optional(number, 60)
    quarantine_percent     = optional(number, 10)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.limits.daily_dpu_hours > 0
    error_message = "daily_dpu_hours must be above 0."
  }

  validation {
    condition     = var.limits.freshness_hours >= 0 && var.limits.freshness_hours <= 168 && floor(var.limits.freshness_hours) == var.limits.freshness_hours
    error_message = "freshness_hours must be whole hours up to 168, as far as an alarm looks back, or 0 for no such alarm."
  }

  validation {
    condition     = var.limits.oldest_message_minutes >= 1
    error_message = "oldest_message_minutes must be at least 1: SQS measures once a minute."
  }

  validation {
    condition     = var.limits.quarantine_percent >= 0 && var.limits.quarantine_percent < 100
    error_message = "quarantine_percent must be at least 0 and below 100: the alarm rings above it."
  }
}

variable "log_groups" {
  description = "Log groups that the alert function reads: those of the input bucket's events and of the job's output."
  type        = object({ arrivals = object({ arn = string, name = string }), job = object({ arn = string, name = string }) })
  nullable    = false
}

variable "log_retention_days" {
  description = "Days that the alert function's log lines are kept."
  type        = number
  nullable    = false
}

variable "permissions_boundary_arn" {
  description = "Policy that bounds what the alert function's role can ever be allowed to do."
  type        = string
  nullable    = false
}

variable "prefix" {
  description = "Start of every name: {project}-{environment}."
  type        = string
  nullable    = false
}

variable "queues" {
  description = "Queues to watch, as the file trigger puts them out."
  type = object({
    dead_letters       = object({ name = string })
    files              = object({ name = string })
    undelivered_events = object({ arn = string, name = string, url = string })
  })
  nullable = false
}

variable "region" {
  description = "Region of the environment."
  type        = string
  nullable    = false
}

variable "trust_policy" {
  description = "JSON of who may take the alert function's role."
  type        = string
  nullable    = false
}
