"""`pipemedic explain`: texts and logs in, causes out, without AWS."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tui.cli.conftest import PROGRAM, Run

_LOG = """[Container] 2026/05/02 08:11:02 Entering phase BUILD
[Container] 2026/05/02 08:11:02 Running command npm ci
npm ERR! code E404
[Container] 2026/05/02 08:11:03 Command did not exit successfully npm ci exit status 1
[Container] 2026/05/02 08:11:03 Phase complete: BUILD State: FAILED
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    file = tmp_path / "build.log"
    file.write_text(_LOG, "utf-8")
    return file


def test_a_log_file_gives_cause_line_names_steps_playbook_and_address(bare: Run, log: Path) -> None:
    done = bare("explain", "--provider", "CodeBuild", str(log))
    assert done.returncode == 1
    assert "build.dependency-failed" in done.stdout
    assert "◆ line 3" in done.stdout
    assert "npm ERR! code E404" in done.stdout
    assert "Playbook: codebuild" in done.stdout
    assert "https://docs.aws.amazon.com/" in done.stdout
    assert "\x1b" not in done.stdout


def test_json_holds_the_same(bare: Run, log: Path) -> None:
    done = bare("explain", "--format", "json", str(log))
    found = json.loads(done.stdout)
    assert (found["schema"], found["verdict"], found["cause_line"]) == (1, "explained", 3)
    assert found["causes"][0]["cause"] == "build.dependency-failed"
    assert found["causes"][0]["evidence"][0] == {"line": 3, "text": "npm ERR! code E404", "is_cause": True}
    assert found["causes"][0]["extracted"]["exit_code"] == "1"


def test_a_message_alone_will_do(bare: Run) -> None:
    done = bare("explain", "--message", "YAML_FILE_ERROR: YAML file does not exist")
    assert done.returncode == 1
    assert "build.buildspec-missing" in done.stdout


def test_an_unknown_failure_is_said_to_be_unknown(bare: Run) -> None:
    done = bare("explain", "--message", "the gate said no")
    assert done.returncode == 1
    assert "unknown failure" in done.stdout
    assert "the gate said no" in done.stdout


def test_a_healthy_log_is_healthy(bare: Run, tmp_path: Path) -> None:
    file = tmp_path / "ok.log"
    file.write_text("[Container] 2026/05/02 08:11:03 Phase complete: BUILD State: SUCCEEDED\n", "utf-8")
    done = bare("explain", str(file))
    assert (done.returncode, done.stdout.strip()) == (0, "✓ nothing failed here")


def test_nothing_to_read_is_a_usage_error(bare: Run) -> None:
    assert bare("explain").returncode == 2


def test_what_could_drive_a_terminal_is_not_printed(bare: Run) -> None:
    done = bare("explain", "--message", "no basic auth credentials \x1b]52;c;aGk=\x07\x1b[2J [/red] \u202e")
    assert done.returncode == 1
    assert "\x1b" not in done.stdout
    assert "⟨RLO⟩" in done.stdout


def _lines(text: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PROGRAM, "explain", *words], input=text, capture_output=True, text=True, check=False, timeout=60
    )


def test_json_lines_are_answered_in_their_order() -> None:
    rows = [
        {"id": "a", "message": "no basic auth credentials", "provider": "CodeBuild", "stage": "", "log": ""},
        {"id": 2},
        {"id": "c", "log": _LOG},
    ]
    done = _lines("\n".join(json.dumps(row) for row in rows) + "\n", "--jsonl")
    assert done.returncode == 1
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["id"] for row in found] == ["a", 2, "c"]
    assert [row["verdict"] for row in found] == ["explained", "healthy", "explained"]
    assert found[0]["causes"][0]["cause"] == "build.registry-login"
    assert found[2]["causes"][0]["evidence"][0]["line"] == 3


def test_a_json_line_is_answered_before_the_next_one_comes() -> None:
    command = [*PROGRAM, "explain", "--jsonl"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        for name in ("first", "second"):
            running.stdin.write(json.dumps({"id": name, "message": "YAML file does not exist"}) + "\n")
            running.stdin.flush()
            assert json.loads(running.stdout.readline())["id"] == name
        running.stdin.close()
        assert running.wait(timeout=30) == 1


@pytest.mark.parametrize("text", ["{nope\n", "[1]\n", '{"log": 7}\n'])
def test_a_line_that_is_no_failure_is_named(text: str) -> None:
    done = _lines('{"id": 1}\n' + text, "--jsonl")
    assert done.returncode == 2
    assert "line 2" in done.stderr


def test_calibration_prints_a_table(bare: Run, tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    rows = [
        {"id": 1, "message": "YAML file does not exist", "cause": "build.buildspec-missing", "also": []},
        {"id": 2, "message": "no basic auth credentials", "cause": "build.network", "also": ["build.registry-login"]},
        {"id": 3, "message": "the gate said no", "cause": "build.network"},
    ]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    done = bare("explain", "--calibration", str(file))
    assert done.returncode == 0
    assert done.stdout.splitlines()[0].split() == ["confidence", "n", "said", "right"]
    assert "3 cases: first answer right 66.7%" in done.stdout


def test_the_knowledge_base_passes_its_own_check(bare: Run) -> None:
    done = bare("explain", "--check")
    assert done.returncode == 0, done.stdout
    assert "all in order" in done.stdout


def test_a_folder_of_ones_own_entries_is_used_and_checked(bare: Run, tmp_path: Path) -> None:
    (tmp_path / "acme.toml").write_text(
        """[[signature]]
id = "acme.gate"
cause = "build.lint-failed"
weight = 0.9
match = ['the gate said no']
example = ['the gate said no']
counter = ['the gate said yes']
source = "https://example.com/gate"
""",
        "utf-8",
    )
    done = bare("explain", "--knowledge", str(tmp_path), "--message", "the gate said no")
    assert "build.lint-failed" in done.stdout
    (tmp_path / "acme.toml").write_text("[[signature]]\nid = 'acme.gate'\n", "utf-8")
    done = bare("explain", "--knowledge", str(tmp_path), "--check")
    assert done.returncode == 2
    assert "acme.toml, entry 1 (acme.gate): cause is missing" in done.stderr


def test_it_starts_without_the_screens_and_without_aws(log: Path) -> None:
    code = (
        "import sys; from tui.cli import main\n"
        f"try:\n    main(['explain', {str(log)!r}])\nexcept SystemExit:\n    pass\n"
        "print(sorted({'textual', 'rich', 'boto3', 'botocore', 'aiobotocore', 'pygments'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout.splitlines()[-1] == "[]", done.stderr
