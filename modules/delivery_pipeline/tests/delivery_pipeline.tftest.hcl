mock_provider "aws" {
  source = "../mocks"
}

variables {
  approval_topic_arn = "arn:aws:sns:eu-central-1:111111111111:example-pipeline-approvals"
  artifact_bucket    = "example-pipeline-artifacts-111111111111-eu-central-1"
  branch             = "main"
  connection_arn     = "arn:aws:codestar-connections:eu-central-1:111111111111:connection/00000000-0000-4000-8000-000000000000"
  kms_key_arn        = "arn:aws:kms:eu-central-1:111111111111:key/00000000-0000-4000-8000-000000000000"
  log_group          = "/example/delivery/application"
  name               = "example-application"
  publishes_assets   = true
  repository         = "example/example"
  stack              = "application"

  paths = {
    includes = ["glue_jobs/**"]
  }

  role_arns = {
    build     = "arn:aws:iam::111111111111:role/example-pipeline-build"
    execution = "arn:aws:iam::111111111111:role/example-pipeline"
    service   = "arn:aws:iam::111111111111:role/example-pipeline-service"
  }
}

run "the_application_goes_through_seven_stages" {
  assert {
    condition     = [for stage in aws_codepipeline.this.stage : stage.name] == ["Source", "Build", "UpdatePipeline", "Assets", "DeployDev", "Approve", "DeployProd"]
    error_message = "The stages of the application's pipeline are fixed."
  }

  assert {
    condition     = output.stages == [for stage in aws_codepipeline.this.stage : stage.name]
    error_message = "The output must name the stages as they are."
  }
}

run "the_infrastructure_has_no_assets" {
  variables {
    publishes_assets = false
    stack            = "infrastructure"
  }

  assert {
    condition     = [for stage in aws_codepipeline.this.stage : stage.name] == ["Source", "Build", "UpdatePipeline", "DeployDev", "Approve", "DeployProd"]
    error_message = "The stages of the infrastructure's pipeline are fixed."
  }

  assert {
    condition     = !contains(keys(aws_codebuild_project.this), "Assets")
    error_message = "No project without a stage."
  }
}

run "changes_of_the_given_paths_start_it" {
  assert {
    condition     = aws_codepipeline.this.stage[0].action[0].configuration.DetectChanges == "false"
    error_message = "Any push would start the pipeline, whatever its paths."
  }

  assert {
    condition     = aws_codepipeline.this.pipeline_type == "V2" && aws_codepipeline.this.trigger[0].git_configuration[0].push[0].file_paths[0].includes == tolist(["glue_jobs/**"])
    error_message = "Only a V2 pipeline filters paths."
  }

  assert {
    condition     = aws_codepipeline.this.stage[0].action[0].configuration.OutputArtifactFormat == "CODEBUILD_CLONE_REF"
    error_message = "Rollbacks need the history."
  }
}

run "the_approver_sees_the_plan" {
  assert {
    condition     = aws_codepipeline.this.stage[5].action[0].configuration.CustomData == "Plan #{DeployDev.PLAN_ID}\n#{DeployDev.SUMMARY}"
    error_message = "The approval must carry the summary of the plan that will be applied."
  }

  assert {
    condition     = aws_codepipeline.this.stage[5].action[0].configuration.NotificationArn == var.approval_topic_arn && aws_codepipeline.this.stage[5].action[0].provider == "Manual"
    error_message = "Approvers must be told."
  }

  assert {
    condition     = aws_codepipeline.this.stage[4].action[0].namespace == "DeployDev"
    error_message = "Without its namespace, nothing of the deployment can be shown or handed on."
  }

  assert {
    condition     = contains(jsondecode(aws_codepipeline.this.stage[6].action[0].configuration.EnvironmentVariables), { name = "PLAN_ID", type = "PLAINTEXT", value = "#{DeployDev.PLAN_ID}" })
    error_message = "The plan that was approved is the one to apply."
  }
}

run "tests_run_without_the_right_to_deploy" {
  assert {
    condition     = aws_codebuild_project.this["Build"].service_role == var.role_arns.build && alltrue([for name, project in aws_codebuild_project.this : project.service_role == var.role_arns.execution if name != "Build"])
    error_message = "Only the build that runs every test of a commit must be unable to deploy."
  }
}

run "everything_is_encrypted" {
  assert {
    condition     = one(one(aws_codepipeline.this.artifact_store).encryption_key).id == var.kms_key_arn && aws_cloudwatch_log_group.this.kms_key_id == var.kms_key_arn && alltrue([for project in aws_codebuild_project.this : project.encryption_key == var.kms_key_arn])
    error_message = "Artifacts and logs must be encrypted with the given key."
  }
}

run "environments_can_have_other_names" {
  variables {
    environments = { first = "test", next = "live" }
  }

  assert {
    condition     = join(" ", slice(output.stages, 4, 7)) == "DeployTest Approve DeployLive"
    error_message = "The stages are named after the environments."
  }
}

run "refuses_too_many_paths" {
  command = plan

  variables {
    paths = { includes = [for number in range(9) : "folder${number}/**"] }
  }

  expect_failures = [var.paths]
}

run "refuses_what_is_no_repository" {
  command = plan

  variables {
    repository = "https://github.com/example/example"
  }

  expect_failures = [var.repository]
}

run "refuses_what_is_no_stack" {
  command = plan

  variables {
    stack = "everything"
  }

  expect_failures = [var.stack]
}
