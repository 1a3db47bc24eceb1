"""`pipemedic compare` on the demo account."""

from __future__ import annotations

import json

from tests.tui.cli.conftest import Run


def test_it_names_what_changed_and_what_did_not(pipemedic: Run) -> None:
    done = pipemedic("compare", "billing")
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[0] == "billing"
    assert lines[1].startswith("before  ✓ Succeeded  ")
    assert lines[2].startswith("after   ✗ Failed  ")
    assert any(line.startswith("    + ") and line.endswith(" Validate IBANs before they are stored") for line in lines)
    assert lines[-1] == "the same: definition, pipeline role, variables, action configuration, build environment"


def test_json_tells_the_same_and_an_execution_with_itself_has_no_differences(pipemedic: Run) -> None:
    found = json.loads(pipemedic("compare", "billing", "--format", "json").stdout)
    assert (found["schema"], found["pipeline"]) == (1, "billing")
    assert [each["topic"] for each in found["differences"]] == ["revisions"]
    assert not found["unknown"]
    one = found["after"]["execution_id"]
    itself = pipemedic("compare", "billing", "--execution", one, "--with", one[:8])
    assert itself.returncode == 0
    assert "Revisions" not in itself.stdout


def test_an_execution_that_is_not_there_is_named(pipemedic: Run) -> None:
    done = pipemedic("compare", "billing", "--execution", "ffffffff-none")
    assert done.returncode == 3
    assert "pipeline billing has no execution ffffffff-none" in done.stderr
