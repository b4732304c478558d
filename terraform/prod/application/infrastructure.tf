# The state is looked for before it is read, because Terraform's own error for a missing one says nothing of what to do.
data "aws_s3_objects" "state" {
  bucket = var.state_bucket
  prefix = "${var.environment}/infrastructure.tfstate"
}

data "terraform_remote_state" "infrastructure" {
  for_each = setintersection(data.aws_s3_objects.state.keys, [data.aws_s3_objects.state.prefix])

  backend = "s3"

  config = {
    allowed_account_ids = [var.account_id]
    bucket              = var.state_bucket
    key                 = each.key
    region              = var.region
    use_path_style      = var.emulated

    assume_role = (
      var.deploy_role_arn == null
      ? null
      : { external_id = var.external_id, role_arn = var.deploy_role_arn }
    )
  }
}

locals {
  contract = try(one(values(data.terraform_remote_state.infrastructure)).outputs.contract, {})
}
