provider "aws" {
  region              = var.region
  allowed_account_ids = [var.account_id]

  default_tags {
    tags = {
      account    = "pipeline"
      managed_by = "terraform"
      project    = var.project
      stack      = "pipeline"
    }
  }
}
