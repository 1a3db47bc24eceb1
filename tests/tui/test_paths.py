from __future__ import annotations

from pathlib import Path

import pytest

from aws.journal import Journal
from tui import paths


def test_files_lie_where_the_user_wants_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("CONFIG", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    assert paths.config_dir() == tmp_path / "config" / "pipemedic"
    assert paths.state_dir() == tmp_path / "state" / "pipemedic"
    assert paths.cache_dir() == tmp_path / "cache" / "pipemedic"
    assert paths.crash_dir().parent == paths.state_dir()
    assert not list(tmp_path.iterdir()), "asking for a path makes no folder"


def test_journal_is_where_the_write_path_keeps_it() -> None:
    assert paths.journal_path() == Journal(None).path
