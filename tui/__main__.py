"""Runs pipemedic: `pipemedic` or `python -m tui`."""

from __future__ import annotations

import os
import sys

from tui.crash import Guard
from tui.exit_codes import ExitCode

__all__ = ["main"]


def main() -> None:
    """Start the command line; a fault of our own ends in a crash file, an early Ctrl-C without a traceback."""
    with Guard():
        _replace_closed_streams()
        try:
            from tui.cli import main as cli  # noqa: PLC0415 (an interrupt while it is imported is handled here)

            cli(prog_name="pipemedic")
        except KeyboardInterrupt:
            sys.exit(ExitCode.INTERRUPTED)


def _replace_closed_streams() -> None:
    """Where the shell closed an output (``>&-``) Python has None for it; writing there is then writing nowhere."""
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115, PTH123 (open to the end of the program)
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115, PTH123


if __name__ == "__main__":
    main()
