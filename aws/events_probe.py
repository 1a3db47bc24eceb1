"""A look into a queue of events, for `pipemedic fleet check`: messages are looked at and left where they are."""

from __future__ import annotations

from dataclasses import dataclass

from aws.call import Caller
from aws.clock import Clock
from aws.events import queue_region
from aws.events_message import NotAnEvent, StateChange, parse
from aws.mapping.values import maps, text
from core.place import Place

__all__ = ["Probe", "probe"]

# A message that was looked at shows again after this time (s); until then nobody else gets it.
_HIDDEN_S = 2


@dataclass(frozen=True, slots=True)
class Probe:
    """What came within the time: the first usable change with its way's duration (s), or why a message was not."""

    change: StateChange | None = None
    took_s: float | None = None
    unusable: str = ""
    messages: int = 0


async def probe(caller: Caller, clock: Clock, place: Place, url: str, wait_s: float) -> Probe:
    """Look into a queue for so long; 0 looks once. Raises AwsError, and ReadOnlyRefused for a queue not configured."""
    deadline = clock.elapsed() + wait_s
    found = Probe()
    while True:
        left = max(0.0, deadline - clock.elapsed())
        answer = await caller.take(
            place,
            "sqs",
            "ReceiveMessage",
            {
                "QueueUrl": url,
                "MaxNumberOfMessages": 10 if wait_s else 1,
                "WaitTimeSeconds": min(20, int(left)),
                "VisibilityTimeout": _HIDDEN_S if wait_s else 0,
            },
            region=queue_region(url),
        )
        messages = list(maps(answer.get("Messages")))
        found = Probe(unusable=found.unusable, messages=found.messages + len(messages))
        for message in messages:
            try:
                change = parse(text(message.get("Body")), clock.now())
            except NotAnEvent as error:
                found = Probe(unusable=str(error), messages=found.messages)
                continue
            return Probe(change, max(0.0, clock.now() - change.at), found.unusable, found.messages)
        if clock.elapsed() >= deadline or left < 1:
            return found
