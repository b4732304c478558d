variable "account_id" {
  description = "Account of the environment."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id \"${var.account_id}\" is not 12 digits; correct [accounts] in gluepipe.toml."
  }
}

variable "alarm_emails" {
  description = "Addresses that receive every alarm, once confirmed by their owners."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "alarm_limits" {
  description = "What is still well; each has a default: daily_dpu_hours, freshness_hours (0: no such alarm), oldest_message_minutes, quarantine_percent."
  type = object({
    daily_dpu_hours        = optional(number)
    freshness_hours        = optional(number)
    oldest_message_minutes = optional(number)
    quarantine_percent     = optional(number)
  })
  default  = {}
  nullable = false
}

variable "emulated" {
  description = "Whether the account is emulated: no lifecycle rules, which take the emulation a minute, and a short batching window."
  type        = bool
  default     = false
  nullable    = false
}

variable "environment" {
  description = "Environment name, such as dev or prod."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,9}$", var.environment))
    error_message = "environment \"${var.environment}\" is not a lower-case letter and 1 to 9 more letters or digits; rename it in gluepipe.toml."
  }
}

variable "log_retention_days" {
  description = "Days that log lines are kept; one of the periods that CloudWatch offers."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "CloudWatch does not offer ${var.log_retention_days} days of retention; take for example 14, 30, 90 or 365."
  }
}

variable "project" {
  description = "Project name, the start of every resource's name."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", var.project))
    error_message = "project \"${var.project}\" is not lower-case letters, digits and single dashes, letter first; correct it in gluepipe.toml."
  }

  validation {
    condition     = length(var.project) >= 2 && length("${var.project}-${var.environment}") <= 28
    error_message = "\"${var.project}-${var.environment}\" is ${length("${var.project}-${var.environment}")} characters; bucket names leave room for 28, so shorten project in gluepipe.toml."
  }
}

variable "quarantine_retention_days" {
  description = "Days that rejected rows are kept for repair."
  type        = number
  default     = 90
  nullable    = false

  validation {
    condition     = var.quarantine_retention_days >= 1
    error_message = "quarantine_retention_days must be at least 1."
  }
}

variable "region" {
  description = "Region of the environment."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^(af|ap|ca|eu|il|me|mx|sa|us)-[a-z]+-[1-9]$", var.region))
    error_message = "region \"${var.region}\" is not a region of the standard AWS partition, such as eu-central-1; correct it in gluepipe.toml."
  }
}

variable "trigger_bundle" {
  description = "Path of trigger-{digest}.zip."
  type        = string
  nullable    = false
}
