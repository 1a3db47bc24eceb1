"""The door to AWS: one per program. Owns sessions, clients, the call budget and the gate against changes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aws.budget import Budget, CallStats, PlaceCalls
from aws.call import Caller
from aws.clients import Clients
from aws.clock import Clock, SystemClock
from aws.events_probe import Probe, probe
from aws.evidence import AwsEvidence
from aws.history import HistoryReader
from aws.history_cache import HistoryCache
from aws.journal import Journal
from aws.log_group import follow_group
from aws.log_live import live_tail
from aws.read import iam, sts, tags
from aws.read.codebuild import BuildReader
from aws.read.codepipeline import PipelineReader
from aws.read.insights import LogQuery, run_query
from aws.readonly import Gate
from aws.session import Sessions
from aws.tail import tail
from aws.watch import Fleet, PollPolicy
from aws.write import WritePath
from core.build import LogLocation
from core.errors import AwsError
from core.insights import QueryProgress
from core.logs import LogBatch, LogGroup
from core.place import Identity, Place
from core.plan import ApplyStep, Plan

__all__ = ["Cloud"]

_FIRST_SERVICES = ("codepipeline", "sts", "codebuild", "logs")


class Cloud:
    """An async context manager; everything that asks AWS comes from here.

    Args:
        places: where to look.
        read_only: refuse every change, at the level of the clients.
        sealed: places in which every change is refused.
        queues: URL of the SQS queue that carries a place's state changes, where there is one.
        journal_dir: where the journal of changes lies; the user's state folder unless given.
    """

    def __init__(
        self,
        places: Sequence[Place],
        *,
        read_only: bool = False,
        sealed: frozenset[Place] = frozenset(),
        queues: Mapping[Place, str] | None = None,
        clock: Clock | None = None,
        journal_dir: Path | None = None,
    ) -> None:
        self.places = tuple(places)
        self._clock = clock or SystemClock()
        self._gate = Gate(read_only=read_only, sealed=sealed)
        self._queues: Mapping[Place, str] = {}
        self._take_queues(queues)
        self._clients = Clients(Sessions(), self._gate)
        self._budget = Budget(self._clock)
        self._caller = Caller(self._clients, self._budget, self._clock)
        self._journal = Journal(journal_dir)
        self._identities: dict[Place, asyncio.Task[Identity]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End what is under way (a change that was sent is waited for), and close all connections."""
        await self._caller.close()

    @property
    def read_only(self) -> bool:
        """Whether every change is refused."""
        return self._gate.read_only

    def look_at(
        self,
        places: Sequence[Place],
        *,
        sealed: frozenset[Place] = frozenset(),
        queues: Mapping[Place, str] | None = None,
    ) -> None:
        """Look at other places from now on; a place that was sealed stays so. A new `fleet` watches them."""
        self.places = tuple(places)
        self._gate.sealed |= sealed
        self._take_queues(queues)

    def _take_queues(self, queues: Mapping[Place, str] | None) -> None:
        self._queues = dict(queues or {})
        self._gate.queues = frozenset((place.profile, url) for place, url in self._queues.items())

    @property
    def queue_calls(self) -> dict[str, int]:
        """How often messages were taken from configured queues, and removed, by operation."""
        return dict(self._gate.taken)

    @property
    def stats(self) -> CallStats:
        """What was asked of AWS so far."""
        return self._budget.stats

    @property
    def calls_per_second(self) -> float:
        """Calls a second over the last ten seconds."""
        return self._budget.stats.per_second(self._clock.elapsed())

    def calls_of(self, place: Place) -> PlaceCalls:
        """Return how the calls of a place stand: pace, what waits, when it was last throttled."""
        return self._budget.of_place(place.profile, place.region)

    def begin_with(self, rates: Mapping[str, float]) -> None:
        """Take call rates that an earlier run has learnt, as `learnt_rates` gave them."""
        self._budget.begin_with({tuple(name.split("|")): rate for name, rate in rates.items()})

    def learnt_rates(self) -> dict[str, float]:
        """Return the call rates (a second) that throttles have taught, by profile|region|service|operation|role."""
        return {"|".join(key): round(rate, 2) for key, rate in self._budget.learnt().items()}

    @property
    def journal(self) -> Journal:
        """The record of changes."""
        return self._journal

    async def warm_up(self) -> None:
        """Parse the models in a thread and open the first place's clients; the loop stays free.

        Clients of other places are cheap once the models are there, and are opened when asked for. A profile that
        cannot be used says so when it is first asked.
        """
        for service in _FIRST_SERVICES if self.places else ():
            try:
                await self._caller.open(self.places[0], service)
            except AwsError:
                break

    async def identity(self, place: Place, *, again: bool = False) -> Identity:
        """Return who the caller is in a place; asked once unless `again` or it failed, raises AwsError."""
        asked = None if again else self._identities.get(place)
        if asked is None or (asked.done() and (asked.cancelled() or asked.exception())):
            asked = self._caller.background.start(sts.identity(self._caller, place), f"identity {place}")
            self._identities[place] = asked
        return await asyncio.shield(asked)

    async def allowed(self, place: Place, identity: Identity, actions: Sequence[str]) -> dict[str, bool]:
        """Return for each action whether the caller's policies allow it, as IAM simulates; raises AwsError."""
        return await iam.allowed_actions(self._caller, place, identity, actions)

    def witnessed(self, place: Place) -> dict[str, bool]:
        """Return the IAM actions that a place's profile was seen to use so far: allowed, or denied."""
        return self._caller.witnessed(place.profile)

    async def tags(self, place: Place) -> dict[str, dict[str, str]]:
        """Return the tags of a place's pipelines by name; raises AwsError."""
        return await tags.pipeline_tags(self._caller, place)

    async def credentials_end(self, place: Place) -> float | None:
        """Return when a place's credentials end (epoch seconds); None where they do not, or it is not known."""
        return await self._clients.credentials_end(place)

    def pipelines(self, place: Place) -> PipelineReader:
        """Return the reader of CodePipeline in a place."""
        return PipelineReader(self._caller, place)

    def builds(self, place: Place) -> BuildReader:
        """Return the reader of CodeBuild in a place."""
        return BuildReader(self._caller, place)

    def history(self, place: Place, cache: HistoryCache | None = None) -> HistoryReader:
        """Return the reader of pipelines' pasts in a place; `cache` is where they are kept between runs."""
        return HistoryReader(self._caller, place, cache)

    def evidence(self, ref_place: Place) -> AwsEvidence:
        """Return what a diagnosis reads through; one for each run, because it remembers its reads."""
        return AwsEvidence(self._caller, ref_place, self._clock)

    def tail(
        self,
        place: Place,
        where: LogLocation,
        *,
        finished: Callable[[], Awaitable[bool]] | None = None,
        from_start: bool = True,
        since_ms: int | None = None,
        until_ms: int | None = None,
        ended_ms: int | None = None,
        poll_s: float = 0.25,
    ) -> AsyncIterator[LogBatch]:
        """Follow a log stream: every line once, in order.

        Args:
            place: the account's profile; the region counts where `where` names none.
            where: the stream, as the build names it.
            finished: says whether what writes the log has ended; the tail then reads to the end and stops.
            from_start: the whole stream, or only its last page and what comes.
            since_ms: leave out what is older (epoch milliseconds).
            until_ms: leave out what bears this time or a later one.
            ended_ms: when what wrote the log ended, where it has: a long log is then read side by side.
            poll_s: time between polls while lines come; idle streams are asked more rarely.
        """
        return tail(
            self._caller,
            place,
            where,
            clock=self._clock,
            finished=finished,
            from_start=from_start,
            since_ms=since_ms,
            until_ms=until_ms,
            ended_ms=ended_ms,
            poll_s=poll_s,
        )

    def follow_group(
        self,
        place: Place,
        group: LogGroup,
        *,
        since_ms: int,
        until_ms: int | None = None,
        finished: Callable[[], Awaitable[bool]] | None = None,
    ) -> AsyncIterator[LogBatch]:
        """Follow a whole log group from a moment on (epoch milliseconds): every event once; see aws/log_group.py."""
        return follow_group(
            self._caller,
            place,
            group,
            clock=self._clock,
            since_ms=since_ms,
            until_ms=until_ms,
            finished=finished,
        )

    async def live_tail(self, place: Place, group: LogGroup, *, since_ms: int | None = None) -> AsyncIterator[LogBatch]:
        """Watch a log group with StartLiveTail (it costs by the minute), until the caller leaves; see aws/log_live.py.

        Raises:
            AwsError: who we are, which the group's ARN takes, is not known; or the group cannot be watched.
        """
        who = await self.identity(place)
        region = group.region or place.region
        arn = f"arn:{who.partition}:logs:{region}:{who.account}:log-group:{group.name}"
        watched = live_tail(self._caller, place, group, (arn,), clock=self._clock, since_ms=since_ms)
        async with aclosing(watched) as batches:  # type: ignore[type-var]
            async for batch in batches:
                yield batch

    def query(self, place: Place, query: LogQuery) -> AsyncIterator[QueryProgress]:
        """Run a query of CloudWatch Logs Insights (it costs by what it scans); see aws/read/insights.py."""
        return run_query(self._caller, place, query, self._clock)

    def fleet(self, *, poll: PollPolicy | None = None) -> Fleet:
        """Return the watch over all pipelines in all places."""

        async def account_of(place: Place) -> str:
            return (await self.identity(place)).account

        policy = poll or PollPolicy()
        return Fleet(self._caller, self.places, self._clock, policy, queues=self._queues, account_of=account_of)

    async def look_into_queue(self, place: Place, wait_s: float = 0.0) -> Probe:
        """Look into a place's queue of events without taking anything away; raises AwsError.

        Raises:
            KeyError: the place has no queue.
        """
        return await probe(self._caller, self._clock, place, self._queues[place], wait_s)

    def apply(self, plan: Plan) -> AsyncIterator[ApplyStep]:
        """Make a planned change, step by step as it happens; the last step has the outcome. See aws/write.py."""
        return WritePath(self._caller, self._gate, self._journal, self._clock).apply(plan)

    async def give_code(self, place: Place, code: str) -> None:
        """Take an MFA device's code for a place's profile; all its regions go on with it."""
        self._clients.give_code(place.profile, code)
        await self.renew(place)

    async def start_job(
        self, place: Place, service: str, operation: str, params: Mapping[str, Any], *, region: str = ""
    ) -> dict[str, Any]:
        """Start a job that makes a report; refused in read-only mode and in sealed places. See aws/write.py."""
        path = WritePath(self._caller, self._gate, self._journal, self._clock)
        return await path.start_job(place, service, operation, params, region=region)

    async def renew(self, place: Place) -> None:
        """Drop the credentials and clients of a place's profile, after a new login."""
        for known in [known for known in self._identities if known.profile == place.profile]:
            del self._identities[known]
        await self._caller.renew(place.profile)
