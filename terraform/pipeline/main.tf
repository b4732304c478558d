module "account" {
  source = "../../modules/pipeline_account"

  account_id         = var.account_id
  approver_emails    = var.approver_emails
  delivery_role_arns = var.delivery_role_arns
  emulated           = var.emulated
  external_id        = coalesce(var.external_id, var.project)
  project            = var.project
  region             = var.region
  state_bucket       = var.state_bucket
}

module "infrastructure" {
  source = "../../modules/delivery_pipeline"

  approval_topic_arn = module.account.approval_topic_arn
  artifact_bucket    = module.account.artifact_bucket
  branch             = var.branch
  connection_arn     = module.account.connection_arn
  kms_key_arn        = module.account.kms_key_arn
  log_group          = "/${var.project}/delivery/infrastructure"
  name               = "${var.project}-infrastructure"
  repository         = var.repository
  role_arns          = module.account.role_arns
  stack              = "infrastructure"

  paths = {
    excludes = ["modules/application/**", "modules/glue_job/**", "terraform/*/application/**"]
    includes = ["cli/**", "gluepipe.toml", "lambda_trigger/**", "modules/**", "requirements/**", "terraform/**"]
  }
}

module "application" {
  source = "../../modules/delivery_pipeline"

  approval_topic_arn = module.account.approval_topic_arn
  artifact_bucket    = module.account.artifact_bucket
  branch             = var.branch
  connection_arn     = module.account.connection_arn
  kms_key_arn        = module.account.kms_key_arn
  log_group          = "/${var.project}/delivery/application"
  name               = "${var.project}-application"
  publishes_assets   = true
  repository         = var.repository
  role_arns          = module.account.role_arns
  stack              = "application"

  paths = {
    includes = ["glue_jobs/**", "modules/application/**", "modules/glue_job/**", "terraform/*/application/**"]
  }
}
