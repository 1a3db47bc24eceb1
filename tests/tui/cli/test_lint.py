"""`pipemedic lint`: files in, problems with their places out, without AWS."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.tui.cli.conftest import PROGRAM, Run

_GOOD = "version: 0.2\nphases:\n  build:\n    commands: [make]\n"


def test_a_good_file_ends_with_0(bare: Run, tmp_path: Path) -> None:
    file = tmp_path / "buildspec.yml"
    file.write_text(_GOOD, "utf-8")
    done = bare("lint", "buildspec", str(file))
    assert (done.returncode, done.stdout) == (0, f"{file}: no problems\n")


def test_a_problem_is_told_with_place_severity_reason_and_page(bare: Run, tmp_path: Path) -> None:
    file = tmp_path / "buildspec.yml"
    file.write_text(_GOOD + "artifact: {files: [dist]}\n", "utf-8")
    done = bare("lint", "buildspec", str(file))
    assert done.returncode == 1
    assert done.stdout.startswith(f"{file}:5:1: error: artifact is not known at the top level [unknown-key]\n")
    assert "Did you mean artifacts?" in done.stdout
    assert "https://docs.aws.amazon.com/codebuild/" in done.stdout
    assert done.stdout.endswith(f"{file}: 1 error\n")


def test_hints_alone_end_with_0_and_the_image_is_heeded(bare: Run, tmp_path: Path) -> None:
    file = tmp_path / "buildspec.yml"
    file.write_text("version: 0.2\nphases: {install: {runtime-versions: {nodejs: 18}, commands: [x]}}", "utf-8")
    assert bare("lint", "buildspec", str(file), "--image", "standard:7.0").returncode == 0
    assert bare("lint", "buildspec", str(file), "--image", "standard:8.0").returncode == 1
    file.write_text('[{"name": "web", "imageUri": "web"}]', "utf-8")
    done = bare("lint", "imagedefinitions", str(file))
    assert (done.returncode, "1 hint" in done.stdout) == (0, True)


@pytest.mark.parametrize(
    ("kind", "text"), [("appspec", "version: 0.0\n"), ("pipeline", "{}"), ("imagedefinitions", "{}")]
)
def test_json_from_standard_input(kind: str, text: str) -> None:
    done = subprocess.run(
        [*PROGRAM, "lint", kind, "-", "--format", "json"], input=text, capture_output=True, text=True, check=False
    )
    answer = json.loads(done.stdout)
    assert done.returncode == 1
    assert answer["file"] == "standard input"
    assert {"line", "column", "severity", "rule", "message", "reason", "reference"} == set(answer["problems"][0])


def test_what_is_no_text_and_control_sequences_reach_no_terminal(bare: Run, tmp_path: Path) -> None:
    file = tmp_path / "binary"
    file.write_bytes(b"\x89PNG\r\n\xff\xfe\x00")
    done = bare("lint", "pipeline", str(file))
    assert (done.returncode, "not valid UTF-8" in done.stdout) == (1, True)
    file.write_text(_GOOD + '"\\e]0;owned\\a\\e[31mx": 1\n', "utf-8")
    done = bare("lint", "buildspec", str(file))
    assert done.returncode == 1
    assert "\x1b" not in done.stdout


def test_a_file_that_is_not_there_is_a_mistake_in_usage(bare: Run) -> None:
    assert bare("lint", "buildspec", "nowhere.yml").returncode == 2
    assert bare("lint", "nothing").returncode == 2


_BAD = "version: 0.2\r\nphases:\r\n  biuld:\r\n    commands:\r\n      - echo Tests: all: make\r\n      - 'a\u2028 b'"


@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "byte order mark"])
@pytest.mark.parametrize("tool", [["git", "apply"], ["patch", "--binary", "-p1", "-i"]], ids=["git", "patch"])
def test_a_patch_is_written_once_and_is_taken_by_git_and_patch(
    bare: Run, tmp_path: Path, mark: str, tool: list[str]
) -> None:
    folder = tmp_path / "ci files"
    folder.mkdir()
    (tmp_path / ".git").mkdir()
    file, patch = folder / "buildspec.yml", tmp_path / "fix.patch"
    file.write_bytes((mark + _BAD).encode())
    done = bare("lint", "buildspec", str(file), "--patch", str(patch))
    assert done.returncode == 1
    assert "the phase biuld is build" in done.stderr
    assert "error" in done.stdout
    subprocess.run(
        [*tool, str(patch)],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        env={"GIT_DIR": "/nonexistent", "PATH": "/usr/bin:/bin"},
    )
    assert file.read_bytes().decode() == mark + _BAD.replace("biuld", "build").replace(
        "echo Tests: all: make", "'echo Tests: all: make'"
    )
    again = bare("lint", "buildspec", str(file), "--patch", str(patch))
    assert "no patch" in again.stderr
    file.write_bytes(_BAD.encode())
    refused = bare("lint", "buildspec", str(file), "--patch", str(patch))
    assert (refused.returncode, "is there already" in refused.stderr) == (2, True)


def test_a_patch_on_standard_output_stands_alone(bare: Run, tmp_path: Path) -> None:
    file = tmp_path / "imagedefinitions.json"
    file.write_text('[{"name": "wbe", "imageUri": "shop:1"}]', "utf-8")
    done = bare("lint", "imagedefinitions", str(file), "--container", "web", "--patch", "-")
    assert done.returncode == 1
    assert done.stdout.startswith("diff --git a/imagedefinitions.json b/imagedefinitions.json\n")
    assert '+    "name": "web",' in done.stdout
    assert "The task definition has no container wbe" in done.stderr
    (tmp_path / "appspec.yml").write_text("version: 0.0\nos: linux\n", "utf-8")
    nothing = bare("lint", "appspec", str(tmp_path / "appspec.yml"), "--patch", "-")
    assert nothing.stdout == ""
    assert "nothing can be corrected with certainty" in nothing.stderr
