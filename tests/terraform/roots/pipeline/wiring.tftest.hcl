mock_provider "aws" {
  source = "../../modules/mocks"
}

variables {
  account_id       = "111111111111"
  delivery_role_arns = ["arn:aws:iam::222222222222:role/example-deploy", "arn:aws:iam::333333333333:role/example-deploy"]
  project          = "example"
  region           = "eu-central-1"
  repository       = "example/example"
  state_bucket     = "example-pipeline-state-111111111111-eu-central-1"
}

run "has_the_two_pipelines" {
  assert {
    condition = output.pipelines == {
      example-application    = ["Source", "Build", "UpdatePipeline", "Assets", "DeployDev", "Approve", "DeployProd"]
      example-infrastructure = ["Source", "Build", "UpdatePipeline", "DeployDev", "Approve", "DeployProd"]
    }
    error_message = "There are two pipelines with exactly these stages."
  }
}
