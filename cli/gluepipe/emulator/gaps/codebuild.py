"""CodeBuild: projects that belong to a pipeline, and projects that can be updated."""

from __future__ import annotations

import json
from typing import Any

from moto.codebuild import responses
from moto.codebuild.exceptions import ResourceNotFoundException
from moto.codebuild.models import CodeBuildBackend
from moto.codebuild.responses import CodeBuildResponse
from moto.core.responses import ActionResult
from moto.core.utils import utcnow

from gluepipe.emulator.gaps.patching import adds, replaces

PLACELESS = ("CODEPIPELINE", "NO_SOURCE")
REQUEST_ONLY = ("name", "badgeEnabled")


def let_pipelines_bring_source_and_artifacts() -> None:
    """moto wants a location even where the pipeline brings the source and takes the artifacts."""
    check_source = responses._validate_required_params_source
    check_artifacts = responses._validate_required_params_artifacts

    @replaces(responses, "_validate_required_params_source")
    def source_is_valid(source: dict[str, Any]) -> None:
        check_source({"location": "the pipeline", **source} if source["type"] in PLACELESS else source)

    @replaces(responses, "_validate_required_params_artifacts")
    def artifacts_are_valid(artifacts: dict[str, Any]) -> None:
        check_artifacts({"location": "the pipeline", **artifacts} if artifacts["type"] in PLACELESS else artifacts)


def keep_everything_given() -> None:
    """moto keeps some of a project's fields and forgets the others."""
    forgetful = CodeBuildResponse.create_project

    @replaces(CodeBuildResponse)
    def create_project(self: CodeBuildResponse) -> ActionResult:
        forgetful(self)
        return ActionResult({"project": _merge_request(self)})


def add_update_project() -> None:
    """moto has no UpdateProject. As on AWS, only what the request names is changed."""

    @adds(CodeBuildResponse)
    def update_project(self: CodeBuildResponse) -> ActionResult:
        name = self._get_param("name")
        if name not in self.codebuild_backend.codebuild_projects:
            raise ResourceNotFoundException(f"Project cannot be found: {name}")
        return ActionResult({"project": _merge_request(self)})


def delete_projects_by_arn_too() -> None:
    """moto takes an ARN, by which the AWS provider names them, for the name of a project that it does not have."""
    delete = CodeBuildBackend.delete_project

    @replaces(CodeBuildBackend)
    def delete_project(self: CodeBuildBackend, project_name: str) -> None:
        delete(self, project_name.rpartition(":project/")[2])


def _merge_request(response: CodeBuildResponse) -> dict[str, Any]:
    request = json.loads(response.body)
    project: dict[str, Any] = response.codebuild_backend.codebuild_projects[request["name"]].project_metadata
    project.update({key: value for key, value in request.items() if key not in REQUEST_ONLY}, lastModified=utcnow())
    return project
