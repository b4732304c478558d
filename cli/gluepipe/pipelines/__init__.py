"""The pipelines that deliver: CodePipeline's, the same on this checkout, the same as GitHub Actions."""
