from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from demo.process import DemoAccount
from tests.tui.cli.conftest import Run

SCHEMA: dict[str, Any] = json.loads(Path(__file__).parents[3].joinpath("docs/diagnose.schema.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def test_schema_is_valid_itself() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    ("pipeline", "code", "status", "stage", "cause"),
    [
        ("billing", 1, "failed", "Build", "artifact.access-denied"),
        ("orders", 1, "failed", "Source", "source.connection-pending"),
        ("payments", 1, "approval", "Approve", "flow.approval-waiting"),
        ("mailer", 0, "ok", "Source", ""),
    ],
)
def test_json_is_one_object_that_keeps_to_the_schema(
    pipemedic: Run, pipeline: str, code: int, status: str, stage: str, cause: str
) -> None:
    done = pipemedic("diagnose", pipeline, "--format", "json")
    assert done.returncode == code
    assert done.stderr == ""
    found = json.loads(done.stdout)
    VALIDATOR.validate(found)
    assert (found["pipeline"], found["account"], found["region"]) == (pipeline, "111122223333", "eu-west-1")
    assert (found["status"], found["stage"]) == (status, stage)
    assert [each["cause"] for each in found["findings"][:1]] == ([cause] if cause else [])


def test_findings_are_ranked_and_cite_facts(pipemedic: Run) -> None:
    found = json.loads(pipemedic("diagnose", "billing", "--format", "json").stdout)
    first = found["findings"][0]
    assert first["evidence"]
    assert {each["service"] for each in first["evidence"]} & {"codebuild", "codepipeline"}
    assert found["api_calls"] >= len(first["evidence"])
    assert len({each["id"] for each in found["checks"]}) == len(found["checks"])


def test_past_execution_is_diagnosed_on_its_own_terms(pipemedic: Run) -> None:
    newest, before = re.findall(
        r"[0-9a-f]{8}-[0-9a-f-]{27}", pipemedic("logs", "billing", "--execution", "none-such").stderr
    )[:2]
    failed = json.loads(pipemedic("diagnose", "billing", "--execution", newest, "--format", "json").stdout)
    assert (failed["execution_id"], failed["status"], failed["stage"]) == (newest, "failed", "Build")
    passed = pipemedic("diagnose", "billing", "--execution", before[:12], "--format", "json")
    assert passed.returncode == 0
    assert (json.loads(passed.stdout)["execution_id"], json.loads(passed.stdout)["status"]) == (before, "succeeded")


def test_named_stage_is_looked_at_instead(pipemedic: Run) -> None:
    found = json.loads(pipemedic("diagnose", "billing", "--stage", "Source", "--format", "json").stdout)
    VALIDATOR.validate(found)
    assert (found["stage"], found["action"], found["status"]) == ("Source", "Source", "failed")


def test_text_says_what_is_broken_why_and_what_to_do(pipemedic: Run) -> None:
    done = pipemedic("diagnose", "billing", COLUMNS="100")
    assert done.returncode == 1
    text = done.stdout
    order = [
        "billing  eu-west-1",
        "✗ failed",
        "Build / Build (CodeBuild)",
        "s3:GetObject",
        "1. ",
        "Evidence",
        "[1] codebuild",
    ]
    at = [text.index(part) for part in order]
    assert at == sorted(at)
    assert re.search(r"(confirmed|likely) \d+ %  artifact\.access-denied", text)
    assert "Ruled out" in text
    assert re.search(r"\d+ checks · \d+ calls · \d+\.\d s", text)
    assert "\x1b" not in text


def test_check_that_may_not_look_is_told_apart_from_one_that_found_nothing(
    pipemedic: Run, demo_account: DemoAccount
) -> None:
    fault = demo_account.add_fault(
        service="codebuild",
        code="AccessDeniedException",
        message="User: ada is not authorized to perform: codebuild:BatchGetBuilds",
        status=400,
    )
    try:
        text = pipemedic("diagnose", "billing").stdout
        found = json.loads(pipemedic("diagnose", "billing", "--format", "json").stdout)
    finally:
        demo_account.clear_faults(fault)
    VALIDATOR.validate(found)
    assert "Not allowed to look" in text
    assert "denied" in {each["answer"] for each in found["checks"]}
    assert found["findings"], "the error text still names a cause"


def test_definition_that_may_not_be_read_ends_with_its_reason(pipemedic: Run, demo_account: DemoAccount) -> None:
    fault = demo_account.add_fault(
        service="codepipeline",
        operation="GetPipeline",
        code="AccessDeniedException",
        message="User: ada is not authorized to perform: codepipeline:GetPipeline",
        status=400,
    )
    try:
        done = pipemedic("diagnose", "billing")
    finally:
        demo_account.clear_faults(fault)
    assert done.returncode == 3
    assert "Ask for codepipeline:GetPipeline" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "setting", "code", "cause"),
    [
        (["none-such"], {}, 2, "flow.pipeline-missing"),
        (["billing"], {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, 3, ""),
    ],
)
def test_what_kept_a_diagnosis_from_beginning_is_json_too(
    pipemedic: Run, arguments: list[str], setting: dict[str, str], code: int, cause: str
) -> None:
    done = pipemedic("diagnose", *arguments, "--format", "json", **setting)
    assert done.returncode == code
    found = json.loads(done.stdout)
    VALIDATOR.validate(found)
    assert [each["cause"] for each in found["findings"]] == ([cause] if cause else [])
    assert "error:" in done.stderr
