variable "approval_topic_arn" {
  description = "Topic that tells approvers."
  type        = string
  nullable    = false
}

variable "artifact_bucket" {
  description = "Bucket of what one stage hands to the next."
  type        = string
  nullable    = false
}

variable "branch" {
  description = "Branch that is delivered."
  type        = string
  nullable    = false
}

variable "connection_arn" {
  description = "Connection to the repository."
  type        = string
  nullable    = false
}

variable "environments" {
  description = "Environments: the first one proves a release, the next one gets what it proved."
  type        = object({ first = string, next = string })
  default     = { first = "dev", next = "prod" }
  nullable    = false
}

variable "kms_key_arn" {
  description = "Key of artifacts and logs."
  type        = string
  nullable    = false
}

variable "log_group" {
  description = "Log group of the builds."
  type        = string
  nullable    = false
}

variable "log_retention_days" {
  description = "Days that the builds' log lines are kept."
  type        = number
  default     = 90
  nullable    = false
}

variable "name" {
  description = "Name of the pipeline."
  type        = string
  nullable    = false
}

variable "paths" {
  description = "Paths whose changes start the pipeline; the service takes 8 patterns of each at most."
  type        = object({ excludes = optional(list(string)), includes = list(string) })
  nullable    = false

  validation {
    condition     = length(var.paths.includes) <= 8 && length(coalesce(var.paths.excludes, [])) <= 8
    error_message = "CodePipeline takes at most 8 paths to include and 8 to exclude."
  }
}

variable "publishes_assets" {
  description = "Whether a stage of its own keeps the bundles before they are deployed."
  type        = bool
  default     = false
  nullable    = false
}

variable "repository" {
  description = "GitHub repository, as owner/name."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[\\w.-]+/[\\w.-]+$", var.repository))
    error_message = "repository \"${var.repository}\" is not owner/name; correct it in terraform/pipeline/terraform.tfvars."
  }
}

variable "role_arns" {
  description = "Roles of the pipeline (service), of its builds (build) and of its deployments (execution)."
  type        = object({ build = string, execution = string, service = string })
  nullable    = false
}

variable "stack" {
  description = "Stack that is delivered: infrastructure or application."
  type        = string
  nullable    = false

  validation {
    condition     = contains(["application", "infrastructure"], var.stack)
    error_message = "stack \"${var.stack}\" is neither infrastructure nor application."
  }
}
