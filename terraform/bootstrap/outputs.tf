output "deploy_role_arn" {
  description = "Role that deploys to this account; null where nothing is deployed."
  value       = one([for role in module.deploy_role : role.arn])
}

output "github_role_arn" {
  description = "Role of the GitHub workflows, for their variable GLUEPIPE_PIPELINE_ROLE; null where there is none."
  value       = one([for role in module.github_role : role.arn])
}

output "permissions_boundary_arn" {
  description = "Policy that bounds every role that the deploy role makes; null where there is none."
  value       = one([for role in module.deploy_role : role.boundary_arn])
}

output "plan_role_arn" {
  description = "Role that plans changes of this account and looks for drift; null where nothing is deployed."
  value       = one([for role in module.deploy_role : role.plan_arn])
}

output "state_bucket" {
  description = "Bucket of the account's Terraform states."
  value       = module.state_bucket.name
}
