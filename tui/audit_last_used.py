"""When roles last used what they are granted: a job of IAM that is started, waited for and read.

The start is no read, so read-only mode refuses it; nothing is made here without `--last-accessed`. Source:
https://docs.aws.amazon.com/IAM/latest/APIReference/API_GenerateServiceLastAccessedDetails.html
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from core.arn import Arn
from core.audit.case import Case, Kind
from core.audit.grants import roles
from core.audit.reads import Reads
from core.audit.role_listing import iam_region
from core.errors import AwsError, Denied, PipemedicError, UsageError
from core.fact import Fact, Outcome
from core.place import Place
from tui.config_places import contexts_of, load_config, merged
from tui.options import Options

if TYPE_CHECKING:
    from aws.cloud import Cloud

__all__ = ["LastUsed", "open_for_jobs"]

_AT_ONCE = 10
_POLL_S, _LONGEST_S = 1.0, 120.0
_START, _READ = "GenerateServiceLastAccessedDetails", "GetServiceLastAccessedDetails"


@asynccontextmanager
async def open_for_jobs(options: Options) -> AsyncIterator[Cloud]:
    """Open AWS so that IAM's reports may be started; contexts that are read-only stay so.

    Raises:
        UsageError: read-only mode is on, or as `open_cloud`.
    """
    from aws.cloud import Cloud  # noqa: PLC0415 (imported only by commands that ask AWS)

    config = load_config()
    if merged(options, config).read_only:
        raise UsageError("--last-accessed starts reports in IAM, and read-only mode refuses that.")
    contexts = contexts_of(options, config)
    sealed = frozenset(context.place for context in contexts if context.protection == "read-only")
    async with Cloud(tuple(context.place for context in contexts), sealed=sealed) as cloud:
        yield cloud


class LastUsed:
    """Adds to each case what its roles last used; a role is asked once, whoever uses it."""

    def __init__(self, cloud: Cloud, *, poll_s: float = _POLL_S, longest_s: float = _LONGEST_S) -> None:
        self._cloud = cloud
        self._poll_s, self._longest_s = poll_s, longest_s
        self._gate = asyncio.Semaphore(_AT_ONCE)

    async def __call__(self, cases: Sequence[Case], reads: Reads) -> Sequence[Case]:
        """Return the cases with facts of `Kind.LAST_USED`; roles of accounts that are not reached have none."""
        places: dict[str, Place] = {}
        for case in cases:
            places.setdefault(case.identity.account, case.ref.place)
        wanted = {role for case in cases for role in roles(case) if (arn := Arn.parse(role)) and arn.account in places}
        ordered = sorted(wanted)
        found = await asyncio.gather(*(self._one(places, role) for role in ordered))
        facts = {role: reads.adopt(fact) for role, fact in zip(ordered, found, strict=True)}
        return [
            replace(
                case, facts={**case.facts, Kind.LAST_USED: {role: facts[role] for role in roles(case) if role in facts}}
            )
            for case in cases
        ]

    async def _one(self, places: dict[str, Place], role: str) -> Fact:
        arn = Arn.parse(role)
        place = places[arn.account if arn else ""]
        region = iam_region(arn.partition if arn else "aws")
        blank = Fact(0, "iam", _START, {"Arn": role}, Outcome.ERROR, region=region, action=f"iam:{_START}")
        async with self._gate:
            try:
                started = await self._cloud.start_job(place, "iam", _START, {"Arn": role}, region=region)
            except PipemedicError as error:
                return _failed(blank, error)
            return await self._report(place, str(started.get("JobId", "")), region)

    async def _report(self, place: Place, job: str, region: str) -> Fact:
        """Wait for the report; one that does not come in time is an answer cut short."""
        waited = 0.0
        while True:
            evidence = self._cloud.evidence(place)
            fact = await evidence.read("iam", _READ, {"JobId": job}, region=region)
            if not fact.ok or fact.get("JobStatus") == "COMPLETED":
                return fact
            if fact.get("JobStatus") == "FAILED" or waited >= self._longest_s:
                words = str(fact.get("Error", "Message", default="the report did not come in time"))
                return replace(fact, outcome=Outcome.ERROR, value=None, error=words)
            await asyncio.sleep(self._poll_s)
            waited += self._poll_s


def _failed(blank: Fact, error: PipemedicError) -> Fact:
    words = error.detail if isinstance(error, AwsError) else str(error)
    outcome = Outcome.DENIED if isinstance(error, Denied) else Outcome.ERROR
    return replace(blank, outcome=outcome, error=words, code=type(error).__name__)
