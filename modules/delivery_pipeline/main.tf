locals {
  _first = "Deploy${title(var.environments.first)}"
  _next  = "Deploy${title(var.environments.next)}"

  # Every stage but Source and Approve is one build; each runs the make targets that people run.
  builds = merge(
    {
      Build          = { buildspec = "build", environment = {}, role = "build" }
      UpdatePipeline = { buildspec = "update_pipeline", environment = {}, role = "execution" }
      (local._first) = { buildspec = "deploy_first", environment = {}, role = "execution" }
      (local._next) = {
        buildspec   = "deploy_next"
        environment = { PLAN_ID = "#{${local._first}.PLAN_ID}" }
        role        = "execution"
      }
    },
    var.publishes_assets ? { Assets = { buildspec = "assets", environment = {}, role = "execution" } } : {},
  )

  stages = concat(
    ["Build", "UpdatePipeline"],
    var.publishes_assets ? ["Assets"] : [],
    [local._first, "Approve", local._next],
  )

  _approval = {
    CustomData      = "Plan #{${local._first}.PLAN_ID}\n#{${local._first}.SUMMARY}"
    NotificationArn = var.approval_topic_arn
  }

  configurations = {
    for name in local.stages : name => name == "Approve" ? local._approval : {
      ProjectName = aws_codebuild_project.this[name].name
      EnvironmentVariables = jsonencode([
        for key, value in merge(local.builds[name].environment, { EXECUTION_ID = "#{codepipeline.PipelineExecutionId}" }) :
        { name = key, type = "PLAINTEXT", value = value }
      ])
    }
  }
}

resource "aws_codepipeline" "this" {
  name           = var.name
  execution_mode = "SUPERSEDED"
  pipeline_type  = "V2"
  role_arn       = var.role_arns.service

  artifact_store {
    location = var.artifact_bucket
    type     = "S3"

    encryption_key {
      id   = var.kms_key_arn
      type = "KMS"
    }
  }

  trigger {
    provider_type = "CodeStarSourceConnection"

    git_configuration {
      source_action_name = "Source"

      push {
        branches {
          includes = [var.branch]
        }

        file_paths {
          excludes = var.paths.excludes
          includes = var.paths.includes
        }
      }
    }
  }

  stage {
    name = "Source"

    action {
      name             = "Source"
      category         = "Source"
      owner            = "AWS"
      provider         = "CodeStarSourceConnection"
      version          = "1"
      output_artifacts = ["Source"]

      configuration = {
        BranchName    = var.branch
        ConnectionArn = var.connection_arn
        # The trigger above detects them; this would start the pipeline whatever the path.
        DetectChanges    = "false"
        FullRepositoryId = var.repository
        # A rollback looks an earlier commit up in the history, which the zip would not have.
        OutputArtifactFormat = "CODEBUILD_CLONE_REF"
      }
    }
  }

  dynamic "stage" {
    for_each = local.stages

    content {
      name = stage.value

      action {
        name            = stage.value
        category        = stage.value == "Approve" ? "Approval" : "Build"
        owner           = "AWS"
        provider        = stage.value == "Approve" ? "Manual" : "CodeBuild"
        version         = "1"
        configuration   = local.configurations[stage.value]
        input_artifacts = stage.value == "Approve" ? [] : ["Source"]
        namespace       = stage.value == local._first ? local._first : null
      }
    }
  }
}
