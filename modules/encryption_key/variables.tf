variable "account_id" {
  description = "Account that owns the key; its IAM policies decide who may use it."
  type        = string
  nullable    = false
}

variable "description" {
  description = "What the key encrypts, for people looking at the console."
  type        = string
  nullable    = false
}

variable "encrypts_topics" {
  description = "Whether alarms of the account send to topics encrypted with the key."
  type        = bool
  default     = false
  nullable    = false
}

variable "keeper_arn" {
  description = "Role that keeps the key and what it encrypts; null where that is left to the account's own policies."
  type        = string
  default     = null
}

variable "log_group_arns" {
  description = "Patterns of the log groups that may be encrypted with the key."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "name" {
  description = "Alias of the key, without its alias/ prefix."
  type        = string
  nullable    = false
}

variable "region" {
  description = "Region of the key."
  type        = string
  nullable    = false
}
