"""Copying with the desktop's own tools."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui.clipboard import Copier, copiers, copy_natively


def here(name: str) -> str:
    return f"/bin/{name}"


@pytest.mark.parametrize(
    ("environment", "platform", "names"),
    [
        ({}, "linux", []),
        ({"WAYLAND_DISPLAY": "w", "DISPLAY": ":0"}, "linux", ["wl-copy", "xclip", "xsel"]),
        ({"DISPLAY": ""}, "linux", []),
        ({"TMUX": "x"}, "darwin", ["pbcopy", "tmux"]),
        ({"WSL_DISTRO_NAME": "Ubuntu"}, "linux", ["clip.exe"]),
    ],
)
def test_tools_that_can_copy_here_are_known(environment: dict[str, str], platform: str, names: list[str]) -> None:
    assert [Path(each.command[0]).name for each in copiers(environment, here, platform)] == names
    assert copiers(environment, lambda _: None, platform) == []


def test_text_reaches_the_first_tool_that_works_without_a_shell(tmp_path: Path) -> None:
    out = tmp_path / "out"
    bad, good = tmp_path / "bad", tmp_path / "good"
    bad.write_text("#!/bin/sh\nexit 1\n")
    good.write_text(f"#!/bin/sh\ncat > {out}\n")
    for each in (bad, good):
        each.chmod(0o755)
    text = "$(touch /tmp/x); `id` 'a' \"b\" ü\nline"
    known = [Copier((str(tmp_path / "gone"),)), Copier((str(bad),)), Copier((str(good),))]
    assert copy_natively(text, known)
    assert out.read_text() == text
    assert copy_natively(text, [Copier((str(good),), "utf-16")])
    assert out.read_bytes().decode("utf-16") == text
    assert not copy_natively(text, known[:2])
