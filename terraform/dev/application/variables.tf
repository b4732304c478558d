variable "account_id" {
  description = "Account of the environment; any other is refused."
  type        = string
  nullable    = false
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

variable "job_bundle" {
  description = "Path of the job's bundle, relative to the repository: dist/job-{digest}."
  type        = string
  nullable    = false
}

variable "max_concurrent_runs" {
  description = "Runs of the job at one time; more batches wait in the queue."
  type        = number
  nullable    = false
}

variable "max_workers" {
  description = "Workers that one run may grow to."
  type        = number
  nullable    = false
}

variable "project" {
  description = "Project name, the start of every resource's name."
  type        = string
  nullable    = false
}

variable "region" {
  description = "Region of the environment."
  type        = string
  nullable    = false
}

variable "state_bucket" {
  description = "Bucket of the account's Terraform states, where the infrastructure's contract is read."
  type        = string
  nullable    = false
}

variable "timeout_minutes" {
  description = "Minutes after which a run is stopped."
  type        = number
  nullable    = false
}
