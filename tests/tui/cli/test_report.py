from __future__ import annotations

import json
import stat
from pathlib import Path

import jsonschema
import pytest

from demo.process import DemoAccount
from tests.core.report.test_report_json import SCHEMA
from tests.tui.cli.conftest import Run

VALIDATOR = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())


@pytest.mark.parametrize(
    ("pipeline", "code", "status", "cause"),
    [
        ("billing", 1, "failed", "artifact.access-denied"),
        ("orders", 1, "failed", "source.connection-pending"),
        ("payments", 0, "approval", "flow.approval-waiting"),
        ("mailer", 0, "succeeded", ""),
    ],
)
def test_json_keeps_to_its_schema(pipemedic: Run, pipeline: str, code: int, status: str, cause: str) -> None:
    done = pipemedic("report", pipeline, "--format", "json")
    assert done.returncode == code, done.stderr
    told = json.loads(done.stdout)
    VALIDATOR.validate(told)
    assert (told["pipeline"], told["status"]) == (pipeline, status)
    assert [each["id"] for each in told["causes"][:1]] == ([cause] if cause else [])
    assert {each["kind"] for each in told["timeline"]} >= {"triggered", "ran" if not code else "failed", "looked"}
    numbers = [each["n"] for each in told["evidence"]]
    assert numbers == list(range(1, len(numbers) + 1))
    assert {n for each in told["causes"] for n in each["evidence"]} <= set(numbers)


def test_the_log_is_quoted_around_the_line_that_states_the_cause(pipemedic: Run) -> None:
    told = json.loads(pipemedic("report", "billing", "--format", "json").stdout)
    part = told["excerpts"][0]
    assert any("s3:GetObject" in part["lines"][n - part["first"]] for n in part["marked"])
    assert part["source"].startswith("/aws/codebuild/billing:")


def test_a_past_execution_that_went_through_has_nothing_to_tell_but_its_runs(pipemedic: Run) -> None:
    told = json.loads(pipemedic("report", "billing", "--format", "json").stdout)
    past = pipemedic("report", "billing", "--execution", told["execution_id"][:13], "--format", "json")
    assert json.loads(past.stdout)["execution_id"] == told["execution_id"]
    assert json.loads(past.stdout)["causes"][0]["id"] == "artifact.access-denied"
    unknown = pipemedic("report", "billing", "--execution", "none-such")
    assert unknown.returncode == 2
    assert "has no execution" in unknown.stderr


def test_the_ending_decides_the_form_and_no_file_is_replaced_unasked(pipemedic: Run, tmp_path: Path) -> None:
    page = tmp_path / "night.html"
    done = pipemedic("report", "billing", "-o", str(page))
    assert done.returncode == 1
    assert done.stdout == ""
    assert page.read_text().startswith("<!DOCTYPE html>")
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    again = pipemedic("report", "billing", "-o", str(page), "--format", "markdown")
    assert again.returncode == 2
    assert "--force" in again.stderr
    assert page.read_text().startswith("<!DOCTYPE html>")
    pipemedic("report", "billing", "-o", str(page), "--format", "markdown", "--force")
    assert page.read_text().startswith("# billing: ")
    assert [each.name for each in tmp_path.iterdir() if each.is_file()] == ["night.html"]


def test_accounts_are_left_out_on_request(pipemedic: Run) -> None:
    text = pipemedic("report", "billing", "--redact-accounts").stdout
    assert "111122223333" not in text
    assert "account 1" in text
    assert "account ids are left out" in text


def test_what_may_not_be_read_is_told_and_the_rest_is_reported(pipemedic: Run, demo_account: DemoAccount) -> None:
    fault = demo_account.add_fault(
        service="codepipeline",
        operation="ListActionExecutions",
        code="AccessDeniedException",
        message="User: ada is not authorized to perform: codepipeline:ListActionExecutions",
        status=400,
    )
    try:
        done = pipemedic("report", "billing")
    finally:
        demo_account.clear_faults(fault)
    assert done.returncode == 1
    assert "## Cause" in done.stdout
