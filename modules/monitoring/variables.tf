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

variable "composite_enabled" {
  description = "Whether to sum the alarms up in one; emulated accounts take no composite alarms."
  type        = bool
  default     = true
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

variable "job_name" {
  description = "Job to watch."
  type        = string
  nullable    = false
}

variable "kms_key_arn" {
  description = "Key that encrypts the topic; CloudWatch and EventBridge must be allowed to use it."
  type        = string
  nullable    = false
}

variable "oldest_message_minutes" {
  description = "Minutes that a file may wait before somebody is told."
  type        = number
  default     = 60
  nullable    = false

  validation {
    condition     = var.oldest_message_minutes >= 5
    error_message = "oldest_message_minutes must be at least 5, the alarm's period."
  }
}

variable "prefix" {
  description = "Start of every name: {project}-{environment}."
  type        = string
  nullable    = false
}

variable "quarantine_percent" {
  description = "Share of the rows read, in percent, that may be set aside before somebody is told."
  type        = number
  default     = 10
  nullable    = false

  validation {
    condition     = var.quarantine_percent >= 0 && var.quarantine_percent < 100
    error_message = "quarantine_percent must be at least 0 and below 100: the alarm rings above it."
  }
}

variable "queues" {
  description = "Queues to watch, as the file trigger puts them out."
  type = object({
    dead_letters       = object({ name = string })
    files              = object({ name = string })
    undelivered_events = object({ arn = string, name = string })
  })
  nullable = false
}

variable "region" {
  description = "Region of the environment."
  type        = string
  nullable    = false
}
