provider "aws" {
  region              = var.region
  allowed_account_ids = [var.account_id]

  default_tags {
    tags = {
      account    = var.account
      managed_by = "terraform"
      project    = var.project
      stack      = "bootstrap"
    }
  }
}
