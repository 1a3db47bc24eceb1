"""The gate on every client: an operation that does not only read passes only when the write path has opened the gate.

It hangs on botocore's events, below everything of ours, so that not even a bug can write.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from aws.reads import is_harmless
from core.errors import ReadOnlyRefused
from core.place import Place

__all__ = ["Gate"]

_permitted: ContextVar[tuple[str, str] | None] = ContextVar("permitted", default=None)


class Gate:
    """Refuses every change but the one that the write path is making now, and that one too in read-only mode.

    Attributes:
        read_only: no change anywhere.
        sealed: places in which nothing may be changed.
    """

    def __init__(self, *, read_only: bool, sealed: frozenset[Place] = frozenset()) -> None:
        self.read_only = read_only
        self.sealed = sealed

    def guard(self, client: Any, service: str, place: Place | None = None) -> None:
        """Hang the gate on a client, in front of all that builds or sends a request; `place` is where it acts."""

        def check(model: Any, **_: Any) -> None:
            self._check(service, model.name, place)

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

    def refuse_in_read_only(self, service: str, operation: str, place: Place | None = None) -> None:
        """Raise where the program may only read.

        Raises:
            ReadOnlyRefused: it may.
        """
        if self.read_only:
            raise ReadOnlyRefused(f"{service}:{operation} was not sent: pipemedic runs in read-only mode.")
        if place in self.sealed:
            raise ReadOnlyRefused(f"{service}:{operation} was not sent: {place} is read-only in the configuration.")

    def _check(self, service: str, operation: str, place: Place | None) -> None:
        if is_harmless(service, operation):
            return
        self.refuse_in_read_only(service, operation, place)
        if _permitted.get() != (service, operation):
            raise ReadOnlyRefused(f"{service}:{operation} was not sent: only a confirmed plan may change something.")
