variable "account_id" {
  description = "Account of the pipelines; any other is refused."
  type        = string
  nullable    = false
}

variable "approver_emails" {
  description = "Addresses that are told when something waits for approval, once confirmed by their owners."
  type        = set(string)
  nullable    = false
}

variable "branch" {
  description = "Branch that is delivered."
  type        = string
  nullable    = false
}

variable "delivery_role_arns" {
  description = "Deploy and plan roles of the accounts that are delivered to."
  type        = list(string)
  nullable    = false
}

variable "emulated" {
  description = "Whether the account is emulated, see docs/architecture.md."
  type        = bool
  default     = false
  nullable    = false
}

variable "external_id" {
  description = "External id that the deploy roles ask for; the project's name when null."
  type        = string
  default     = null
}

variable "project" {
  description = "Project name, the start of every resource's name."
  type        = string
  nullable    = false
}

variable "region" {
  description = "Region of the pipelines."
  type        = string
  nullable    = false
}

variable "repository" {
  description = "GitHub repository, as owner/name."
  type        = string
  nullable    = false
}

variable "state_bucket" {
  description = "Bucket of the account's Terraform states."
  type        = string
  nullable    = false
}
