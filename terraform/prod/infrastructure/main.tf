module "infrastructure" {
  source = "../../../modules/infrastructure"

  account_id                = var.account_id
  alarm_emails              = var.alarm_emails
  alarm_limits              = var.alarm_limits
  emulated                  = var.emulated
  environment               = var.environment
  log_retention_days        = var.log_retention_days
  project                   = var.project
  quarantine_retention_days = var.quarantine_retention_days
  region                    = var.region
  trigger_bundle            = "${path.root}/../../../${var.trigger_bundle}"
}
