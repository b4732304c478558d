variable "account" {
  description = "What the account is to the project: pipeline, dev or prod."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,9}$", var.account))
    error_message = "account \"${var.account}\" is not a lower-case letter and 1 to 9 more letters or digits; rename it under [accounts] in gluepipe.toml."
  }
}

variable "account_id" {
  description = "Account to bootstrap; any other is refused."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id \"${var.account_id}\" is not 12 digits; correct [accounts] in gluepipe.toml."
  }
}

variable "delivery_role_arns" {
  description = "Deploy and plan roles that the GitHub workflows may take."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "emulated" {
  description = "Whether the account is emulated, see docs/architecture.md."
  type        = bool
  default     = false
  nullable    = false
}

variable "external_id" {
  description = "External id that the pipeline has to give to take the deploy role; the project's name when null."
  type        = string
  default     = null
}

variable "github" {
  description = "Repository whose workflows deliver instead of the CodePipelines, the branch they run on and the environments they deploy to; null where there are none."
  type        = object({ branch = string, environments = set(string), repository = string })
  default     = null
}

variable "holds_environments" {
  description = "Whether anything is deployed to the account, which takes a deploy role and a plan role."
  type        = bool
  default     = true
  nullable    = false
}

variable "people_may_deploy" {
  description = "Whether people of the account can take the deploy role; false leaves it to the pipeline alone."
  type        = bool
  default     = false
  nullable    = false
}

variable "people_may_plan" {
  description = "Whether people of the account can take the plan role, which changes nothing."
  type        = bool
  default     = true
  nullable    = false
}

variable "pipeline_account_id" {
  description = "Account of the delivery pipeline."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9]{12}$", var.pipeline_account_id))
    error_message = "pipeline_account_id \"${var.pipeline_account_id}\" is not 12 digits; correct [accounts] in gluepipe.toml."
  }
}

variable "project" {
  description = "Project name, the start of every resource's name."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,19}$", var.project))
    error_message = "project \"${var.project}\" is not a lower-case letter and 1 to 19 more letters, digits or dashes; correct it in gluepipe.toml."
  }
}

variable "region" {
  description = "Region of the account's states and environments."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^(af|ap|ca|eu|il|me|mx|sa|us)-[a-z]+-[1-9]$", var.region))
    error_message = "region \"${var.region}\" is not a region of the standard AWS partition, such as eu-central-1; correct it in gluepipe.toml."
  }
}
