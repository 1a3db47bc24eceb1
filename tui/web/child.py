"""The program as the server starts it: ends when the server has gone, however that came about."""

from __future__ import annotations

import os
import signal
import threading
import time

__all__ = ["main"]

_LOOK_S = 1.0
_GRACE_S = 5.0


def main() -> None:
    """Run the program for as long as the process that started it lives."""
    threading.Thread(target=_watch, args=(os.getppid(),), name="server-watch", daemon=True).start()
    from tui.__main__ import main as program  # noqa: PLC0415 (the watch comes first)

    program()


def _watch(server: int) -> None:
    while os.getppid() == server:
        time.sleep(_LOOK_S)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_GRACE_S)
    os._exit(1)


if __name__ == "__main__":
    main()
