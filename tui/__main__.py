"""Runs pipemedic: `pipemedic` or `python -m tui`."""

from __future__ import annotations

import sys

from tui.crash import Guard
from tui.exit_codes import ExitCode

__all__ = ["main"]


def main() -> None:
    """Start the command line; a fault of our own ends in a crash file, an early Ctrl-C without a traceback."""
    with Guard():
        try:
            from tui.cli import main as cli  # noqa: PLC0415 (an interrupt while it is imported is handled here)

            cli(prog_name="pipemedic")
        except KeyboardInterrupt:
            sys.exit(ExitCode.INTERRUPTED)


if __name__ == "__main__":
    main()
