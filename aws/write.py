"""The write path: the only file that makes a change. Checked before, written down around it, proven after it.

``precondition`` (read again) → journal *intent* → the call → journal *result* → ``verify`` until it holds or its time
is up → journal *outcome* → ``done``. An answer with HTTP 200 proves nothing; only the verification does.
"""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from aws.budget import Urgency
from aws.call import Caller
from aws.changes import ALLOWED, JOBS, refusal
from aws.clock import Clock
from aws.evidence import AwsEvidence
from aws.journal import Journal
from aws.read import sts
from aws.readonly import Gate
from core.errors import AwsError, Conflict, PipemedicError, ReadOnlyRefused, Unreachable
from core.fact import Fact, Outcome
from core.place import Identity, Place
from core.plan import ApplyOutcome, ApplyStep, Call, Check, Plan

__all__ = ["WritePath"]


@dataclass(frozen=True, slots=True)
class _Sent:
    """What came of the call: AWS's request id, or the error."""

    request_id: str = ""
    error: AwsError | None = None
    made: Mapping[str, str] = field(default_factory=dict)

    @property
    def lost(self) -> bool:
        """Whether the change may have been made although no answer came."""
        return isinstance(self.error, Unreachable)


class WritePath:
    """Makes planned changes."""

    def __init__(self, caller: Caller, gate: Gate, journal: Journal, clock: Clock) -> None:
        self._caller = caller
        self._gate = gate
        self._journal = journal
        self._clock = clock

    async def apply(self, plan: Plan) -> AsyncIterator[ApplyStep]:
        """Make a change and yield each step; the last one has an outcome.

        Raises:
            ReadOnlyRefused: the program may only read, or the operation is none that pipemedic makes.
        """
        call = plan.call
        self._gate.refuse_in_read_only(call.service, call.operation, plan.place)
        if call.operation not in ALLOWED.get(call.service, ()):
            raise ReadOnlyRefused(f"{call.service}:{call.operation} is not among the changes that pipemedic makes.")
        yield ApplyStep("precondition", plan.precondition.describe)
        holds, facts = await self._check(plan, plan.precondition)
        if not holds:
            yield _refused_before(plan, facts)
            return
        yield ApplyStep("apply", f"Sending {call.service}:{call.operation}.")
        change_id = uuid.uuid4().hex
        refused = await self._prepare(plan, change_id)
        if refused is not None:
            yield refused
            return
        # Once the intent is written the call and its result belong together, even if whoever watches goes away.
        sending = self._caller.background.start(self._send(plan, change_id), f"change {plan.id}", change=True)
        sent = await asyncio.shield(sending)
        if sent.error is not None and not sent.lost:
            outcome = ApplyOutcome.CONFLICT if isinstance(sent.error, Conflict) else ApplyOutcome.FAILED
            await self._note_outcome(change_id, outcome)
            yield _done(outcome, f"Nothing was changed. {refusal(sent.error)}")
            return
        async for step in self._verify(plan, sent):
            if step.outcome is not None:
                await self._note_outcome(change_id, step.outcome)
            yield step

    async def start_job(
        self, place: Place, service: str, operation: str, params: Mapping[str, Any], *, region: str = ""
    ) -> dict[str, Any]:
        """Start a job that makes a report (aws/changes.py `JOBS`) and return the answer.

        Raises:
            ReadOnlyRefused: the program may only read, there or at all, or it is no such job.
            AwsError: what AWS said.
        """
        self._gate.refuse_in_read_only(service, operation, place)
        if operation not in JOBS.get(service, ()):
            raise ReadOnlyRefused(f"{service}:{operation} is not among the jobs that pipemedic starts.")
        with self._gate.permit(service, operation):
            return await self._caller.change(place, service, operation, params, region=region)

    async def _check(self, plan: Plan, check: Check) -> tuple[bool, tuple[Fact, ...]]:
        """Read afresh and judge."""
        evidence = AwsEvidence(self._caller, plan.place, self._clock, urgency=Urgency.ACTION)
        facts = tuple(
            await asyncio.gather(
                *(evidence.read(read.service, read.operation, read.params, region=read.region) for read in check.reads)
            )
        )
        return check.holds(facts), facts

    async def _prepare(self, plan: Plan, change_id: str) -> ApplyStep | None:
        """Look who signs, now, and write the intent down; return why that is not to be, if so."""
        try:
            identity = await sts.identity(self._caller, plan.place)
            if plan.account and identity.account != plan.account:
                text = f"the credentials are of account {identity.account} now, the plan was made for {plan.account}."
                return _done(ApplyOutcome.CONFLICT, f"Nothing was changed: {text}")
            await self._write_down("intent", change_id, self._intent(plan, identity))
        except OSError as error:
            return _done(ApplyOutcome.FAILED, f"Nothing was changed: the journal could not be written ({error}).")
        except PipemedicError as error:
            return _done(ApplyOutcome.FAILED, f"Nothing was changed: who signs could not be found out. {error}")
        return None

    def _intent(self, plan: Plan, identity: Identity) -> dict[str, Any]:
        """Return what the journal says of a change that is about to be made."""
        return {
            "at": self._clock.now(),
            "who": identity.arn,
            "account": identity.account,
            "profile": plan.place.profile,
            "region": plan.call.region or plan.place.region,
            "plan": plan.id,
            "title": plan.title,
            "pipeline": plan.pipeline,
            "resource": plan.resource,
            "service": plan.call.service,
            "operation": plan.call.operation,
            "params": plan.call.params,
            "before": plan.before,
            "after": plan.after,
            "undo": plan.undo.describe if plan.undo else "",
            "undo_call": _undo_call(plan),
            "pid": os.getpid(),
        }

    async def _send(self, plan: Plan, change_id: str) -> _Sent:
        """Make the call and write down what came of it."""
        call = plan.call
        sent = _Sent()
        try:
            with self._gate.permit(call.service, call.operation):
                answer = await self._caller.change(
                    plan.place, call.service, call.operation, call.params, region=call.region
                )
            request_id = str(answer.get("ResponseMetadata", {}).get("RequestId", ""))
            sent = _Sent(request_id, made=_made(plan, answer))
        except AwsError as error:
            sent = _Sent(error=error)
        error_code = sent.error.code if sent.error else ""
        await self._write_down(
            "result",
            change_id,
            {
                "at": self._clock.now(),
                "request_id": sent.request_id,
                "result": "unknown" if sent.lost else "refused" if sent.error else "accepted",
                "code": error_code,
                "error": str(sent.error or ""),
                **_followed(plan, sent.made),
            },
        )
        return sent

    async def _verify(self, plan: Plan, sent: _Sent) -> AsyncIterator[ApplyStep]:
        """Poll the verification until it holds or its time is up; the last step has the outcome."""
        check = plan.verification
        began = self._clock.elapsed()
        while True:
            holds, facts = await self._check(plan, check)
            waited = self._clock.elapsed() - began
            if holds:
                note = "The answer was lost, but the change is there. " if sent.lost else ""
                yield _done(ApplyOutcome.VERIFIED, f"{note}{check.describe}", waited, check, sent)
                return
            if waited >= check.deadline_s:
                yield self._not_verified(check, facts, waited, sent)
                return
            yield ApplyStep(
                "verify", check.describe, waited_s=waited, deadline_s=check.deadline_s, request_id=sent.request_id
            )
            await self._clock.sleep(min(check.interval_s, max(0.0, check.deadline_s - waited)))

    @staticmethod
    def _not_verified(check: Check, facts: tuple[Fact, ...], waited: float, sent: _Sent) -> ApplyStep:
        trouble = _trouble(facts)
        if sent.lost:
            text = f"No answer came, and the change is not to be seen. {sent.error}"
            return _done(ApplyOutcome.FAILED, text, waited, check, sent)
        text = f"AWS took the change, but after {waited:.0f} s this does not hold: {check.describe}"
        return _done(ApplyOutcome.NOT_VERIFIED, f"{text} {trouble}".strip(), waited, check, sent)

    async def _note_outcome(self, change_id: str, outcome: ApplyOutcome) -> None:
        await self._write_down("outcome", change_id, {"at": self._clock.now(), "outcome": outcome.value})

    async def _write_down(self, kind: str, change_id: str, record: dict[str, Any]) -> None:
        await asyncio.to_thread(self._journal.append, kind, change_id, record)


def _undo_call(plan: Plan) -> dict[str, Any] | None:
    """Return the way back as the journal keeps it; None where no single call does it."""
    call = plan.undo.call if plan.undo else None
    return _as_record(call, plan) if call else None


def _as_record(call: Call, plan: Plan) -> dict[str, Any]:
    region = call.region or plan.place.region
    return {"service": call.service, "operation": call.operation, "params": call.params, "region": region}


def _made(plan: Plan, answer: Mapping[str, Any]) -> dict[str, str]:
    """Return what the change has made, by the plan's names; what the answer lacks is left out."""
    found: dict[str, str] = {}
    for name, path in plan.made.items():
        value: Any = answer
        for step in path:
            value = value.get(step) if isinstance(value, Mapping) else None
        if isinstance(value, str):
            found[name] = value
    return found


def _followed(plan: Plan, made: Mapping[str, str]) -> dict[str, Any]:
    """Return what the journal keeps of what was made: its names, and the way back that needs them."""
    if not made:
        return {}
    follow = plan.undo.follow if plan.undo else None
    back = {"undo_call": _as_record(follow(made), plan)} if follow and len(made) == len(plan.made) else {}
    return {"made": dict(made), **back}


def _done(
    outcome: ApplyOutcome, detail: str, waited: float = 0.0, check: Check | None = None, sent: _Sent | None = None
) -> ApplyStep:
    return ApplyStep(
        "done",
        detail,
        outcome=outcome,
        waited_s=waited,
        deadline_s=check.deadline_s if check else 0.0,
        request_id=sent.request_id if sent else "",
    )


def _refused_before(plan: Plan, facts: tuple[Fact, ...]) -> ApplyStep:
    """Say why nothing was sent: the state has moved on, or it could not be read."""
    trouble = _trouble(facts)
    if trouble:
        return _done(ApplyOutcome.FAILED, f"Nothing was changed: the present state could not be read. {trouble}")
    step = _done(
        ApplyOutcome.CONFLICT,
        f"Nothing was changed: the state has moved on since the plan was made. Expected: {plan.precondition.describe}",
    )
    return replace(step, present=plan.present(facts) if plan.present else "")


def _trouble(facts: tuple[Fact, ...]) -> str:
    """Return what kept a check from being read; empty where all was read."""
    bad = (fact for fact in facts if fact.outcome in (Outcome.DENIED, Outcome.ERROR))
    return " ".join(f"{fact.service}:{fact.operation}: {fact.error}" for fact in bad)
