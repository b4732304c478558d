output "deploy_role_arn" {
  description = "Role that deploys to this account."
  value       = module.deploy_role.arn
}

output "permissions_boundary_arn" {
  description = "Policy that bounds every role that the deploy role makes."
  value       = module.deploy_role.boundary_arn
}

output "state_bucket" {
  description = "Bucket of the account's Terraform states."
  value       = module.state_bucket.name
}
