"""A log of the API calls received, so that a test can say what was called and that nothing was changed.

Where the environment names a file (``DEMO_CALLS``), every operation that the program itself calls is written into it
once: its requests carry its name in the user agent, which tells them from those of a test's own clients.
"""

import os
from collections import Counter, deque
from pathlib import Path
from typing import Any

from demo.wire.protocol import Call

__all__ = ["CallLog"]

_PROGRAM = "pipemedic"


class CallLog:
    """Counts every call and remembers the most recent ones."""

    def __init__(self, keep: int = 2000) -> None:
        self._recent: deque[dict[str, Any]] = deque(maxlen=keep)
        self._by_operation: Counter[str] = Counter()
        self._mutating = 0
        self.mismatches: list[str] = []
        self._file = os.environ.get("DEMO_CALLS", "")
        self._written: set[str] = set()

    def record(self, call: Call, status: int, error: str = "", agent: str = "") -> None:
        """Note one call with the answer it got; `agent` is the user agent that made it."""
        if self._file and _PROGRAM in agent:
            self._write(f"{call.service}:{call.operation}")
        self._by_operation[f"{call.service}:{call.operation}"] += 1
        self._mutating += call.mutating
        self._recent.append(
            {
                "service": call.service,
                "operation": call.operation,
                "region": call.region,
                "mutating": call.mutating,
                "status": status,
                "error": error,
            }
        )

    def _write(self, name: str) -> None:
        if name not in self._written:
            self._written.add(name)
            with Path(self._file).open("a", encoding="ascii") as file:
                file.write(f"{name}\n")

    def summary(self, recent: int = 200) -> dict[str, Any]:
        """Return the counts and the last calls, oldest first."""
        return {
            "total": sum(self._by_operation.values()),
            "mutating": self._mutating,
            "by_operation": dict(self._by_operation),
            "recent": list(self._recent)[-recent:] if recent else [],
            "mismatches": list(self.mismatches),
        }

    def clear(self) -> None:
        """Forget everything."""
        self._recent.clear()
        self._by_operation.clear()
        self._mutating = 0
        self.mismatches.clear()
