"""State changes from an SQS queue: taken by long polling, handed to the watches, removed once they are applied.

Only `ReceiveMessage` and `DeleteMessageBatch` are asked, of the queue that the configuration names; aws/readonly.py
lets nothing else through. Trouble with the queue is told, and its places are polled meanwhile.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from aws.call import Caller
from aws.clock import Clock
from aws.events_message import NotAnEvent, StateChange, parse
from aws.mapping.values import maps, text
from aws.watch_policy import FleetEvent, QueueSaid
from core.errors import PipemedicError
from core.place import Place

__all__ = ["QUEUE_REGION", "EventQueue", "Hears", "queue_region"]

QUEUE_REGION = re.compile(r"^https?://(?:sqs\.([a-z0-9-]+)\.|([a-z0-9-]+)\.queue\.)")

_WAIT_S = 20  # the longest that SQS holds a call back
_BATCH = 10  # the most messages a call
_GATHER_S = 0.5  # changes come in bursts: after a call that brought some, the next waits this long
_REMOVE_S = 4.0  # what was applied is removed after this time, or when a batch is full
_RETRY_S, _RETRY_MOST_S = 3.0, 60.0
_TELL_SKIPPED_S = 30.0


class Hears(Protocol):
    """What takes the changes of one place."""

    place: Place

    def listen(self, answers: bool) -> None:
        """Take whether the queue answers."""

    def tell(self, changes: Sequence[StateChange]) -> None:
        """Take changes."""


@dataclass(frozen=True, slots=True)
class _Queue:
    url: str
    place: Place
    region: str


def queue_region(url: str) -> str:
    """Return the region that a queue's URL names; empty where it names none (an endpoint of one's own)."""
    found = QUEUE_REGION.match(url)
    return (found[1] or found[2]) if found else ""


class EventQueue:
    """One queue with the watches it speaks to.

    Args:
        caller: makes the calls.
        clock: the time.
        url: the queue's URL.
        watches: of the places whose changes it carries; all of one profile.
        account_of: the account behind a place (raises PipemedicError), to keep strangers' changes out.
        emit: takes how the queue stands.
    """

    def __init__(
        self,
        caller: Caller,
        clock: Clock,
        url: str,
        watches: Sequence[Hears],
        account_of: Callable[[Place], Awaitable[str]],
        emit: Callable[[FleetEvent], None],
    ) -> None:
        first = watches[0].place
        self.queue = _Queue(url, first, queue_region(url) or first.region)
        self._caller = caller
        self._clock = clock
        self._watches = tuple(watches)
        self._account_of = account_of
        self._emit = emit
        self._accounts: dict[Place, str] = {}
        self._receipts: list[str] = []
        self._full = asyncio.Event()
        self._failures = 0
        self._skipped = 0
        self._said: QueueSaid | None = None
        self._skips_told_at = float("-inf")

    async def run(self, going: asyncio.Event) -> None:
        """Take messages until cancelled; rest while `going` is not set."""
        removing = asyncio.create_task(self._remove(), name=f"remove from {self.queue.url}")
        try:
            while True:
                await going.wait()
                try:
                    await self._take()
                except PipemedicError as error:
                    await self._rest(error)
        finally:
            removing.cancel()
            await asyncio.gather(removing, return_exceptions=True)

    async def _take(self) -> None:
        """Take what there is, or wait for it; raises PipemedicError."""
        wait_s = _WAIT_S if self._said is not None and self._said.error is None else 1
        params = {"MaxNumberOfMessages": _BATCH, "WaitTimeSeconds": wait_s}
        answer = await self._ask("ReceiveMessage", params)
        if self._said is None or self._said.error is not None:
            self._failures = 0
            for watch in self._watches:
                watch.listen(answers=True)
            self._say()
        found = list(maps(answer.get("Messages")))
        if found:
            await self._hand_on(found)
            await self._clock.sleep(_GATHER_S)

    async def _hand_on(self, messages: Sequence[Mapping[str, Any]]) -> None:
        changes: list[StateChange] = []
        reason = ""
        for message in messages:
            try:
                changes.append(parse(text(message.get("Body")), self._clock.now()))
            except NotAnEvent as error:
                self._skipped += 1
                reason = str(error)
        await self._learn_accounts()
        for watch in self._watches:
            meant = [change for change in changes if self._meant(watch.place, change)]
            if meant:
                watch.tell(meant)
        self._receipts += [receipt for message in messages if (receipt := text(message.get("ReceiptHandle")))]
        self._full.set()
        now = self._clock.elapsed()
        if reason and now - self._skips_told_at > _TELL_SKIPPED_S:
            self._skips_told_at = now
            self._say(note=f"a message in the queue was skipped: {reason} ({self._skipped} so far)")

    def _meant(self, place: Place, change: StateChange) -> bool:
        if place.region != change.region:
            return False
        account = self._accounts.get(place)
        if account is None:  # STS does not say who we are: what is alone in its region is what is meant
            return sum(watch.place.region == change.region for watch in self._watches) == 1
        return account == change.account

    async def _learn_accounts(self) -> None:
        for watch in self._watches:
            if watch.place not in self._accounts:
                try:
                    account = await self._account_of(watch.place)
                except PipemedicError:
                    continue  # asked again with the next messages
                if account:
                    self._accounts[watch.place] = account

    async def _remove(self) -> None:
        """Remove what was applied, in batches. What cannot be removed comes again, and does no harm."""
        while True:
            await self._full.wait()
            if len(self._receipts) < _BATCH:
                await self._clock.sleep(_REMOVE_S)
            batch, self._receipts = self._receipts[:_BATCH], self._receipts[_BATCH:]
            if not self._receipts:
                self._full.clear()
            entries = [{"Id": str(at), "ReceiptHandle": receipt} for at, receipt in enumerate(batch)]
            try:
                await self._ask("DeleteMessageBatch", {"Entries": entries})
            except PipemedicError as error:
                self._say(note=f"messages cannot be removed from the queue, and come again: {error}")
                await self._clock.sleep(_RETRY_MOST_S)

    async def _ask(self, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        queue = self.queue
        return await self._caller.take(
            queue.place, "sqs", operation, {"QueueUrl": queue.url, **params}, region=queue.region
        )

    async def _rest(self, error: PipemedicError) -> None:
        wait_s = min(_RETRY_S * 2 ** min(self._failures, 10), _RETRY_MOST_S)
        self._failures += 1
        for watch in self._watches:
            watch.listen(answers=False)
        self._say(error=error, retry_at=self._clock.now() + wait_s)
        await self._clock.sleep(wait_s)

    def _say(self, *, error: PipemedicError | None = None, retry_at: float | None = None, note: str = "") -> None:
        places = tuple(watch.place for watch in self._watches)
        self._said = QueueSaid(places, error, retry_at, self._skipped, note)
        self._emit(self._said)
