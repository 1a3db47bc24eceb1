"""A program in a pseudo-terminal of its own: what it wrote, how it ended, how it left the terminal."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Ended", "in_terminal"]

ROOT = Path(__file__).parent.parent.parent
PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended; `cooked` says whether the terminal takes lines and echoes again."""

    code: int
    written: str
    cooked: bool


def in_terminal(code: str, environment: Mapping[str, str]) -> Ended:
    """Run Python code in a terminal of 120 × 40 until it ends by itself."""
    controller, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=terminal, stdout=terminal, stderr=terminal, env=dict(environment), cwd=ROOT
    )
    written = bytearray()
    end = time.monotonic() + PATIENCE_S
    try:
        while process.poll() is None or select.select([controller], [], [], 0)[0]:
            if time.monotonic() > end:
                raise AssertionError(f"it did not end by itself:\n{written.decode(errors='replace')[-3000:]}")
            if select.select([controller], [], [], 0.05)[0]:
                written += os.read(controller, 65536)
        modes = termios.tcgetattr(terminal)[3]
        cooked = bool(modes & termios.ICANON) and bool(modes & termios.ECHO)
    finally:
        process.kill()
        process.wait()
        os.close(controller)
        os.close(terminal)
    return Ended(process.returncode, written.decode(errors="replace"), cooked)
