locals {
  state_bucket = "${var.project}-${var.account}-state-${var.account_id}-${var.region}"

  # The execution role of the CodePipelines, and the role of the GitHub workflows where there are such.
  pipeline_roles = concat(["${var.project}-pipeline"], var.github == null ? [] : ["${var.project}-github"])
  _workflows     = var.github == null || var.account_id != var.pipeline_account_id ? {} : { github = var.github }
}

module "state_key" {
  source = "../../modules/encryption_key"

  account_id  = var.account_id
  description = "Terraform states of ${var.project} in ${var.account}"
  name        = "${var.project}-state"
  region      = var.region
}

# This root's own state is kept in the bucket, so the bucket is there before Terraform is.
import {
  to = module.state_bucket.aws_s3_bucket.this
  id = local.state_bucket
}

module "state_bucket" {
  source = "../../modules/bucket"

  account_id              = var.account_id
  kms_key_arn             = module.state_key.arn
  lifecycle_enabled       = !var.emulated
  name                    = local.state_bucket
  noncurrent_version_days = 365
}

module "deploy_role" {
  source   = "../../modules/deploy_role"
  for_each = toset(var.holds_environments ? [var.account] : [])

  account_id          = var.account_id
  external_id         = coalesce(var.external_id, var.project)
  people_may_deploy   = var.people_may_deploy
  people_may_plan     = var.people_may_plan
  pipeline_account_id = var.pipeline_account_id
  pipeline_roles      = local.pipeline_roles
  project             = var.project
  region              = var.region
  state_bucket_arn    = module.state_bucket.arn
  state_key_arn       = module.state_key.arn
}

module "github_role" {
  source   = "../../modules/github_role"
  for_each = local._workflows

  branch       = each.value.branch
  environments = each.value.environments
  external_id  = coalesce(var.external_id, var.project)
  project      = var.project
  repository   = each.value.repository
  role_arns    = var.delivery_role_arns
}
