from __future__ import annotations

import json

import click

from demo.process import DemoAccount
from tests.tui.cli.conftest import Run
from tui.output import cell_width

BOTH = ("--region", "eu-west-1", "--region", "us-east-1")


def test_table_names_every_pipeline_with_its_condition(pipemedic: Run) -> None:
    done = pipemedic("ls", *BOTH)
    assert done.returncode == 0
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines[0].split()[:4] == ["STATUS", "PIPELINE", "STAGES", "WHAT"]
    assert "REGION" in lines[0]
    billing = next(line for line in lines if " billing " in line)
    assert billing.startswith("✗ failed")
    assert "✗" in billing.split()[3]


def test_table_puts_trouble_first(pipemedic: Run) -> None:
    words = [line.split()[1] for line in pipemedic("ls").stdout.splitlines()[1:]]
    assert words[0] == "failed"
    assert words.index("ok") > words.index("approval") > words.index("failed")


def test_table_fits_the_terminal_and_marks_the_cut(pipemedic: Run) -> None:
    lines = pipemedic("ls", *BOTH, COLUMNS="80").stdout.splitlines()
    assert max(map(cell_width, lines)) <= 80
    assert any("…" in line for line in lines)


def test_json_is_one_array_of_objects(pipemedic: Run) -> None:
    done = pipemedic("ls", *BOTH, "--format", "json")
    assert done.returncode == 0
    listed = {row["pipeline"]: row for row in json.loads(done.stdout)}
    assert len(listed) >= 14
    assert {row["region"] for row in listed.values()} == {"eu-west-1", "us-east-1"}
    billing = listed["billing"]
    assert billing["status"] == "failed"
    assert billing["account"] == "111122223333"
    assert (billing["stage"], billing["execution_status"]) == ("Build", "Failed")
    assert "s3:GetObject" in billing["why"]
    assert billing["ended_at"].endswith("Z")
    assert billing["duration_s"] > 0


def test_failed_keeps_only_what_needs_a_hand_and_says_so_in_its_exit_code(pipemedic: Run) -> None:
    done = pipemedic("ls", "--failed", "--format", "json")
    assert done.returncode == 1
    assert {row["status"] for row in json.loads(done.stdout)} == {"failed", "stuck"}


def test_options_may_stand_before_and_after_the_command(pipemedic: Run) -> None:
    done = pipemedic("--region", "eu-west-1", "--read-only", "ls", "--region", "us-east-1", "--format", "json")
    assert {row["region"] for row in json.loads(done.stdout)} == {"eu-west-1", "us-east-1"}


def test_hostile_commit_message_drives_nothing(pipemedic: Run) -> None:
    done = pipemedic("ls", *BOTH)
    assert "\x1b" not in done.stdout
    assert "\u202e" not in done.stdout
    assert "[red]partner[/red]" in done.stdout


def test_no_colour_in_a_pipe_unless_it_is_forced(pipemedic: Run) -> None:
    assert "\x1b[" not in pipemedic("ls").stdout
    forced = pipemedic("ls", FORCE_COLOR="1").stdout
    assert "\x1b[31m" in forced
    assert click.unstyle(forced).splitlines()[0].startswith("STATUS")
    assert "\x1b[" not in pipemedic("ls", FORCE_COLOR="1", NO_COLOR="1").stdout


def test_place_that_fails_is_named_while_the_others_are_listed(pipemedic: Run, demo_account: DemoAccount) -> None:
    fault = demo_account.add_fault(
        service="codepipeline",
        region="us-east-1",
        code="AccessDeniedException",
        message="User: ada is not authorized to perform: codepipeline:ListPipelines \x1b]0;title",
        status=400,
    )
    try:
        done = pipemedic("ls", *BOTH, "--format", "json")
        alone = pipemedic("ls", "--region", "us-east-1")
    finally:
        demo_account.clear_faults(fault)
    assert done.returncode == 0
    assert {row["region"] for row in json.loads(done.stdout)} == {"eu-west-1"}
    assert "warning: codepipeline:ListPipelines in us-east-1 is not allowed" in done.stderr
    assert "\x1b" not in done.stderr
    assert alone.returncode == 3
    assert alone.stdout == ""
    assert "Ask for codepipeline:ListPipelines" in alone.stderr


def test_pipeline_that_cannot_be_read_is_listed_and_named(pipemedic: Run, demo_account: DemoAccount) -> None:
    fault = demo_account.add_fault(
        service="codepipeline", operation="GetPipelineState", code="AccessDeniedException", message="no", status=400
    )
    try:
        done = pipemedic("ls")
    finally:
        demo_account.clear_faults(fault)
    assert done.returncode == 0
    assert "could not be read" in done.stderr
    assert "? unknown" in done.stdout
