locals {
  prefix          = "${var.project}-${var.environment}"
  database        = replace(local.prefix, "-", "_")
  job_name        = "${local.prefix}-file-processor"
  bucket_suffix   = "${var.account_id}-${var.region}"
  boundary_arn    = "arn:aws:iam::${var.account_id}:policy/${var.project}-boundary"
  deploy_role_arn = "arn:aws:iam::${var.account_id}:role/${var.project}-deploy"
  _log_groups_arn = "arn:aws:logs:${var.region}:${var.account_id}:log-group"

  function_trust = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

module "key" {
  source = "../encryption_key"

  account_id      = var.account_id
  description     = "Data, logs and alarms of ${local.prefix}"
  encrypts_topics = true
  keeper_arn      = local.deploy_role_arn
  name            = local.prefix
  region          = var.region

  log_group_arns = [
    "${local._log_groups_arn}:/aws/events/${local.prefix}-*",
    "${local._log_groups_arn}:/aws/lambda/${local.prefix}-*",
    "${local._log_groups_arn}:/aws-glue/jobs/${local.prefix}-*",
  ]
}

module "buckets" {
  source   = "../bucket"
  for_each = local.buckets

  account_id        = var.account_id
  expire_prefixes   = each.value.expire_prefixes
  force_destroy     = each.value.rebuildable
  kms_key_arn       = module.key.arn
  lifecycle_enabled = !var.emulated
  name              = "${local.prefix}-${each.key}-${local.bucket_suffix}"
}

module "ledger" {
  source = "../ledger"

  kms_key_arn = module.key.arn
  name        = "${local.prefix}-ledger"
}

resource "aws_glue_catalog_database" "this" {
  name         = local.database
  description  = "Tables of ${local.prefix}, one per dataset"
  location_uri = "s3://${module.buckets["output"].name}/"
}

module "glue_role" {
  source = "../glue_role"

  account_id               = var.account_id
  assets_bucket_arn        = module.buckets["assets"].arn
  database                 = aws_glue_catalog_database.this.name
  input_bucket_arn         = module.buckets["input"].arn
  job_name                 = local.job_name
  kms_key_arn              = module.key.arn
  ledger_arn               = module.ledger.arn
  log_retention_days       = var.log_retention_days
  name                     = "${local.prefix}-glue"
  output_bucket_arn        = module.buckets["output"].arn
  permissions_boundary_arn = local.boundary_arn
  region                   = var.region
}

module "file_trigger" {
  source = "../file_trigger"

  account_id               = var.account_id
  assets_bucket            = module.buckets["assets"]
  batch_window             = var.emulated ? 1 : 20
  bundle                   = var.trigger_bundle
  environment              = var.environment
  input_bucket             = module.buckets["input"]
  job_name                 = local.job_name
  kms_key_arn              = module.key.arn
  ledger                   = module.ledger
  log_retention_days       = var.log_retention_days
  output_bucket_name       = module.buckets["output"].name
  permissions_boundary_arn = local.boundary_arn
  prefix                   = local.prefix
  region                   = var.region
  trust_policy             = local.function_trust
}

module "monitoring" {
  source = "../monitoring"

  account_id               = var.account_id
  alarm_emails             = var.alarm_emails
  bundle                   = module.file_trigger.bundle
  environment              = var.environment
  functions                = module.file_trigger.functions
  input_bucket_name        = module.buckets["input"].name
  job_name                 = local.job_name
  kms_key_arn              = module.key.arn
  ledger                   = module.ledger
  limits                   = var.alarm_limits
  log_retention_days       = var.log_retention_days
  permissions_boundary_arn = local.boundary_arn
  prefix                   = local.prefix
  queues                   = module.file_trigger.queues
  region                   = var.region
  trust_policy             = local.function_trust

  log_groups = {
    arrivals = module.file_trigger.arrivals_log_group
    job      = { arn = "${local._log_groups_arn}:${module.glue_role.log_groups.output}", name = module.glue_role.log_groups.output }
  }
}
