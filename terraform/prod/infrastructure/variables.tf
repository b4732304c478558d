variable "account_id" {
  description = "Account of the environment; any other is refused."
  type        = string
  nullable    = false
}

variable "alarm_emails" {
  description = "Addresses that receive every alarm, once confirmed by their owners."
  type        = set(string)
  nullable    = false
}

variable "alarm_limits" {
  description = "What is still well; each has a default: daily_dpu_hours, freshness_hours (0: no such alarm), oldest_message_minutes, quarantine_percent."
  # An object would let a misspelt limit pass unseen.
  type     = map(number)
  nullable = false

  validation {
    condition     = length(setsubtract(keys(var.alarm_limits), ["daily_dpu_hours", "freshness_hours", "oldest_message_minutes", "quarantine_percent"])) == 0
    error_message = "alarm_limits in terraform.tfvars holds ${join(", ", keys(var.alarm_limits))}; there are daily_dpu_hours, freshness_hours, oldest_message_minutes and quarantine_percent."
  }
}

variable "deploy_role_arn" {
  description = "Role to take in the account; null to act as yourself."
  type        = string
  default     = null
}

variable "emulated" {
  description = "Whether the account is emulated, see docs/architecture.md."
  type        = bool
  default     = false
  nullable    = false
}

variable "environment" {
  description = "Environment name, such as dev or prod."
  type        = string
  nullable    = false
}

variable "external_id" {
  description = "External id that the deploy role asks for."
  type        = string
  default     = null
}

variable "log_retention_days" {
  description = "Days that log lines are kept."
  type        = number
  nullable    = false
}

variable "project" {
  description = "Project name, the start of every resource's name."
  type        = string
  nullable    = false
}

variable "quarantine_retention_days" {
  description = "Days that rejected rows are kept for repair."
  type        = number
  nullable    = false
}

variable "region" {
  description = "Region of the environment."
  type        = string
  nullable    = false
}

variable "trigger_bundle" {
  description = "Path of the trigger's bundle, relative to the repository: dist/trigger-{digest}.zip."
  type        = string
  nullable    = false
}
