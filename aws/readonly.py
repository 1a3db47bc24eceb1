"""The gate on every client: an operation that does not only read passes only when the write path has opened the gate.

It hangs on botocore's events, below everything of ours, so that not even a bug can write. The reads that go past these
events (aws/express.py lists them) ask `Gate.check` before each call.

One thing passes beside the write path, in read-only mode too: messages are taken from the SQS queue that the user's
configuration names, through the profile it names it for. Taking a message (``ReceiveMessage``) hides it for a while,
and ``DeleteMessageBatch`` removes what was applied; both act on the program's own letter box and on nothing that
delivers software. Each passage is counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import orjson

from aws.reads import is_harmless
from core.errors import ReadOnlyRefused
from core.place import Place

__all__ = ["QUEUE_OPERATIONS", "Gate"]

# All that may be asked of a configured queue beside reads.
QUEUE_OPERATIONS = frozenset({"ReceiveMessage", "DeleteMessageBatch"})

_permitted: ContextVar[tuple[str, str] | None] = ContextVar("permitted", default=None)


class Gate:
    """Refuses every change but the one that the write path is making now, and that one too in read-only mode.

    Attributes:
        read_only: no change anywhere.
        sealed: places in which nothing may be changed.
        queues: profile and URL of the queues that messages may be taken from.
        taken: how often each operation on them passed.
    """

    def __init__(self, *, read_only: bool, sealed: frozenset[Place] = frozenset()) -> None:
        self.read_only = read_only
        self.sealed = sealed
        self.queues: frozenset[tuple[str, str]] = frozenset()
        self.taken: Counter[str] = Counter()

    def guard(self, client: Any, service: str, place: Place | None = None) -> None:
        """Hang the gate on a client, in front of all that builds or sends a request; `place` is where it acts."""

        def check(model: Any, params: Any = None, **_: Any) -> None:
            self._check(service, model.name, place, _queue_of(params) if service == "sqs" else "")

        def check_again(model: Any, params: Any = None, **_: Any) -> None:
            self._check(service, model.name, place, _queue_in(params) if service == "sqs" else "")
            if service == "sqs" and model.name in QUEUE_OPERATIONS:
                self.taken[model.name] += 1

        client.meta.events.register_first("provide-client-params.*.*", check, unique_id="pipemedic-gate")
        client.meta.events.register_first("before-call.*.*", check_again, unique_id="pipemedic-gate-again")

    def check(self, service: str, operation: str) -> None:
        """Raise unless an operation may be sent that goes past botocore's events (aws/express.py).

        Raises:
            ReadOnlyRefused: it is no read.
        """
        self._check(service, operation, None)

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

    def _check(self, service: str, operation: str, place: Place | None, queue: str = "") -> None:
        if is_harmless(service, operation):
            return
        if service == "sqs" and operation in QUEUE_OPERATIONS and place and (place.profile, queue) in self.queues:
            return
        self.refuse_in_read_only(service, operation, place)
        if _permitted.get() != (service, operation):
            raise ReadOnlyRefused(f"{service}:{operation} was not sent: only a confirmed plan may change something.")


def _queue_of(params: Any) -> str:
    """Return the queue that an SQS call names."""
    return str(params.get("QueueUrl", "")) if isinstance(params, dict) else ""


def _queue_in(request: Any) -> str:
    """Return the queue that an SQS request names as it goes out: JSON, or a form with the older protocol."""
    body = request.get("body") if isinstance(request, dict) else None
    if isinstance(body, bytes | str):
        try:
            body = orjson.loads(body)
        except orjson.JSONDecodeError:
            return ""
    return _queue_of(body)
