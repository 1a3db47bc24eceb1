"""Which action makes an artifact, who takes it, and where an execution left it."""

from __future__ import annotations

from typing import Any

from core.artifact_flow import artifact_flows
from core.pipeline import ActionDecl, StageDecl
from tests.builders import definition

DECLARED = definition(
    StageDecl("Source", (ActionDecl("Git", "Source", "CodeCommit", outputs=("Code",)),)),
    StageDecl(
        "Build",
        (
            ActionDecl("Test", "Test", "CodeBuild", run_order=2, inputs=("Code", "Out")),
            ActionDecl("Build", "Build", "CodeBuild", inputs=("Code",), outputs=("Out",), region="us-east-1"),
        ),
    ),
    StageDecl("Deploy", (ActionDecl("Ship", "Deploy", "ECS", inputs=("Lost",)),)),
)


def _held(name: str, key: str) -> dict[str, object]:
    return {"name": name, "s3location": {"bucket": "store", "key": key}}


def test_makers_and_takers_follow_the_definition_in_run_order() -> None:
    code, out, lost = artifact_flows(DECLARED)
    assert (code.name, code.made_by, code.used_by) == ("Code", "Source/Git", ("Build/Build", "Build/Test"))
    assert (out.made_by, out.used_by, out.region) == ("Build/Build", ("Build/Test",), "us-east-1")
    assert (lost.name, lost.made_by, lost.used_by, lost.uri) == ("Lost", "", ("Deploy/Ship",), "")


def test_the_newest_run_says_where_an_artifact_lies() -> None:
    details: list[dict[str, Any]] = [
        {"actionName": "Build", "output": {"outputArtifacts": [_held("Out", "new")]}},
        {"actionName": "Test", "input": {"inputArtifacts": [_held("Code", "code"), _held("Out", "taken")]}},
        {"actionName": "Build", "output": {"outputArtifacts": [_held("Out", "old")]}},
        {"actionName": "Ship", "input": None, "output": {"outputArtifacts": [{"name": "Lost"}]}},
    ]
    code, out, lost = artifact_flows(DECLARED, details)
    assert (code.uri, out.uri, lost.uri) == ("s3://store/code", "s3://store/new", "")
