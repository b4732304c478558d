variable "account_id" {
  description = "Account of the pipelines."
  type        = string
  nullable    = false
}

variable "approver_emails" {
  description = "Addresses that are told when something waits for approval, once confirmed by their owners."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for address in var.approver_emails : can(regex("^[^@ ]+@[^@ ]+$", address))])
    error_message = "approver_emails holds something that is not an e-mail address: ${join(", ", [for address in var.approver_emails : address if !can(regex("^[^@ ]+@[^@ ]+$", address))])}"
  }
}

variable "delivery_role_arns" {
  description = "Deploy and plan roles that the execution role may take."
  type        = list(string)
  nullable    = false
}

variable "emulated" {
  description = "Whether the account is emulated; leaves out lifecycle rules."
  type        = bool
  default     = false
  nullable    = false
}

variable "external_id" {
  description = "External id that the deploy roles ask for."
  type        = string
  nullable    = false
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

variable "state_bucket" {
  description = "Bucket of the account's Terraform states."
  type        = string
  nullable    = false
}
