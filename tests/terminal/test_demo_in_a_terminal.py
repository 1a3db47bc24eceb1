"""The whole walk in a real terminal, started by `make demo` as the user starts it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.terminal.tmux import Terminal

ROOT = Path(__file__).parent.parent.parent
Opener = Callable[[int, int], Terminal]
MODES = ("alternate_on", "cursor_flag", "mouse_any_flag", "mouse_sgr_flag", "keypad_flag")

pytestmark = [
    pytest.mark.terminal,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed"),
    pytest.mark.skipif(not (ROOT / ".venv/bin/pipemedic").exists(), reason="`make demo` would install first"),
]


@pytest.fixture(scope="session")
def installed() -> None:
    """Let make bring its environment up to date, so that `make demo` starts at once."""
    subprocess.run(["make", ".venv/.app"], cwd=ROOT, check=True, capture_output=True, timeout=300)


@pytest.fixture
def terminal(tmp_path: Path, installed: None) -> Iterator[Opener]:
    opened: list[Terminal] = []

    def open_one(width: int, height: int) -> Terminal:
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(tmp_path), "TERM": "tmux-256color", "LANG": "C.UTF-8", "PS1": "$ ",
        }  # fmt: skip
        opened.append(Terminal(tmp_path, width, height, environment))
        return opened[-1]

    yield open_one
    for each in opened:
        each.end()


def demo_processes(folder: Path) -> set[int]:
    """Demo accounts that were started from a terminal with this home folder."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
            ours = f"HOME={folder}".encode() in (process / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if ours and b"demo" in words and b"--with-parent" in words:
            found.add(int(process.name))
    return found


def walk_to_green(at: Terminal) -> None:
    """From the first paint to the verified retry."""
    at.type(f"cd {ROOT} && make demo; echo code=$?")
    at.shows("pipemedic", "checkout-api", "billing", "✗ failed")
    at.press("/")
    at.shows("filter:")
    at.write("failed billing")
    at.until(lambda: "search-index" not in at.screen and "billing" in at.screen)
    at.press("Enter")
    at.shows("Open")
    at.press("Enter")
    at.shows("✗ Build", "Diagnosis", "Definition", "DOWNLOAD_SOURCE")
    at.press("l")
    at.shows("error while downloading key", "ended")
    at.press("Escape")
    at.shows("Definition")
    at.press("d")
    at.shows("Which build is it", "0 of")
    at.press("A")
    at.until(lambda: "◐" not in at.screen and "Fix" in at.screen and "✓" in at.screen)
    at.press("f")
    at.shows("Allow s3:GetObject", "low risk")
    for card, words in (("▸ 2 where", "account 111122223333"), ("▸ 3 how", "PutRolePolicy"), ("▸ 4 confirm", "Apply")):
        at.press("Enter")
        at.shows(card, words)
    at.press("Enter")
    at.shows("Applied and verified.", "Retry the failed stage")
    at.press("Enter")
    at.shows("Retry stage Build of billing", "Apply")
    at.press("Enter")
    at.shows("Applied and verified.")


def leave(at: Terminal) -> None:
    """Quit, and see the terminal as it was."""
    at.press("q")
    at.until(lambda: "code=0" in at.screen)
    at.until(lambda: at.state("alternate_on") == ["0"])


@pytest.mark.parametrize(("width", "height"), [(160, 45), (80, 24)])
def test_make_demo_from_red_to_green_and_out_again(terminal: Opener, tmp_path: Path, width: int, height: int) -> None:
    at = terminal(width, height)
    modes, stty = at.state(*MODES), at.run("stty -g")
    walk_to_green(at)
    assert at.state("alternate_on") == ["1"]
    leave(at)
    assert at.state(*MODES) == modes
    assert at.run("stty -g") == stty
    at.until(lambda: not demo_processes(tmp_path))


def test_killing_the_program_leaves_no_demo_account_behind(terminal: Opener, tmp_path: Path) -> None:
    at = terminal(100, 30)
    at.type(f"cd {ROOT} && .venv/bin/pipemedic demo; echo code=$?")
    at.shows("billing", "✗ failed")
    (account,) = demo_processes(tmp_path)
    status = (Path("/proc") / str(account) / "status").read_text()
    parent = int(next(line.split()[1] for line in status.splitlines() if line.startswith("PPid")))
    os.kill(parent, signal.SIGKILL)
    at.until(lambda: not demo_processes(tmp_path))


def test_ctrl_c_leaves_too(terminal: Opener, tmp_path: Path) -> None:
    at = terminal(100, 30)
    at.type(f"cd {ROOT} && .venv/bin/pipemedic demo; echo code=$?")
    at.shows("billing")
    at.press("C-c")
    at.until(lambda: "code=" in at.screen and at.state("alternate_on") == ["0"])
    at.until(lambda: not demo_processes(tmp_path))
