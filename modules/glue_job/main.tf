locals {
  release = trimprefix(basename(var.bundle), "job-")
  uri     = { for file, object in aws_s3_object.bundle : file => "s3://${object.bucket}/${object.key}" }
}

resource "aws_s3_object" "bundle" {
  for_each = toset(["file_processor.py", "glue_jobs.zip"])

  bucket = var.assets_bucket
  # The digest in the key is what tells Terraform, and the job, that the code is another.
  key    = "jobs/${local.release}/${each.key}"
  source = "${var.bundle}/${each.key}"

  lifecycle {
    # A run that starts meanwhile still finds the script that its job names.
    create_before_destroy = true

    precondition {
      condition     = fileexists("${var.bundle}/${each.key}")
      error_message = "The job bundle ${basename(var.bundle)} holds no ${each.key}; build it with: gluepipe package"
    }
  }
}

resource "aws_glue_job" "this" {
  #checkov:skip=CKV_AWS_195:Buckets and log groups encrypt by themselves; a security configuration would rename the groups

  name              = var.name
  description       = var.description
  execution_class   = "STANDARD"
  glue_version      = "5.1"
  max_retries       = 0 # a file's retries are the trigger's business
  number_of_workers = var.max_workers
  role_arn          = var.role_arn
  timeout           = var.timeout_minutes
  worker_type       = "G.1X"

  # No --enable-metrics: CloudWatch bills each of the dozens of metrics of every run, and nothing looks at them.
  default_arguments = merge(
    {
      "--custom-logGroup-prefix" = var.log_group_prefix
      "--enable-auto-scaling"    = "true"
      "--extra-py-files"         = local.uri["glue_jobs.zip"]
      "--job-bookmark-option"    = "job-bookmark-disable"
      "--release"                = local.release
    },
    { for name, value in var.arguments : "--${name}" => value },
  )

  command {
    name            = "glueetl"
    python_version  = "3"
    script_location = local.uri["file_processor.py"]
  }

  execution_property {
    max_concurrent_runs = var.max_concurrent_runs
  }
}
