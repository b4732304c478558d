variable "branch" {
  description = "Branch whose workflows may take the role where a job names no environment."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[\\w./-]+$", var.branch))
    error_message = "branch \"${var.branch}\" is not a branch by its full name; correct [github] in gluepipe.toml."
  }
}

variable "environments" {
  description = "GitHub environments whose jobs may take the role."
  type        = set(string)
  nullable    = false
}

variable "external_id" {
  description = "External id that the roles to take ask for."
  type        = string
  nullable    = false
}

variable "project" {
  description = "Project name, the start of the role's name."
  type        = string
  nullable    = false
}

variable "repository" {
  description = "GitHub repository, as owner/name; no other one's workflows may take the role."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[\\w.-]+/[\\w.-]+$", var.repository))
    error_message = "repository \"${var.repository}\" is not owner/name; correct [github] in gluepipe.toml."
  }
}

variable "role_arns" {
  description = "Roles that the workflows may take: the deploy and plan roles of the accounts that are delivered to."
  type        = list(string)
  nullable    = false
}
