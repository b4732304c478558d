provider "aws" {
  region              = var.region
  allowed_account_ids = [var.account_id]

  default_tags {
    tags = {
      environment = var.environment
      managed_by  = "terraform"
      project     = var.project
      stack       = "infrastructure"
    }
  }

  dynamic "assume_role" {
    for_each = var.deploy_role_arn == null ? [] : [var.deploy_role_arn]

    content {
      external_id  = var.external_id
      role_arn     = assume_role.value
      session_name = "${var.project}-${var.environment}-infrastructure"
    }
  }
}
