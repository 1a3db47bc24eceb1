"""A fault of the program's own: the traceback goes into a file, secrets masked; the terminal is left as it was."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from types import TracebackType

from core.redact import mask_secrets
from core.text import sanitize
from tui.exit_codes import ExitCode
from tui.version import __version__

__all__ = ["Guard", "announce", "restore_terminal", "write_crash"]

# Leave the alternate screen, show the cursor, end mouse reporting (1000, 1003, 1006, 1015), focus reports (1004),
# bracketed paste (2004) and the enhanced keyboard protocol, reset colours (xterm control sequences; kitty's protocol).
_RESTORE = (
    "\x1b[<u\x1b[?1000l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?1004l\x1b[?2004l\x1b[?2026l\x1b[?1049l\x1b[?25h\x1b[0m"
)
_KEPT_FILES = 20


def write_crash(error: BaseException) -> Path:
    """Write an exception's traceback into a new file that only the user can read, and return its path.

    The file lands in the state folder, or in the system's temporary folder where that cannot be written.
    """
    from tui.paths import crash_dir  # noqa: PLC0415 (start-up must not pay for what a crash needs)

    now = time.time()
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
    name = f"crash-{stamp}-{os.getpid()}-{int(now * 1e6) % 1_000_000:06d}.log"
    text = _report(error, now)
    try:
        folder = crash_dir()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = _write(folder / name, text)
        _forget_oldest(folder)
    except OSError:
        import tempfile  # noqa: PLC0415 (the last resort)

        path = _write(Path(tempfile.mkdtemp(prefix="pipemedic-")) / name, text)
    return path


def _report(error: BaseException, now: float) -> str:
    import traceback  # noqa: PLC0415 (start-up must not pay for it)

    head = (
        f"pipemedic {__version__}\npython {sys.version.split()[0]} on {sys.platform}\n"
        f"at {time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(now))}\n"
        f"command {' '.join(sys.argv)}\nterminal {os.environ.get('TERM', '')}\n\n"
    )
    trace = "".join(traceback.format_exception(error))
    return mask_secrets(sanitize(head + trace))


def _write(path: Path, text: str) -> Path:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as file:
        file.write(text)
    return path


def _forget_oldest(folder: Path) -> None:
    for old in sorted(folder.glob("crash-*.log"))[:-_KEPT_FILES]:
        old.unlink(missing_ok=True)


def announce(error: BaseException, path: Path) -> None:
    """Say on stderr what happened and where the traceback is."""
    words = mask_secrets(sanitize(f"{type(error).__name__}: {error}"))
    sys.stderr.write(f"pipemedic stopped on a fault of its own: {words}\nThe traceback is in {path}\n")
    sys.stderr.flush()


def restore_terminal() -> None:
    """Write the sequences that end the interactive program's modes, where a terminal is attached."""
    for stream in (sys.__stdout__, sys.__stderr__):
        if stream is not None and stream.isatty():
            stream.write(_RESTORE)
            stream.flush()
            return


class Guard:
    """Stands around the whole program: an exception nobody handled becomes a file, a message and exit code 70.

    Terminal modes are restored only if they differ from what they were at the start, which means that the interactive
    program held the terminal; a plain command's output is not touched.
    """

    def __init__(self) -> None:
        self._modes = _terminal_modes()

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None or not isinstance(error, Exception):
            return
        self.recover()
        announce(error, write_crash(error))
        raise SystemExit(ExitCode.CRASHED)

    def recover(self) -> None:
        """Put the terminal's modes back if they were changed since the start."""
        if self._modes is None or _terminal_modes() == self._modes:
            return
        import termios  # noqa: PLC0415 (absent on Windows, where there are no modes to put back)

        termios.tcsetattr(0, termios.TCSADRAIN, self._modes)
        restore_terminal()


def _terminal_modes() -> list[int | list[bytes | int]] | None:
    """The modes of the terminal on standard input; None where there is none."""
    try:
        import termios  # noqa: PLC0415

        return termios.tcgetattr(0)
    except (ImportError, OSError, ValueError):
        return None
    except termios.error:
        return None
