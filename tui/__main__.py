"""Runs pipemedic: `pipemedic` or `python -m tui`."""

from __future__ import annotations

from tui.cli import main as cli

__all__ = ["main"]


def main() -> None:
    """Start the command line."""
    cli(prog_name="pipemedic")


if __name__ == "__main__":
    main()
