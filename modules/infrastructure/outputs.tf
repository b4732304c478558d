output "contract" {
  description = "All that the application stack may know of this one; raise version when a field changes its meaning or goes."
  value = {
    version = 1

    account_id            = var.account_id
    alarm_topic_arn       = module.monitoring.topic_arn
    assets_bucket         = module.buckets["assets"].name
    database              = aws_glue_catalog_database.this.name
    dead_letter_queue_url = module.file_trigger.queues.dead_letters.url
    environment           = var.environment
    glue_role_arn         = module.glue_role.arn
    input_bucket          = module.buckets["input"].name
    job_name              = local.job_name
    kms_key_arn           = module.key.arn
    ledger_table          = module.ledger.name
    output_bucket         = module.buckets["output"].name
    project               = var.project
    queue_url             = module.file_trigger.queues.files.url
    region                = var.region
    sweep_function        = module.file_trigger.functions.sweep
    trigger_function      = module.file_trigger.functions.trigger

    log_groups = {
      glue_error  = module.glue_role.log_groups.error
      glue_output = module.glue_role.log_groups.output
      sweep       = module.file_trigger.log_groups.sweep
      trigger     = module.file_trigger.log_groups.trigger
    }
  }
}
