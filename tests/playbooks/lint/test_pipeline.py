"""Pipeline structures: each mistake at its place, and a whole one without any."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from playbooks.lint.pipeline import lint

_ARN = "arn:aws:iam::111122223333:role/pipeline"


def _action(name: str, kind: str, configuration: dict[str, str], **more: Any) -> dict[str, Any]:
    category, owner, provider = kind.split("/")
    type_id = {"category": category, "owner": owner, "provider": provider, "version": "1"}
    more = {
        key: [{"name": each} for each in value] if key.endswith("Artifacts") else value for key, value in more.items()
    }
    return {"name": name, "actionTypeId": type_id, "runOrder": 1, "configuration": configuration, **more}


def whole() -> dict[str, Any]:
    connection = "arn:aws:codeconnections:eu-west-1:111122223333:connection/0f1e2d3c"
    source = {"ConnectionArn": connection, "FullRepositoryId": "acme/web", "BranchName": "main"}
    variables = json.dumps([{"name": "COMMIT", "value": "#{src.CommitId}", "type": "PLAINTEXT"}])
    build = {"ProjectName": "web", "EnvironmentVariables": variables}
    stack = {
        "ActionMode": "CREATE_UPDATE",
        "StackName": "web-#{variables.Stage}",
        "TemplatePath": "Built::template.yml",
        "RoleArn": _ARN,
        "Capabilities": "CAPABILITY_IAM",
    }
    return {
        "name": "web",
        "roleArn": _ARN,
        "artifactStore": {"type": "S3", "location": "store-111122223333"},
        "pipelineType": "V2",
        "executionMode": "QUEUED",
        "version": 3,
        "variables": [{"name": "Stage", "defaultValue": "prod"}],
        "triggers": [
            {
                "providerType": "CodeStarSourceConnection",
                "gitConfiguration": {"sourceActionName": "Git", "push": [{"branches": {"includes": ["main"]}}]},
            }
        ],
        "stages": [
            {
                "name": "Source",
                "actions": [
                    _action(
                        "Git", "Source/AWS/CodeStarSourceConnection", source, outputArtifacts=["Src"], namespace="src"
                    )
                ],
            },
            {
                "name": "Build",
                "actions": [
                    _action("Build", "Build/AWS/CodeBuild", build, inputArtifacts=["Src"], outputArtifacts=["Built"])
                ],
            },
            {
                "name": "Deploy",
                "onFailure": {"result": "ROLLBACK"},
                "actions": [
                    _action("Ask", "Approval/AWS/Manual", {"CustomData": "#{codepipeline.PipelineExecutionId}"}),
                    _action(
                        "Stack",
                        "Deploy/AWS/CloudFormation",
                        stack,
                        inputArtifacts=["Built"],
                        outputArtifacts=[],
                        runOrder=2,
                    ),
                ],
            },
        ],
    }


def rules(pipeline: dict[str, Any], **metadata: str) -> list[str]:
    document = {"pipeline": pipeline, "metadata": metadata}
    return [f"{each.severity} {each.rule}" for each in lint(json.dumps(document, indent=1))]


def put(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(pipeline: dict[str, Any]) -> None:
        *way, last = path.split("/")
        at: Any = pipeline
        for step in way:
            at = at[int(step)] if step.isdecimal() else at[step]
        at[int(last) if last.isdecimal() else last] = value

    return change


_BUILD, _STACK = "stages/1/actions/0", "stages/2/actions/1"
_POLLING = _action("Git", "Source/AWS/S3", {"S3Bucket": "b", "S3ObjectKey": "k", "PollForSourceChanges": "true"})

CASES: dict[str, tuple[Callable[[dict[str, Any]], None], str]] = {
    "never made": (put(f"{_BUILD}/inputArtifacts/0/name", "Srcc"), "error artifact-never-made"),
    "made twice": (put(f"{_BUILD}/outputArtifacts/0/name", "Src"), "error artifact-twice"),
    "made too late": (put("stages/1/actions/0/inputArtifacts/0/name", "Built"), "error artifact-too-late"),
    "taken twice": (put(f"{_BUILD}/inputArtifacts", [{"name": "Src"}] * 2), "error artifact-twice"),
    "runOrder 0": (put(f"{_BUILD}/runOrder", 0), "error range"),
    "runOrder text": (put(f"{_BUILD}/runOrder", "one"), "error type"),
    "action twice": (put(f"{_STACK}/name", "Ask"), "error action-twice"),
    "stage twice": (put("stages/2/name", "Build"), "error stage-twice"),
    "region": (put(f"{_STACK}/region", "us-east-1"), "error region"),
    "both stores": (put("artifactStores", {"eu-west-1": {"type": "S3", "location": "abc"}}), "error stores"),
    "role": (put("roleArn", "pipeline-role"), "error form"),
    "role of an action": (put(f"{_STACK}/roleArn", "arn:aws:iam::1:role/x"), "error form"),
    "cross account": (put(f"{_STACK}/roleArn", "arn:aws:iam::444455556666:role/x"), "warning cross-account"),
    "variable": (put(f"{_STACK}/configuration/StackName", "#{variables.Stge}"), "error variable"),
    "namespace absent": (put(f"{_STACK}/configuration/StackName", "#{source.CommitId}"), "error variable"),
    "own namespace": (put(f"{_BUILD}/namespace", "variables"), "error namespace"),
    "namespace twice": (put(f"{_BUILD}/namespace", "src"), "error namespace"),
    "execution variable": (put(f"{_STACK}/configuration/StackName", "#{codepipeline.Id}"), "error variable"),
    "blank in a reference": (put(f"{_STACK}/configuration/StackName", "#{src CommitId}"), "warning variable-form"),
    "V1 with features": (put("pipelineType", "V1"), "error v2-only"),
    "type V3": (put("pipelineType", "V3"), "error value"),
    "parallel rollback": (put("executionMode", "PARALLEL"), "error rollback"),
    "unknown key": (put("stage", []), "error unknown-key"),
    "misplaced key": (put(f"{_BUILD}/actionTypeId/runOrder", 1), "error misplaced-key"),
    "category": (put(f"{_BUILD}/actionTypeId/category", "Builds"), "error value"),
    "provider": (put(f"{_BUILD}/actionTypeId/provider", "Codebuild"), "error provider"),
    "owner": (put(f"{_BUILD}/actionTypeId/owner", "ThirdParty"), "error provider"),
    "required setting": (put(f"{_BUILD}/configuration", {}), "error configuration"),
    "unknown setting": (put(f"{_BUILD}/configuration/Projectname", "x"), "warning configuration"),
    "environment no JSON": (put(f"{_BUILD}/configuration/EnvironmentVariables", "a=b"), "error configuration"),
    "action mode": (put(f"{_STACK}/configuration/ActionMode", "UPDATE"), "error configuration"),
    "template artifact": (put(f"{_STACK}/configuration/TemplatePath", "Src::t.yml"), "error artifact-not-input"),
    "template form": (put(f"{_STACK}/configuration/TemplatePath", "t.yml"), "error configuration"),
    "no input": (put(f"{_BUILD}/inputArtifacts", []), "error artifact-count"),
    "time-out": (put(f"{_STACK}/timeoutInMinutes", 60), "warning timeout"),
    "trigger": (put("triggers/0/gitConfiguration/sourceActionName", "Gitt"), "error trigger"),
    "tags and branches": (put("triggers/0/gitConfiguration/push/0/tags", {"includes": ["v*"]}), "error trigger"),
    "polling and a trigger": (put("stages/0/actions/0", _POLLING), "warning polling"),
    "no source first": (put("stages/0/actions/0/actionTypeId/category", "Build"), "error source-stage"),
    "no actions": (put("stages/2/actions", []), "error action-count"),
    "one stage": (put("stages", whole()["stages"][:1]), "error stage-count"),
    "unused variable": (put(f"{_STACK}/configuration/StackName", "web"), "hint variable-unused"),
    "stages no list": (put("stages", {}), "error type"),
}


@pytest.mark.parametrize(("change", "expected"), CASES.values(), ids=CASES)
def test_a_mistake_is_found(change: Callable[[dict[str, Any]], None], expected: str) -> None:
    pipeline = whole()
    change(pipeline)
    assert expected in rules(pipeline, pipelineArn="arn:aws:codepipeline:eu-west-1:111122223333:web")


def test_a_whole_pipeline_has_no_problem_with_or_without_its_wrapping() -> None:
    assert rules(whole(), pipelineArn="arn:aws:codepipeline:eu-west-1:111122223333:web") == []
    assert lint(json.dumps(whole())) == ()


def test_the_place_is_that_of_the_value() -> None:
    pipeline = whole()
    put(f"{_BUILD}/inputArtifacts/0/name", "Srcc")(pipeline)
    text = json.dumps(pipeline, indent=2)
    line = next(number for number, each in enumerate(text.split("\n"), 1) if '"Srcc"' in each)
    found = next(each for each in lint(text) if each.rule == "artifact-never-made")
    assert (found.line, found.column) == (line, text.split("\n")[line - 1].index('"Srcc"') + 1)
    assert found.reason == "Did you mean Src?"


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ('{"pipeline": }', (1, 14), "Not valid JSON: "),
        ("[" * 100_000, (1, 1), "Nested deeper than 60 levels"),
        ("[" * 100 + "]" * 100, (1, 1), "Nested deeper than 60 levels"),
        ('{"pipeline": {"name": "a", "name": "b"}}', (1, 28), "name is given twice (first on line 1)"),
        ("[]", (1, 1), "The file must be a mapping, not a sequence"),
    ],
    ids=range(5),
)
def test_broken_json_is_told_at_its_place(text: str, place: tuple[int, int], said: str) -> None:
    assert any((each.line, each.column) == place and each.message.startswith(said) for each in lint(text))
