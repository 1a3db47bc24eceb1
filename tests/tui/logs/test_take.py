from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tui.logs.take import editor_command, export_name, pager_command, write_lines, written_for_a_program


def test_lines_are_written_clean_and_masked_for_their_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "build.log"
    lines = ["\x1b[31mred\x1b[0m\x1b]52;c;ZXZpbA==\x07", "password=hunter2", *(f"line {n}" for n in range(12_000))]
    assert write_lines(path, lines) == 12_002
    written = path.read_text().split("\n")
    assert written[:3] == ["red", "password=********", "line 0"]
    assert written[-2:] == ["line 11999", ""]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_secrets_are_written_only_when_asked_for(tmp_path: Path) -> None:
    write_lines(tmp_path / "a", ["password=hunter2"], secrets=True)
    assert (tmp_path / "a").read_text() == "password=hunter2\n"


def test_a_file_that_is_there_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("mine")
    with pytest.raises(FileExistsError):
        write_lines(tmp_path / "a", ["x"])
    assert (tmp_path / "a").read_text() == "mine"


def test_a_name_fits_every_file_system() -> None:
    name = export_name("/aws/codebuild/web:0f1e/../\x00x", 1_795_417_200.0)
    assert name.startswith("aws-codebuild-web-0f1e-..-x-2026")
    assert "/" not in name
    assert export_name("///", 0).startswith("log-")


def test_pager_and_editor_open_at_the_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("less", "vim", "reader"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("PAGER", raising=False)
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", "vim -R")
    log = Path("x.log")
    assert pager_command(log, 7) == [str(tmp_path / "less"), "+7", "x.log"]
    assert editor_command(log, 7) == [str(tmp_path / "vim"), "-R", "+7", "x.log"]
    monkeypatch.setenv("PAGER", "reader --wide")
    assert pager_command(log, 7) == [str(tmp_path / "reader"), "--wide", "x.log"]
    monkeypatch.setenv("PAGER", "not-there")
    assert pager_command(log, 7) is None


def test_what_another_program_reads_lies_in_a_folder_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    path = written_for_a_program("x.log", ["token=abc"])
    assert path.parent.parent == tmp_path
    assert path.read_text() == "token=********\n"
