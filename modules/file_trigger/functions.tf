locals {
  functions = {
    sweep = {
      handler = "lambda_trigger.sweep.lambda_handler"
      memory  = 512
      timeout = 900
    }
    trigger = {
      handler = "lambda_trigger.handler.lambda_handler"
      memory  = 1024
      timeout = local.trigger_timeout
    }
  }
}

resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_338:How long logs are kept is what each environment chooses
  for_each = local.functions

  name              = "/aws/lambda/${var.prefix}-${each.key}"
  kms_key_id        = var.kms_key_arn
  retention_in_days = var.log_retention_days
}

resource "aws_s3_object" "bundle" {
  bucket = var.assets_bucket.name
  # The digest in the key is what tells Terraform, and Lambda, that the code is another.
  key    = "trigger/${trimprefix(basename(var.bundle), "trigger-")}"
  source = var.bundle

  lifecycle {
    create_before_destroy = true

    precondition {
      condition     = fileexists(var.bundle)
      error_message = "There is no trigger bundle ${basename(var.bundle)}; build it with: gluepipe package"
    }
  }
}

resource "aws_lambda_function" "this" {
  #checkov:skip=CKV_AWS_50:One hop a batch; logs and ledger tell its way by file, run and request
  #checkov:skip=CKV_AWS_115:The event source bounds it, and reserving takes from what the account's other functions share
  #checkov:skip=CKV_AWS_116:The queue has one; the sweep starts from bucket and ledger, never from its event
  #checkov:skip=CKV_AWS_117:It talks to AWS alone; a network of its own would add endpoints and protect nothing
  #checkov:skip=CKV_AWS_272:The bundle is named by its digest, and the very bytes are promoted
  for_each = local.functions

  function_name = "${var.prefix}-${each.key}"
  architectures = ["arm64"]
  handler       = each.value.handler
  kms_key_arn   = var.kms_key_arn
  memory_size   = each.value.memory
  role          = aws_iam_role.this.arn
  runtime       = "python3.13"
  s3_bucket     = aws_s3_object.bundle.bucket
  s3_key        = aws_s3_object.bundle.key
  timeout       = each.value.timeout

  environment {
    variables = {
      ASSETS_BUCKET                = var.assets_bucket.name
      DEAD_LETTER_QUEUE_URL        = aws_sqs_queue.dead_letters.url
      ENVIRONMENT                  = var.environment
      INPUT_BUCKET                 = var.input_bucket.name
      JOB_NAME                     = var.job_name
      LEDGER_TABLE                 = var.ledger.name
      OUTPUT_BUCKET                = var.output_bucket_name
      POWERTOOLS_METRICS_NAMESPACE = "GluePipe"
      POWERTOOLS_SERVICE_NAME      = "${var.prefix}-${each.key}"
      QUEUE_URL                    = aws_sqs_queue.files.url
      RELEASE                      = trimsuffix(basename(aws_s3_object.bundle.key), ".zip")
    }
  }

  # The log groups first, or Lambda makes them itself, without retention and key.
  depends_on = [aws_cloudwatch_log_group.this, aws_iam_role_policy.this]
}

resource "aws_lambda_event_source_mapping" "files" {
  event_source_arn                   = aws_sqs_queue.files.arn
  function_name                      = aws_lambda_function.this["trigger"].arn
  batch_size                         = 10000
  function_response_types            = ["ReportBatchItemFailures"]
  maximum_batching_window_in_seconds = var.batch_window

  # The least there is: batches grow with the backlog, so that one run takes thousands of files.
  scaling_config {
    maximum_concurrency = 2
  }

  depends_on = [aws_iam_role_policy.this]
}
