"""Copying with the desktop's own tools, beside the terminal's way (OSC 52), which not every terminal understands."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

__all__ = ["Copier", "copiers", "copy_natively"]

_TIMEOUT_S = 3.0


@dataclass(frozen=True, slots=True)
class Copier:
    """A program that takes text on its standard input into a clipboard.

    Attributes:
        command: Its words; the first is a path.
        encoding: What it reads.
    """

    command: tuple[str, ...]
    encoding: str = "utf-8"


# The variable that says that it can do something here (none: the platform does), the words, the encoding.
_KNOWN: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("WAYLAND_DISPLAY", ("wl-copy",), "utf-8"),
    ("DISPLAY", ("xclip", "-selection", "clipboard", "-in"), "utf-8"),
    ("DISPLAY", ("xsel", "--clipboard", "--input"), "utf-8"),
    ("WSL_DISTRO_NAME", ("clip.exe",), "utf-16"),
    ("TMUX", ("tmux", "load-buffer", "-w", "-"), "utf-8"),
)


def copiers(
    environment: Mapping[str, str],
    which: Callable[[str], str | None] = shutil.which,
    platform: str = sys.platform,
) -> Sequence[Copier]:
    """Return the programs that can copy here, the likeliest first."""
    known = [(words, encoding) for name, words, encoding in _KNOWN if environment.get(name)]
    if platform == "darwin":
        known.insert(0, (("pbcopy",), "utf-8"))
    found = []
    for words, encoding in known:
        if (path := which(words[0])) is not None:
            found.append(Copier((path, *words[1:]), encoding))
    return found


def copy_natively(text: str, known: Sequence[Copier]) -> bool:
    """Have the first program that can copy a text, without a shell; return whether one did."""
    for copier in known:
        try:
            done = subprocess.run(  # noqa: S603 (a program found on the path, without a shell)
                copier.command,
                input=text.encode(copier.encoding, errors="replace"),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=_TIMEOUT_S,
                check=False,
                start_new_session=True,  # some stay to hand the text out, and must not end with the program
            )
        except (OSError, subprocess.TimeoutExpired):
            continue
        if done.returncode == 0:
            return True
    return False
