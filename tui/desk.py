"""The program's way to AWS: opened after the first paint, shared by all screens.

The room that talks to AWS takes long to import (0.4 s); it is imported in a thread, so that the screen stays alive.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING

from core.place import Identity, PipelineRef, Place
from core.text import sanitize
from tui.config import Config
from tui.fleet_book import FleetBook
from tui.fleet_memory import keep, recall
from tui.fleet_past import PastBook
from tui.options import Options

if TYPE_CHECKING:
    from aws.cloud import Cloud
    from aws.watch import Fleet, PollPolicy
    from core.diagnosis import Diagnosis
    from core.pipeline import PipelineSnapshot
    from core.plan import Plan
    from core.signatures import Hypothesis
    from tui.config_places import Context
    from tui.fleet_cache import FleetCache
    from tui.fleet_past_file import PastFile

__all__ = ["Desk"]

# Diagnoses of so many broken executions are kept for their reports.
_INCIDENTS = 50
_BROKEN = frozenset({"failed", "stuck"})


class Desk:
    """What all screens share: the cloud, the fleet's last known state, diagnoses made so far.

    Attributes:
        options: what the command line asked for.
        config: what the user's file sets.
        contexts: the places asked, with what the configuration says of them.
        clock: epoch seconds; tests put in their own.
        book: the fleet as last read.
        past: the executions that were come across.
        identities: who we are, by place, where known.
    """

    def __init__(self, options: Options, clock: Callable[[], float] = time.time, config: Config | None = None) -> None:
        self.options = options
        self.config = config or Config()
        self.contexts: dict[Place, Context] = {}
        self.clock = clock
        self.book = FleetBook()
        self.past = PastBook()
        self.identities: dict[Place, Identity] = {}
        self._diagnoses: dict[str, tuple[str, Diagnosis]] = {}
        self._words: dict[str, tuple[str, Hypothesis | None]] = {}
        self._incidents: dict[tuple[str, str], Diagnosis] = {}
        self._cloud: Cloud | None = None
        self._fleet: Fleet | None = None

    @property
    def cloud(self) -> Cloud:
        """The open cloud.

        Raises:
            RuntimeError: it is not open yet; a worker that needs it waits for `opened` first.
        """
        if self._cloud is None:
            raise RuntimeError("the desk is not open yet")
        return self._cloud

    @property
    def is_open(self) -> bool:
        """Whether AWS may be asked."""
        return self._cloud is not None

    def read_only(self, place: Place) -> bool:
        """Whether nothing may be changed in a place."""
        context = self.contexts.get(place)
        return self.options.read_only or (context is not None and context.protection == "read-only")

    def protection(self, place: Place | None) -> str:
        """Return how a place is protected, in words with its name; of all places (None) where each of them is."""
        known = self.contexts.get(place) if place else None
        shown = ([known] if known else []) if place else list(self.contexts.values())
        if not shown or any(each.protection == "none" for each in shown):
            return ""
        word = "READ-ONLY" if all(each.protection == "read-only" for each in shown) else "PROTECTED"
        return sanitize(f"{word} {', '.join(dict.fromkeys(each.name for each in shown))}")

    def guarded(self, plan: Plan) -> Plan:
        """Return a plan with what its place asks for: where confirmation is typed, something to type."""
        context = self.contexts.get(plan.place)
        if plan.typed or context is None or context.protection != "typed":
            return plan
        return replace(plan, typed=plan.pipeline or plan.resource)

    @property
    def fleet(self) -> Fleet | None:
        """The watch over all places, once it runs."""
        return self._fleet

    @property
    def places(self) -> tuple[Place, ...]:
        """The places asked; empty before the desk is open."""
        return self._cloud.places if self._cloud else ()

    async def open(self) -> None:
        """Import the AWS room in a thread, find the places and make the cloud.

        Raises:
            PipemedicError: an unknown profile, or no region anywhere.
        """
        if self._cloud is not None:
            return
        for room in ("aws.cloud", "aws.profiles", "tui.triage", "tui.team.load"):
            await asyncio.to_thread(import_module, room)
        from aws.cloud import Cloud  # noqa: PLC0415 (just imported in a thread, after the first paint)
        from tui.config_places import start_contexts  # noqa: PLC0415

        contexts = await asyncio.to_thread(start_contexts, self.options, self.config)
        self.contexts = {context.place: context for context in contexts}
        self.book.keep_places(self.contexts)
        cloud = Cloud(
            tuple(self.contexts), read_only=self.options.read_only, sealed=self._sealed(), queues=self._queues()
        )
        cloud.begin_with(_rates(recall("rates")))
        await cloud.__aenter__()
        await cloud.warm_up()
        self._cloud = cloud
        self._fleet = cloud.fleet(poll=self._policy())

    def look_at(self, contexts: Iterable[Context]) -> None:
        """Look at other places from now on; the application starts its watch again."""
        self.contexts = {context.place: context for context in contexts}
        self.book.keep_places(self.contexts)
        self.cloud.look_at(tuple(self.contexts), sealed=self._sealed(), queues=self._queues())
        self._fleet = self.cloud.fleet(poll=self._policy())

    def _sealed(self) -> frozenset[Place]:
        return frozenset(place for place, context in self.contexts.items() if context.protection == "read-only")

    def _queues(self) -> dict[Place, str]:
        return {place: context.queue for place, context in self.contexts.items() if context.queue}

    def _policy(self) -> PollPolicy:
        from aws.watch import PollPolicy  # noqa: PLC0415 (imported with the cloud)

        wanted = self.config.refresh
        return PollPolicy(
            wanted.moving_s, wanted.waiting_s, wanted.visible_s, wanted.idle_s, wanted.listing_s, state_first=True
        )

    async def recall(self) -> None:
        """Put what the last run saw into the book; places that are not asked this time leave it when the desk opens."""
        cache = self._cache()
        found = await asyncio.to_thread(cache.read, None, self.clock()) if cache else ()
        if self._cloud is None and not self.book.listed:
            self.book.recall(self._likely(found), self.clock())
        if past := self._past_file():
            self.past.recall(await asyncio.to_thread(past.read, self.clock()))

    def _likely(self, found: Iterable[PipelineSnapshot]) -> Iterable[PipelineSnapshot]:
        """Those that flags do not rule out; what the configuration rules out is known a moment later."""
        wanted = self.options
        return (
            each
            for each in found
            if (not wanted.regions or each.ref.place.region in wanted.regions)
            and (not wanted.profiles or each.ref.place.profile in wanted.profiles)
        )

    async def keep(self) -> None:
        """Keep what the book knows for the next run."""
        if self._cloud is not None and (rates := self._cloud.learnt_rates()):
            keep("rates", rates)
        cache = self._cache()
        if cache and self.book.listed:
            from tui.first_sight import asked_key  # noqa: PLC0415 (by now imported)
            from tui.fleet_sight import sight_of  # noqa: PLC0415 (imported with the fleet's screen)

            await asyncio.to_thread(cache.write, tuple(self.book.snapshots()), frozenset(self.book.listed))
            await asyncio.to_thread(cache.write_sight, asked_key(self.options), sight_of(self, self.clock()))
        if past := self._past_file():
            await asyncio.to_thread(past.write, self.past.changed(), self.clock())

    def _past_file(self) -> PastFile | None:
        if os.environ.get("AWS_ENDPOINT_URL") and not os.environ.get("PIPEMEDIC_CACHE"):
            return None
        from tui.fleet_past_file import PastFile  # noqa: PLC0415 (SQLite, after the first paint)
        from tui.paths import cache_dir  # noqa: PLC0415

        return PastFile(cache_dir() / "past.sqlite")

    def _cache(self) -> FleetCache | None:
        """The cache; none where an endpoint of the user's own stands in for AWS: other accounts, other fleets."""
        if os.environ.get("AWS_ENDPOINT_URL") and not os.environ.get("PIPEMEDIC_CACHE"):
            return None
        from tui.fleet_cache import FleetCache  # noqa: PLC0415 (SQLite, after the first paint)
        from tui.paths import cache_dir  # noqa: PLC0415

        return FleetCache(cache_dir() / "fleet.sqlite")

    async def close(self) -> None:
        """Close connections. The desk can be opened again."""
        await self.keep()
        cloud, self._cloud, self._fleet = self._cloud, None, None
        if cloud is not None:
            await cloud.__aexit__(None, None, None)

    async def identity(self, place: Place, *, again: bool = False) -> Identity:
        """Who the caller is in a place, asked once unless `again`.

        Raises:
            AwsError: STS gave no answer.
        """
        if again or place not in self.identities:
            self.identities[place] = await self.cloud.identity(place, again=again)
        return self.identities[place]

    def credentials_search(self, place: Place) -> tuple[str, ...]:
        """What was looked for when no credentials were found, and which profiles there are; no call is made."""
        from aws.profiles import available_profiles, describe_credentials_search  # noqa: PLC0415

        names = ", ".join(available_profiles()) or "none"
        return (*describe_credentials_search(place.profile), f"Profiles found: {names}")

    async def renew(self, place: Place) -> None:
        """Drop what is cached of a profile's old login and read its places again."""
        await self.cloud.renew(place)
        if self._fleet:
            self._fleet.poke(None)

    def keep_diagnosis(self, ref: PipelineRef, fingerprint: str, diagnosis: Diagnosis) -> None:
        """Remember a diagnosis for as long as the pipeline's state has that fingerprint."""
        self._diagnoses[ref.key] = (fingerprint, diagnosis)
        execution = diagnosis.subject.execution
        if execution and diagnosis.findings and diagnosis.status in _BROKEN:
            kept = self._incidents.pop((ref.key, execution.id), None)
            if kept and _sureness(kept) > _sureness(diagnosis):
                diagnosis = kept  # once it is put right, and before the retry, a check proves nothing any more
            self._incidents[ref.key, execution.id] = diagnosis
            while len(self._incidents) > _INCIDENTS:
                del self._incidents[next(iter(self._incidents))]

    def incident(self, ref: PipelineRef, execution_id: str) -> Diagnosis | None:
        """The last diagnosis made of an execution while it was broken, for the report; None where there was none."""
        return self._incidents.get((ref.key, execution_id))

    def diagnosis(self, ref: PipelineRef, fingerprint: str) -> Diagnosis | None:
        """The diagnosis made of that state, or None."""
        kept = self._diagnoses.get(ref.key)
        return kept[1] if kept and kept[0] == fingerprint else None

    def keep_words(self, ref: PipelineRef, fingerprint: str, hypothesis: Hypothesis | None) -> None:
        """Remember what the error text alone says."""
        self._words[ref.key] = (fingerprint, hypothesis)

    def hypothesis(self, ref: PipelineRef, fingerprint: str) -> Hypothesis | None:
        """What the error text of that state says, or None."""
        kept = self._words.get(ref.key)
        return kept[1] if kept and kept[0] == fingerprint else None

    def forget_diagnosis(self, ref: PipelineRef) -> None:
        """Drop what is known, after something was changed."""
        self._diagnoses.pop(ref.key, None)


def _sureness(diagnosis: Diagnosis) -> tuple[bool, float]:
    first = diagnosis.findings[0]
    return first.proven, first.confidence


def _rates(kept: object) -> dict[str, float]:
    """What was kept of learnt rates, as far as it is what was written."""
    if not isinstance(kept, dict):
        return {}
    return {str(name): float(rate) for name, rate in kept.items() if isinstance(rate, int | float) and rate > 0}
