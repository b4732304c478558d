terraform {
  required_version = ">= 1.10"

  # Filled in from backend.hcl, which gluepipe init writes.
  backend "s3" {}

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100.0, < 7.0.0"
    }
  }
}
