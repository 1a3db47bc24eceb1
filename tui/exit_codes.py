"""What the exit codes mean, in one place."""

from __future__ import annotations

from enum import IntEnum

__all__ = ["ExitCode"]


class ExitCode(IntEnum):
    """How a command ended."""

    FINE = 0  # it worked; what was asked about is healthy
    FINDING = 1  # it worked; something is wrong
    USAGE = 2  # the command line names something that is not there
    AWS = 3  # AWS not reachable, not allowed, or no credentials
    CRASHED = 70  # a fault of pipemedic's own (sysexits.h EX_SOFTWARE)
    INTERRUPTED = 130  # Ctrl-C (128 + SIGINT)
    PIPE_CLOSED = 141  # the reader of the output has gone (128 + SIGPIPE)
