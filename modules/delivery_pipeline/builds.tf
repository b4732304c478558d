resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_338:How long logs are kept is what each environment chooses

  name              = var.log_group
  kms_key_id        = var.kms_key_arn
  retention_in_days = var.log_retention_days
}

resource "aws_codebuild_project" "this" {
  for_each = local.builds

  name                   = "${var.name}-${lower(each.key)}"
  description            = "${each.key} of ${var.name}"
  build_timeout          = 60
  concurrent_build_limit = 1
  encryption_key         = var.kms_key_arn
  service_role           = var.role_arns[each.value.role]

  artifacts {
    type = "CODEPIPELINE"
  }

  environment {
    compute_type = "BUILD_GENERAL1_MEDIUM"
    image        = "aws/codebuild/amazonlinux-x86_64-standard:5.0"
    type         = "LINUX_CONTAINER"

    dynamic "environment_variable" {
      for_each = {
        FIRST = var.environments.first
        NEXT  = var.environments.next
        STACK = var.stack
      }

      content {
        name  = environment_variable.key
        value = environment_variable.value
      }
    }
  }

  logs_config {
    cloudwatch_logs {
      group_name  = aws_cloudwatch_log_group.this.name
      stream_name = lower(each.key)
    }
  }

  source {
    type      = "CODEPIPELINE"
    buildspec = file("${path.module}/buildspecs/${each.value.buildspec}.yml")
  }
}
