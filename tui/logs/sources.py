"""Logs that are no stream of CloudWatch Logs: an S3 object, a local file, and what services tell as events.

Every source gives batches as a tail does, so that the same pane shows them. What services tell becomes one line an
event, oldest first: CloudFormation stack events (DescribeStackEvents), ECS service events (DescribeServices, the latest
100), CodeDeploy lifecycle events (BatchGetDeploymentTargets) and the history of a Step Functions execution
(GetExecutionHistory).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from core.build import LogLocation
from core.errors import UsageError
from core.fact import Evidence, Fact
from core.logs import EventPage, LogBatch, LogEvent, TailState
from core.playbook import Subject
from tui.logs.local import LocalLog, blocks_of_lines
from tui.logs.moments import LineTimes

__all__ = ["EventReader", "event_reader", "follow_events", "read_file", "read_object"]

EventReader = Callable[[Evidence], Awaitable[Sequence[tuple[str, LogEvent]]]]
"""Reads all events there are, each with what tells it apart from all others. Raises UsageError for what AWS refuses."""
_POLL_S = 5.0
_A_BATCH = 20_000
_TARGETS = ("instanceTarget", "ecsTarget", "lambdaTarget", "cloudFormationTarget")


async def read_object(evidence: Evidence, where: LogLocation) -> AsyncIterator[LogBatch]:
    """Give a log that lies in S3, whole; its lines have the times that they begin with.

    Raises:
        UsageError: it cannot be read; the message is AWS's.
    """
    fact = await evidence.log(where, limit=5_000_000)
    _demand(fact)
    for batch in _with_times(fact.get("lines", default=())):
        yield batch
    yield LogBatch(TailState.ENDED)


async def read_file(path: Path, *, follow: bool = False) -> AsyncIterator[LogBatch]:
    """Give a local file, whole; a pipe as it is written, and with `follow` a file as it grows. Raises OSError."""
    times = LineTimes()
    log = await asyncio.to_thread(LocalLog, path, follow=follow)
    state = TailState.LIVE if log.grows else TailState.LOADING
    try:
        blocks = blocks_of_lines(log)
        while (lines := await asyncio.to_thread(next, blocks, None)) is not None:
            for batch in await asyncio.to_thread(lambda each=lines: list(_with_times(each, times, state))):  # type: ignore[misc]
                yield batch
        yield LogBatch(TailState.ENDED)
    finally:
        log.close()


def _with_times(
    lines: Sequence[str], times: LineTimes | None = None, state: TailState = TailState.LOADING
) -> Iterable[LogBatch]:
    stated = times or LineTimes()
    for start in range(0, len(lines), _A_BATCH):
        part = lines[start : start + _A_BATCH]
        yield LogBatch(state, EventPage([stated.of(line) or 0 for line in part], part))


async def follow_events(
    read: EventReader,
    evidence: Callable[[], Evidence],
    finished: Callable[[], Awaitable[bool]],
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> AsyncIterator[LogBatch]:
    """Give events, each once, until what causes them has finished.

    `evidence` makes a new one for each poll, because it remembers its reads.
    """
    seen: set[str] = set()
    while True:
        over = await finished()
        try:
            events = await read(evidence())
        except UsageError as error:
            if over or not seen:
                raise
            yield LogBatch(TailState.RECONNECTING, error=str(error), retry_in_s=_POLL_S)
        else:
            new = sorted((event for key, event in events if key not in seen), key=lambda event: event.at_ms)
            seen.update(key for key, _ in events)
            yield LogBatch(TailState.ENDED if over else TailState.LIVE, tuple(new))
            if over:
                return
        await sleep(_POLL_S)


def event_reader(subject: Subject) -> tuple[str, EventReader] | None:
    """Return the events that an action's service tells, with their name; None for a service that tells none."""
    given = subject.action.configuration
    provider = subject.action.provider
    if provider == "CloudFormation" and given.get("StackName"):
        return f"events of stack {given['StackName']}", _stack_events(given["StackName"], subject.region)
    if provider == "ECS" and given.get("ServiceName"):
        cluster, service = given.get("ClusterName", "default"), given["ServiceName"]
        return f"events of service {service}", _service_events(cluster, service, subject.region)
    run = subject.action_state.external_id
    if provider == "StepFunctions" and run.startswith("arn:"):
        return f"events of execution {run.rpartition(':')[2]}", _execution_events(run, subject.region)
    deployment = run
    if provider in {"CodeDeploy", "CodeDeployToECS"} and deployment:
        return f"events of deployment {deployment}", _deployment_events(deployment, subject.region)
    return None


def _demand(fact: Fact) -> Fact:
    if not fact.ok:
        raise UsageError(
            f"{fact.service} {fact.operation}: {fact.outcome.value.replace('_', ' ')}. {fact.error}".strip()
        )
    return fact


def _stack_events(stack: str, region: str) -> EventReader:
    async def read(evidence: Evidence) -> Sequence[tuple[str, LogEvent]]:
        fact = _demand(
            await evidence.read("cloudformation", "DescribeStackEvents", {"StackName": stack}, region=region)
        )
        return [
            (str(event.get("EventId")), _event(event.get("Timestamp"), _stack_line(event)))
            for event in reversed(fact.get("StackEvents", default=[]))
        ]

    return read


def _stack_line(event: Mapping[str, Any]) -> str:
    head = f"{event.get('ResourceStatus', ''):<28} {event.get('ResourceType', '')} {event.get('LogicalResourceId', '')}"
    reason = event.get("ResourceStatusReason")
    return f"{head}: {reason}" if reason else head


def _service_events(cluster: str, service: str, region: str) -> EventReader:
    async def read(evidence: Evidence) -> Sequence[tuple[str, LogEvent]]:
        params = {"cluster": cluster, "services": [service]}
        fact = _demand(await evidence.read("ecs", "DescribeServices", params, region=region))
        return [
            (str(event.get("id")), _event(event.get("createdAt"), str(event.get("message", ""))))
            for event in reversed(fact.get("services", 0, "events", default=[]))
        ]

    return read


def _deployment_events(deployment: str, region: str) -> EventReader:
    async def read(evidence: Evidence) -> Sequence[tuple[str, LogEvent]]:
        params: dict[str, Any] = {"deploymentId": deployment}
        listed = _demand(await evidence.read("codedeploy", "ListDeploymentTargets", params, region=region))
        ids = listed.get("targetIds", default=[])
        events: list[tuple[str, LogEvent]] = []
        for start in range(0, len(ids), 25):  # BatchGetDeploymentTargets takes at most 25 ids
            asked = {**params, "targetIds": ids[start : start + 25]}
            fact = _demand(await evidence.read("codedeploy", "BatchGetDeploymentTargets", asked, region=region))
            for target in fact.get("deploymentTargets", default=[]):
                events += _target_events(next((target[kind] for kind in _TARGETS if kind in target), {}))
        return events

    return read


def _target_events(target: Mapping[str, Any]) -> Iterable[tuple[str, LogEvent]]:
    name = str(target.get("targetId", ""))
    for event in target.get("lifecycleEvents", ()):
        step, status = str(event.get("lifecycleEventName", "")), str(event.get("status", ""))
        at = event.get("endTime") or event.get("startTime") or target.get("lastUpdatedAt")
        if status == "Pending":
            continue
        diagnostics = event.get("diagnostics") or {}
        said = " ".join(str(diagnostics[key]) for key in ("errorCode", "scriptName", "message") if diagnostics.get(key))
        tail = f"\n{diagnostics['logTail'].rstrip()}" if diagnostics.get("logTail") else ""
        failed = f": {said}" if said and said != "Success" else ""
        yield f"{name}/{step}/{status}", _event(at, f"{name} {step:<22} {status}{failed}{tail}")


def _execution_events(arn: str, region: str) -> EventReader:
    async def read(evidence: Evidence) -> Sequence[tuple[str, LogEvent]]:
        params = {"executionArn": arn, "includeExecutionData": False}
        fact = _demand(await evidence.read("stepfunctions", "GetExecutionHistory", params, region=region, pages=25))
        return [
            (str(event.get("id")), _event(event.get("timestamp"), _history_line(event)))
            for event in fact.get("events", default=[])
        ]

    return read


def _history_line(event: Mapping[str, Any]) -> str:
    """What happened, to which state or resource, and why: input and output are left out, they may hold secrets."""
    details = next((value for key, value in event.items() if key.endswith("EventDetails")), None) or {}
    what = " ".join(str(details[key]) for key in ("name", "resourceType", "resource") if details.get(key))
    why = ": ".join(str(details[key]) for key in ("error", "cause") if details.get(key))
    return f"{event.get('type', ''):<28} {what}{': ' if what and why else ''}{why}".rstrip()


def _event(moment: object, text: str) -> LogEvent:
    return LogEvent(int(moment * 1000) if isinstance(moment, int | float) else 0, text)
