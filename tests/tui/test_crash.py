from __future__ import annotations

import os
import pty
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tui import crash
from tui.exit_codes import ExitCode
from tui.launch import CRASHED


@pytest.fixture(autouse=True)
def state_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path / "state"


def fail(text: str) -> None:
    raise ValueError(text)


def boom(text: str) -> Exception:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (the test's own error)
        fail(text)
    return caught.value


def test_traceback_lands_in_a_file_that_only_the_user_reads(state_home: Path) -> None:
    path = crash.write_crash(boom("the tail lost its token"))
    assert path.is_relative_to(state_home / "pipemedic")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    text = path.read_text()
    assert "in fail" in text
    assert "ValueError: the tail lost its token" in text


def test_secrets_and_control_sequences_stay_out_of_the_file() -> None:
    text = crash.write_crash(boom("Authorization: AWS4-HMAC x\npassword=hunter2 \x1b]52;c;ZXZpbA==\x07")).read_text()
    assert "hunter2" not in text
    assert "AWS4-HMAC" not in text
    assert "\x1b" not in text


def test_crash_is_written_even_where_the_state_folder_cannot_be(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(blocker))
    assert "ValueError" in crash.write_crash(boom("x")).read_text()


def test_old_crash_files_are_forgotten() -> None:
    paths = [crash.write_crash(boom(str(number))) for number in range(25)]
    assert paths[-1].exists()
    assert len(list(paths[-1].parent.iterdir())) == 20


def test_guard_ends_with_its_own_exit_code_and_names_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended, crash.Guard():
        raise RuntimeError("secret=hunter2")
    assert ended.value.code == ExitCode.CRASHED == CRASHED == 70
    said = capsys.readouterr().err
    assert "RuntimeError" in said
    assert "hunter2" not in said
    assert Path(said.rsplit("The traceback is in ", 1)[1].strip()).exists()


@pytest.mark.parametrize("ending", [SystemExit(3), KeyboardInterrupt()])
def test_guard_lets_an_ordinary_end_pass(ending: BaseException, state_home: Path) -> None:
    with pytest.raises(type(ending)), crash.Guard():
        raise ending
    assert not (state_home / "pipemedic").exists()


RAW_MODE_CRASH = """
import sys, tty
from tui.crash import Guard
with Guard():
    tty.setraw(0)
    sys.stdout.write("\\x1b[?1049h\\x1b[?25l")
    sys.stdout.flush()
    raise RuntimeError("in the middle of a screen")
"""
PLAIN_CRASH = """
from tui.crash import Guard
with Guard():
    raise RuntimeError("in a plain command")
"""


def run_in_terminal(code: str) -> tuple[str, bool]:
    """Run code in a terminal of its own; return what it wrote and whether the terminal is cooked afterwards."""
    import termios  # noqa: PLC0415

    controller, terminal = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-c", code],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        check=False,
        env=dict(os.environ),
    )
    assert done.returncode == ExitCode.CRASHED
    cooked = bool(termios.tcgetattr(terminal)[3] & termios.ICANON)
    written = os.read(controller, 100_000).decode()
    os.close(controller)
    os.close(terminal)
    return written, cooked


def test_terminal_is_left_as_it_was_after_a_crash_on_a_screen() -> None:
    written, cooked = run_in_terminal(RAW_MODE_CRASH)
    assert cooked
    assert written.index("\x1b[?1049l") > written.index("\x1b[?1049h")
    assert "\x1b[?25h" in written
    assert "The traceback is in" in written


def test_plain_command_that_crashes_sends_no_control_sequences() -> None:
    written, cooked = run_in_terminal(PLAIN_CRASH)
    assert cooked
    assert "\x1b" not in written
