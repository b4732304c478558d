module "application" {
  source = "../../../modules/application"

  contract            = local.contract
  environment         = var.environment
  job_bundle          = "${path.root}/../../../${var.job_bundle}"
  max_concurrent_runs = var.max_concurrent_runs
  max_workers         = var.max_workers
  timeout_minutes     = var.timeout_minutes
}
