variable "account_id" {
  description = "Account of the environment."
  type        = string
  nullable    = false
}

variable "assets_bucket" {
  description = "Bucket that takes the bundle and the manifests."
  type        = object({ arn = string, name = string })
  nullable    = false
}

variable "batch_window" {
  description = "Seconds for which messages are gathered into one batch, so that a trickle of files shares its runs."
  type        = number
  default     = 20
  nullable    = false

  validation {
    condition     = var.batch_window >= 1 && var.batch_window <= 300
    error_message = "batch_window must be from 1 to 300 seconds: batches of over 10 messages need a window, and 300 is the longest."
  }
}

variable "bundle" {
  description = "Path of trigger-{digest}.zip, which holds both functions."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^trigger-[0-9a-f]{16}\\.zip$", basename(var.bundle)))
    error_message = "\"${basename(var.bundle)}\" is not named trigger-{16 hexadecimal digits}.zip; build one with: gluepipe package"
  }
}

variable "environment" {
  description = "Environment name, for the functions' metrics."
  type        = string
  nullable    = false
}

variable "input_bucket" {
  description = "Bucket whose new objects start the job. Its notifications are managed here and nowhere else."
  type        = object({ arn = string, name = string })
  nullable    = false
}

variable "job_name" {
  description = "Job that the trigger starts; it may be created later."
  type        = string
  nullable    = false
}

variable "kms_key_arn" {
  description = "Key of the buckets, the ledger and the log groups."
  type        = string
  nullable    = false
}

variable "ledger" {
  description = "Ledger table, where files are claimed."
  type        = object({ arn = string, name = string })
  nullable    = false
}

variable "log_retention_days" {
  description = "Days that the functions' log lines are kept."
  type        = number
  nullable    = false
}

variable "output_bucket_name" {
  description = "Bucket of the Parquet files; events from it are refused, lest the pipeline feed itself."
  type        = string
  nullable    = false
}

variable "permissions_boundary_arn" {
  description = "Policy that bounds what the role can ever be allowed to do."
  type        = string
  nullable    = false
}

variable "prefix" {
  description = "Start of every name: {project}-{environment}."
  type        = string
  nullable    = false
}

variable "region" {
  description = "Region of the environment."
  type        = string
  nullable    = false
}

variable "trust_policy" {
  description = "JSON of who may take the functions' role."
  type        = string
  nullable    = false
}
