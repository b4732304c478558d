output "contract" {
  description = "What the application stack builds on, and what people look up."
  value       = module.infrastructure.contract
}
