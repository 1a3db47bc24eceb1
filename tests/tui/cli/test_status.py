from __future__ import annotations

import json

from demo.process import DemoAccount
from tests.tui.cli.conftest import Run


def test_text_shows_stages_actions_and_the_error(pipemedic: Run) -> None:
    done = pipemedic("status", "billing")
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[0] == "billing  eu-west-1 · 111122223333"
    assert lines[1].startswith("✗ failed · ")
    assert "✗ Build  Failed" in lines
    assert any("s3:GetObject" in line for line in lines)


def test_disabled_transition_says_who_and_why(pipemedic: Run) -> None:
    done = pipemedic("status", "search-prod")
    assert done.returncode == 0
    assert "⊘ the way into Prod is disabled by" in done.stdout
    assert "Index freeze" in done.stdout


def test_waiting_approval_is_told(pipemedic: Run) -> None:
    done = pipemedic("status", "payments")
    assert done.returncode == 0
    assert "‖ approval" in done.stdout
    assert "waits for approval" in done.stdout


def test_json_tells_the_same(pipemedic: Run) -> None:
    done = pipemedic("status", "billing", "--format", "json")
    assert done.returncode == 1
    found = json.loads(done.stdout)
    assert (found["schema"], found["pipeline"], found["status"], found["stage"]) == (1, "billing", "failed", "Build")
    build = next(stage for stage in found["stages"] if stage["name"] == "Build")
    assert build["actions"][0]["provider"] == "CodeBuild"
    assert build["actions"][0]["external_id"].startswith("billing:")
    assert found["execution"]["status"] == "Failed"


def test_stuck_pipeline_is_a_finding(pipemedic: Run) -> None:
    assert pipemedic("status", "mobile-ios").returncode == 1


def test_executions_and_identity_are_a_courtesy(pipemedic: Run, demo_account: DemoAccount) -> None:
    faults = [
        demo_account.add_fault(service=service, operation=operation, code="AccessDenied", message="no", status=403)
        for service, operation in (("sts", "*"), ("codepipeline", "ListPipelineExecutions"))
    ]
    try:
        done = pipemedic("status", "billing")
    finally:
        for fault in faults:
            demo_account.clear_faults(fault)
    assert done.returncode == 1
    assert done.stdout.startswith("billing  eu-west-1\n")
