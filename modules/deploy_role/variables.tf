variable "account_id" {
  description = "Account that the role deploys to."
  type        = string
  nullable    = false
}

variable "external_id" {
  description = "External id that the pipeline has to give."
  type        = string
  nullable    = false
}

variable "people_may_deploy" {
  description = "Whether people of the account whom its administrators let assume roles can take this one; else only the pipeline can."
  type        = bool
  nullable    = false
}

variable "people_may_plan" {
  description = "Whether people of the account whom its administrators let assume roles can take the plan role, which changes nothing."
  type        = bool
  default     = true
  nullable    = false
}

variable "pipeline_account_id" {
  description = "Account of the delivery pipeline."
  type        = string
  nullable    = false
}

variable "pipeline_roles" {
  description = "Names of the roles of the pipeline account that may take the deploy and the plan role."
  type        = set(string)
  nullable    = false
}

variable "project" {
  description = "Project name: the role reaches only what is named after it."
  type        = string
  nullable    = false
}

variable "region" {
  description = "Region of the environments."
  type        = string
  nullable    = false
}

variable "state_bucket_arn" {
  description = "Bucket of the account's Terraform states."
  type        = string
  nullable    = false
}

variable "state_key_arn" {
  description = "Key that encrypts the states."
  type        = string
  nullable    = false
}
