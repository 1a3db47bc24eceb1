"""A log of the API calls received, so that a test can say what was called and that nothing was changed."""

from collections import Counter, deque
from typing import Any

from demo.wire.protocol import Call

__all__ = ["CallLog"]


class CallLog:
    """Counts every call and remembers the most recent ones."""

    def __init__(self, keep: int = 2000) -> None:
        self._recent: deque[dict[str, Any]] = deque(maxlen=keep)
        self._by_operation: Counter[str] = Counter()
        self._mutating = 0
        self.mismatches: list[str] = []

    def record(self, call: Call, status: int, error: str = "") -> None:
        """Note one call with the answer it got."""
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
