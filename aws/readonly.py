"""The gate on every client: an operation that does not only read passes only when the write path has opened the gate.

It hangs on botocore's events, below everything of ours, so that not even a bug can write.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from aws.reads import is_read
from core.errors import ReadOnlyRefused

__all__ = ["Gate"]

_permitted: ContextVar[tuple[str, str] | None] = ContextVar("permitted", default=None)


class Gate:
    """Refuses every change but the one that the write path is making now, and that one too in read-only mode."""

    def __init__(self, *, read_only: bool) -> None:
        self.read_only = read_only

    def guard(self, client: Any, service: str) -> None:
        """Hang the gate on a client, in front of all that builds or sends a request."""

        def check(model: Any, **_: Any) -> None:
            self._check(service, model.name)

        client.meta.events.register_first("provide-client-params.*.*", check, unique_id="pipemedic-gate")
        client.meta.events.register_first("before-call.*.*", check, unique_id="pipemedic-gate-again")

    @contextmanager
    def permit(self, service: str, operation: str) -> Iterator[None]:
        """Let one operation through while the block runs, in this task alone. For the write path only.

        Raises:
            ReadOnlyRefused: the program may only read.
        """
        self.refuse_in_read_only(service, operation)
        token = _permitted.set((service, operation))
        try:
            yield
        finally:
            _permitted.reset(token)

    def refuse_in_read_only(self, service: str, operation: str) -> None:
        """Raise where the program may only read.

        Raises:
            ReadOnlyRefused: it may.
        """
        if self.read_only:
            raise ReadOnlyRefused(f"{service}:{operation} was not sent: pipemedic runs in read-only mode.")

    def _check(self, service: str, operation: str) -> None:
        if is_read(service, operation):
            return
        self.refuse_in_read_only(service, operation)
        if _permitted.get() != (service, operation):
            raise ReadOnlyRefused(f"{service}:{operation} was not sent: only a confirmed plan may change something.")
