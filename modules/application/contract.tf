locals {
  contract_version = 1

  _renew = "The infrastructure stack of ${var.environment} produces it: gluepipe apply ${var.environment} --stack infrastructure"
}

# Every field is optional here, so that a missing one is named instead of failing as a type.
variable "contract" {
  description = "What the infrastructure stack puts out for this one."
  type = object({
    account_id            = optional(string)
    alarm_topic_arn       = optional(string)
    assets_bucket         = optional(string)
    database              = optional(string)
    dead_letter_queue_url = optional(string)
    environment           = optional(string)
    glue_role_arn         = optional(string)
    input_bucket          = optional(string)
    job_name              = optional(string)
    kms_key_arn           = optional(string)
    ledger_table          = optional(string)
    output_bucket         = optional(string)
    project               = optional(string)
    queue_url             = optional(string)
    region                = optional(string)
    sweep_function        = optional(string)
    trigger_function      = optional(string)
    version               = optional(number)

    log_groups = optional(object({
      glue_error  = optional(string)
      glue_output = optional(string)
      sweep       = optional(string)
      trigger     = optional(string)
    }), {})
  })
  nullable = false

  validation {
    condition     = var.contract.version != null
    error_message = "There is no infrastructure contract for ${var.environment} yet. ${local._renew}"
  }

  validation {
    condition     = coalesce(var.contract.version, local.contract_version) >= local.contract_version
    error_message = "The infrastructure contract of ${var.environment} is too old: version ${coalesce(var.contract.version, 0)}, needed ${local.contract_version}. ${local._renew}"
  }

  validation {
    condition     = coalesce(var.contract.version, local.contract_version) <= local.contract_version
    error_message = "The infrastructure contract of ${var.environment} is version ${coalesce(var.contract.version, 0)}, this application knows ${local.contract_version}: deploy a newer release of the application."
  }

  validation {
    condition = var.contract.version == null || alltrue([
      for value in concat(values(var.contract), values(var.contract.log_groups)) : value != null
    ])
    error_message = "The infrastructure contract of ${var.environment} lacks ${join(", ", concat(
      [for field, value in var.contract : field if value == null],
      [for field, value in var.contract.log_groups : "log_groups.${field}" if value == null],
    ))}. ${local._renew}"
  }

  validation {
    condition     = coalesce(var.contract.environment, var.environment) == var.environment
    error_message = "The infrastructure contract belongs to ${coalesce(var.contract.environment, "nobody")}, not to ${var.environment}; run gluepipe init ${var.environment} to renew the backend and variable files."
  }
}
