"""The usual shapes of pipelines: where the source comes from, what a build is called."""

from collections.abc import Mapping
from typing import Any

from demo.kit import Kit, action, stage

__all__ = ["approval", "codebuild", "github", "push_trigger"]


def github(
    kit: Kit, region: str, repository: str, branch: str = "main", connection: str = "github-example"
) -> dict[str, Any]:
    """Declare a source stage on GitHub through a connection, which is made if need be."""
    used = kit.connection(connection, region)
    return stage(
        "Source",
        action(
            "Source",
            "Source",
            "CodeStarSourceConnection",
            {
                "ConnectionArn": used,
                "FullRepositoryId": repository,
                "BranchName": branch,
                "OutputArtifactFormat": "CODE_ZIP",
                "DetectChanges": "false",
            },
            outputs=("SourceArtifact",),
            namespace="SourceVariables",
        ),
    )


def push_trigger(branch: str = "main") -> Mapping[str, Any]:
    """Declare a V2 trigger on pushes to a branch."""
    return {
        "providerType": "CodeStarSourceConnection",
        "gitConfiguration": {"sourceActionName": "Source", "push": [{"branches": {"includes": [branch]}}]},
    }


def codebuild(
    project: str,
    name: str = "Build",
    *,
    inputs: str = "SourceArtifact",
    output: str = "BuildArtifact",
    order: int = 1,
    category: str = "Build",
) -> dict[str, Any]:
    """Declare a CodeBuild action."""
    return action(
        name,
        category,
        "CodeBuild",
        {"ProjectName": project},
        inputs=(inputs,),
        outputs=(output,) if output else (),
        order=order,
        namespace=f"{name}Variables",
    )


def approval(name: str = "Approve", text: str = "Ready for production?", order: int = 1) -> dict[str, Any]:
    """Declare a manual approval."""
    return action(name, "Approval", "Manual", {"CustomData": text}, order=order)
