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
