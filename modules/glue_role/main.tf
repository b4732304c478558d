resource "aws_iam_role" "this" {
  name                 = var.name
  description          = "What the job ${var.job_name} may do"
  permissions_boundary = var.permissions_boundary_arn

  # Without a condition: Glue does not promise to say for whom it acts, and only this account can pass the role to it.
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "glue.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_338:How long logs are kept is what each environment chooses
  for_each = toset(["error", "output"])

  name              = "/aws-glue/jobs/${var.job_name}/${each.key}"
  kms_key_id        = var.kms_key_arn
  retention_in_days = var.log_retention_days
}
