output "connection_arn" {
  description = "Connection to the repository; complete it once in the console."
  value       = module.account.connection_arn
}

output "pipelines" {
  description = "Stages of each pipeline, in order, by the pipeline's name."
  value = {
    (module.application.name)    = module.application.stages
    (module.infrastructure.name) = module.infrastructure.stages
  }
}
