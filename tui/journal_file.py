"""The journal as the screens and the command line read it: which programs still live, and the look that settles one."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from core.fact import Outcome
from core.journal import Entry, entries
from core.plans.readback import readback

if TYPE_CHECKING:
    from aws.cloud import Cloud
    from aws.journal import Journal

__all__ = ["check", "read_entries"]


def _alive(pid: int) -> bool:
    """Whether a process of that id runs on this machine."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def read_entries(journal: Journal, now: float) -> tuple[Entry, ...]:
    """Return all changes, newest first. Waits for the disk; call it from a thread. `now` is epoch seconds."""
    return entries(journal.records(), now, _alive)


async def check(cloud: Cloud, entry: Entry, now: float) -> str:
    """Look whether a change is there, write the answer into the journal, and return it as a sentence.

    Only a change of which the result is not known gets a new record.

    Raises:
        AwsError: an answer of AWS could not be had at all.
    """
    seen = readback(entry.call) if entry.call else None
    if seen is None:
        return "What this change sets cannot be read back: look at the resource itself."
    evidence = cloud.evidence(entry.place)
    facts = tuple(
        await asyncio.gather(
            *(evidence.read(each.service, each.operation, each.params, region=each.region) for each in seen.reads)
        )
    )
    bad = next((fact for fact in facts if fact.outcome in (Outcome.DENIED, Outcome.ERROR)), None)
    if bad is not None:
        return f"It could not be looked at. {bad.service}:{bad.operation}: {bad.error}"
    there = seen.holds(facts)
    if entry.unknown:
        record = {"at": now, "there": there, "looked_for": seen.describe}
        await asyncio.to_thread(cloud.journal.append, "check", entry.id, record)
    return f"The change is there: {seen.describe}." if there else f"The change is not there. Not so: {seen.describe}."
