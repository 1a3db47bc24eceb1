"""Files of team playbooks in a home of the test's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tui.team import load as loading

EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "team-playbook.yaml"
Put = Callable[[str, str | bytes], Path]

SMALL = """\
id: small
title: Small
summary: One question.
steps:
  - id: project
    question: Is it there?
    why: Else nothing is built.
    calls:
      - name: project
        service: codebuild
        operation: BatchGetProjects
        params: {names: ["{action.configuration.ProjectName}"]}
    expect:
      that: length(project.projects) > `0`
"""


@pytest.fixture
def put(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Put:
    """Write a file into the folder of team playbooks."""
    home = tmp_path / "settings"
    folder = home / "playbooks"
    folder.mkdir(parents=True)
    monkeypatch.setattr(loading, "config_dir", lambda: home)

    def write(name: str, content: str | bytes) -> Path:
        path = folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write
