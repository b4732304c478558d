variable "account_id" {
  description = "Account of the environment."
  type        = string
  nullable    = false
}

variable "assets_bucket_arn" {
  description = "Bucket of the job's script and manifests, read by the job."
  type        = string
  nullable    = false
}

variable "database" {
  description = "Glue database whose tables the job keeps."
  type        = string
  nullable    = false
}

variable "input_bucket_arn" {
  description = "Bucket of the uploaded files, read by the job."
  type        = string
  nullable    = false
}

variable "job_name" {
  description = "Name of the job that will take the role."
  type        = string
  nullable    = false
}

variable "kms_key_arn" {
  description = "Key of the buckets, the ledger and the log groups."
  type        = string
  nullable    = false
}

variable "ledger_arn" {
  description = "Ledger table, read and updated by the job."
  type        = string
  nullable    = false
}

variable "log_retention_days" {
  description = "Days that the job's log lines are kept."
  type        = number
  nullable    = false
}

variable "name" {
  description = "Role name."
  type        = string
  nullable    = false
}

variable "output_bucket_arn" {
  description = "Bucket of the Parquet files, written by the job."
  type        = string
  nullable    = false
}

variable "permissions_boundary_arn" {
  description = "Policy that bounds what the role can ever be allowed to do."
  type        = string
  nullable    = false
}

variable "region" {
  description = "Region of the environment."
  type        = string
  nullable    = false
}
