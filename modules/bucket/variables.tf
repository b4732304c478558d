variable "account_id" {
  description = "Account of the bucket; nobody of another one gets in."
  type        = string
  nullable    = false
}

variable "expire_prefixes" {
  description = "Days after which current objects expire, by key prefix; an empty one is for all."
  type        = map(number)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for days in values(var.expire_prefixes) : days >= 1])
    error_message = "Every prefix in expire_prefixes needs at least 1 day."
  }
}

variable "force_destroy" {
  description = "Whether destroying the bucket deletes the objects in it; only for what can be built again."
  type        = bool
  default     = false
  nullable    = false
}

variable "kms_key_arn" {
  description = "Key that encrypts every object unless the writer names another."
  type        = string
  nullable    = false
}

variable "lifecycle_enabled" {
  description = "Whether to create lifecycle rules."
  type        = bool
  default     = true
  nullable    = false
}

variable "name" {
  description = "Bucket name."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.name))
    error_message = "Bucket name \"${var.name}\" is not 3 to 63 lower-case letters, digits and dashes; shorten the project or environment name."
  }
}

variable "noncurrent_version_days" {
  description = "Days that overwritten and deleted object versions are kept."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.noncurrent_version_days >= 1
    error_message = "noncurrent_version_days must be at least 1."
  }
}
