variable "kms_key_arn" {
  description = "Key that encrypts the table."
  type        = string
  nullable    = false
}

variable "name" {
  description = "Table name."
  type        = string
  nullable    = false
}
