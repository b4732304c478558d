module "file_processor" {
  source = "../glue_job"

  assets_bucket       = var.contract.assets_bucket
  bundle              = var.job_bundle
  description         = "Turns uploaded CSV files into Parquet tables"
  log_group_prefix    = trimsuffix(var.contract.log_groups.glue_output, "/output")
  max_concurrent_runs = var.max_concurrent_runs
  max_workers         = var.max_workers
  name                = var.contract.job_name
  role_arn            = var.contract.glue_role_arn
  timeout_minutes     = var.timeout_minutes

  arguments = {
    database      = var.contract.database
    environment   = var.contract.environment
    ledger_table  = var.contract.ledger_table
    output_bucket = var.contract.output_bucket
    region        = var.contract.region
  }
}
