locals {
  prefix     = "${var.project}-pipeline"
  _account   = "${var.region}:${var.account_id}"
  _log_group = "arn:aws:logs:${local._account}:log-group:/${var.project}/delivery/*"
}

module "key" {
  source = "../encryption_key"

  account_id     = var.account_id
  description    = "Artifacts, logs and approvals of the delivery of ${var.project}"
  log_group_arns = [local._log_group]
  name           = local.prefix
  region         = var.region
}

module "artifacts" {
  source = "../bucket"

  account_id        = var.account_id
  expire_prefixes   = { "" = 30 }
  force_destroy     = true
  kms_key_arn       = module.key.arn
  lifecycle_enabled = !var.emulated
  name              = "${local.prefix}-artifacts-${var.account_id}-${var.region}"
}

# Created pending: somebody completes it once in the console, which is where GitHub asks for consent.
resource "aws_codestarconnections_connection" "repository" {
  name          = local.prefix
  provider_type = "GitHub"
}

resource "aws_sns_topic" "approvals" {
  name              = "${local.prefix}-approvals"
  kms_master_key_id = module.key.arn
}

resource "aws_sns_topic_subscription" "approver" {
  for_each = var.approver_emails

  topic_arn = aws_sns_topic.approvals.arn
  protocol  = "email"
  endpoint  = each.key
}
