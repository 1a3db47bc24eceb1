"""Taking a log away: into a file, with what is secret masked unless that was switched off on the screen."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from core.log_mask import LogMask
from core.secret_values import NO_VALUES, SecretValues
from core.text import sanitize

__all__ = ["editor_command", "export_name", "pager_command", "write_lines", "written_for_a_program"]

_CHUNK = 5_000
_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")


def export_name(source: str, now: float) -> str:
    """A file's name made of a source's and the time: ``codebuild-web-1a2b-20261123-071432.log``."""
    stem = _UNFIT.sub("-", source).strip("-.")[:80] or "log"
    return f"{stem}-{time.strftime('%Y%m%d-%H%M%S', time.localtime(now))}.log"


def write_lines(path: Path, lines: Iterable[str], *, secrets: bool = False, hidden: SecretValues = NO_VALUES) -> int:
    """Write raw lines to a new file that only its owner may read; return how many.

    Control sequences are left out. Secrets, and the values of `hidden`, are masked unless `secrets` is true.

    Raises:
        OSError: the file is there already, or cannot be written.
    """
    mask = LogMask(hidden)
    count = 0
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as out:
        batch: list[str] = []

        def flush() -> None:
            text = sanitize("\n".join(batch))
            out.write((text if secrets else mask.lines(text)) + "\n")
            batch.clear()

        for line in lines:
            batch.append(line)
            count += 1
            if len(batch) >= _CHUNK:
                flush()
        if batch:
            flush()
    return count


def written_for_a_program(name: str, lines: Iterable[str], *, hidden: SecretValues = NO_VALUES) -> Path:
    """Write lines, masked, into a folder of their own under the system's temporary one; return the file.

    Raises:
        OSError: it cannot be written.
    """
    path = Path(tempfile.mkdtemp(prefix="pipemedic-")) / name
    write_lines(path, lines, hidden=hidden)
    return path


def pager_command(path: Path, line: int) -> Sequence[str] | None:
    """The user's pager on a file, at a line from 1 where it can do that; None where there is none."""
    words = shlex.split(os.environ.get("PAGER", "")) or ["less"]
    return _with_line(words, path, line, {"less", "more", "most"})


def editor_command(path: Path, line: int) -> Sequence[str] | None:
    """The user's editor on a file, at a line from 1 where it can do that; None where there is none."""
    given = shlex.split(os.environ.get("VISUAL", "")) or shlex.split(os.environ.get("EDITOR", ""))
    words = given or next(([name] for name in ("sensible-editor", "vim", "vi", "nano") if shutil.which(name)), [])
    return _with_line(words, path, line, {"vim", "nvim", "vi", "nano", "emacs", "micro", "joe", "sensible-editor"})


def _with_line(words: Sequence[str], path: Path, line: int, know_lines: set[str]) -> Sequence[str] | None:
    if not words or not (program := shutil.which(words[0])):
        return None
    at = [f"+{line}"] if Path(words[0]).name in know_lines else []
    return [program, *words[1:], *at, str(path)]
