"""`pipemedic playbooks`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tui.team.conftest import EXAMPLE, SMALL


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "VIRTUAL_ENV") if name in os.environ}
    folder = tmp_path / "pipemedic" / "playbooks"
    folder.mkdir(parents=True)
    return {**kept, "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}


def put(environment: dict[str, str], name: str, text: str) -> Path:
    path = Path(environment["XDG_CONFIG_HOME"], "pipemedic", "playbooks", name)
    path.write_text(text, "utf-8")
    return path


def run(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tui", "playbooks", *words],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_list_has_both_kinds_and_names_bad_files_on_stderr(environment: dict[str, str]) -> None:
    put(environment, "small.yaml", SMALL)
    put(environment, "bad.yaml", "id: }")
    done = run(environment, "list")
    assert done.returncode == 0
    assert [line.split()[:2] for line in done.stdout.splitlines() if line.startswith(("codebuild", "small"))] == [
        ["codebuild", "built-in"],
        ["small", "small.yaml"],
    ]
    assert "bad.yaml:1:" in done.stderr
    found = json.loads(run(environment, "list", "--format", "json").stdout)
    assert {each["origin"] for each in found["playbooks"]} == {"built-in", "team"}
    assert found["mistakes"][0]["line"] == 1


def test_show_prints_questions_and_reads(environment: dict[str, str]) -> None:
    put(environment, "small.yaml", SMALL)
    done = run(environment, "show", "small")
    assert done.returncode == 0
    assert "Is it there?" in done.stdout
    assert "Reads: codebuild:BatchGetProjects" in done.stdout
    found = json.loads(run(environment, "show", "small", "--format", "json").stdout)
    assert found["questions"][0]["reads"] == ["codebuild:BatchGetProjects"]
    assert run(environment, "show", "nothing").returncode == 2


def test_check_of_the_example_is_fine_and_of_a_bad_file_is_a_finding(environment: dict[str, str]) -> None:
    assert run(environment, "check", str(EXAMPLE)).returncode == 0
    assert run(environment, "check").returncode == 0
    put(environment, "small.yaml", SMALL.replace("{names:", "{nams:"))
    done = run(environment, "check")
    assert done.returncode == 1
    lines = [line.rpartition("/")[2] for line in done.stdout.splitlines()]
    assert lines == [
        "small.yaml:11:20: BatchGetProjects needs names",
        "small.yaml:11:20: BatchGetProjects takes no nams",
    ]
    put(environment, "small.yaml", SMALL.replace("BatchGetProjects", "GetNothing"))
    found = json.loads(run(environment, "check", "--format", "json").stdout)
    assert [each["message"] for each in found["mistakes"]] == ["codebuild has no operation GetNothing"]


def test_help_and_list_import_no_aws_library(environment: dict[str, str]) -> None:
    code = (
        "import sys\nfrom tui.cli import main\n"
        "try: main(['playbooks', 'list'], prog_name='pipemedic')\nexcept SystemExit: pass\n"
        "sys.stderr.write(','.join(sorted(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert set(done.stderr.split(",")).isdisjoint({"textual", "rich", "aiobotocore", "botocore", "boto3", "moto"})
