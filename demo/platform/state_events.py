"""State changes of pipelines as CodePipeline sends them to EventBridge, delivered to the queues that rules name.

https://docs.aws.amazon.com/codepipeline/latest/userguide/detect-state-changes-cloudwatch-events.html

What changed is found by comparing with the last look, so that a jump in time loses nothing; each change bears the
moment at which it happened. A rule has to be enabled and match, and the queue's policy has to let EventBridge send.
"""

import datetime as dt
import json
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from demo.engine.model import ActionRun, Execution
from demo.engine.pipeline import Pipeline
from demo.iam.policy import match, parse
from demo.moto_bridge import MotoBridge
from demo.names import ACCOUNT_ID, arn

__all__ = ["StateEvents"]

_WORDS = {
    "InProgress": "STARTED",
    "Succeeded": "SUCCEEDED",
    "Failed": "FAILED",
    "Stopped": "STOPPED",
    "Stopping": "STOPPING",
    "Superseded": "SUPERSEDED",
    "Cancelled": "CANCELED",
    "Abandoned": "ABANDONED",
}


@dataclass(frozen=True, slots=True)
class _Seen:
    """An execution at the last look: its status, its stages', and those of its actions' runs."""

    status: str
    stages: Mapping[str, str]
    runs: Mapping[str, str]


_NOTHING = _Seen("", {}, {})


class StateEvents:
    """Looks for changes and delivers them, as long as a rule asks for them."""

    def __init__(self, moto: MotoBridge) -> None:
        self._moto = moto
        self._seen: dict[str, dict[str, _Seen]] = {}

    def look(self, pipelines: Iterable[Pipeline], now: float) -> None:
        """Send what changed since the last look, the oldest first."""
        if not (self._moto.loaded("events") and self._moto.loaded("sqs")):
            return
        wanted: dict[str, list[tuple[Any, str]]] = {}
        found: list[tuple[float, Pipeline, str, dict[str, Any]]] = []
        for pipeline in pipelines:
            region = pipeline.region
            if region not in wanted:
                wanted[region] = list(self._targets(region))
            if not wanted[region]:
                self._seen.pop(pipeline.arn, None)
                continue
            known = self._seen.get(pipeline.arn)
            if known is not None:
                found += _changes(pipeline, known, now)
            self._seen[pipeline.arn] = {one.id: _look(one) for one in pipeline.recent}
        for at, pipeline, kind, detail in sorted(found, key=lambda one: one[0]):
            self._send(pipeline, kind, detail, at, wanted[pipeline.region])

    def _targets(self, region: str) -> Iterator[tuple[Any, str]]:
        """Yield enabled rules of the default bus with the ARN of a queue that they send to."""
        bus = self._moto.backend("events", region).event_buses.get("default")
        for rule in list(bus.rules.values()) if bus is not None else ():
            if rule.state == "ENABLED" and rule.scheduled_expression is None:
                for target in rule.targets:
                    if target["Arn"].startswith("arn:aws:sqs:"):
                        yield rule, target["Arn"]

    def _send(
        self, pipeline: Pipeline, kind: str, detail: Mapping[str, Any], at: float, targets: list[tuple[Any, str]]
    ) -> None:
        event = {
            "version": "0",
            "id": str(uuid.uuid4()),
            "detail-type": f"CodePipeline {kind} Execution State Change",
            "source": "aws.codepipeline",
            "account": ACCOUNT_ID,
            "time": _iso(at),
            "region": pipeline.region,
            "resources": [pipeline.arn],
            "detail": dict(detail),
        }
        for rule, queue_arn in targets:
            backend = self._moto.backend("sqs", pipeline.region)
            queue = next((each for each in backend.queues.values() if each.queue_arn == queue_arn), None)
            sender = arn("events", pipeline.region, f"rule/{rule.name}")
            if queue is not None and rule.event_pattern.matches_event(event) and _may_send(queue, sender):
                backend.send_message(queue_name=queue.name, message_body=json.dumps(event))


def _may_send(queue: Any, rule_arn: str) -> bool:
    """Tell whether the queue's policy lets EventBridge send for a rule."""
    held = queue.policy
    if not held:
        return False
    context = {"aws:sourcearn": rule_arn, "aws:sourceaccount": ACCOUNT_ID, "aws:securetransport": "true"}
    document = held if isinstance(held, str) else json.dumps(held)
    matches = match([parse("queue", "resource", document)], "sqs:SendMessage", queue.queue_arn, context, set())
    meant = [item for item in matches if _speaks_of_eventbridge(item.statement.get("Principal"))]
    return any(item.effect == "Allow" for item in meant) and all(item.effect != "Deny" for item in meant)


def _speaks_of_eventbridge(principal: Any) -> bool:
    if principal == "*":
        return True
    named = principal.get("Service", []) if isinstance(principal, dict) else []
    return "events.amazonaws.com" in ([named] if isinstance(named, str) else named)


def _look(execution: Execution) -> _Seen:
    runs = {run.id: run.status for run in execution.runs}
    return _Seen(execution.status, dict(execution.stage_status), runs)


def _changes(
    pipeline: Pipeline, known: Mapping[str, _Seen], now: float
) -> Iterator[tuple[float, Pipeline, str, dict[str, Any]]]:
    for execution in pipeline.recent:
        before = known.get(execution.id, _NOTHING)
        attempt = 1 + max((slot.retries for slot in pipeline.slots if slot.latest is execution), default=0)
        base = {
            "pipeline": pipeline.name,
            "execution-id": execution.id,
            "start-time": _iso(execution.started, "milliseconds"),
            "version": float(execution.version),
            "pipeline-execution-attempt": float(attempt),
        }
        for at, state in _of_execution(execution, before):
            trigger = {"trigger-type": execution.trigger.kind, "trigger-detail": execution.trigger.detail}
            more = {"execution-trigger": trigger} if state == "STARTED" else {}
            yield at, pipeline, "Pipeline", base | {"state": state} | more
        for stage, status in execution.stage_status.items():
            for at, state in _of_stage(execution, stage, status, before.stages.get(stage, "")):
                yield at, pipeline, "Stage", base | {"stage": stage, "state": state}
        for run in execution.runs:
            for at, state in _of_run(run, before.runs.get(run.id, "")):
                yield min(at, now), pipeline, "Action", base | _action(pipeline, run, state)


def _of_execution(execution: Execution, before: _Seen) -> Iterator[tuple[float, str]]:
    if not before.status:
        yield execution.started, "STARTED"
    elif execution.status == "InProgress" and before.status != "InProgress":
        yield execution.updated, "RESUMED"
    if execution.status not in {before.status, "InProgress"}:
        yield execution.updated, _WORDS[execution.status]


def _of_stage(execution: Execution, stage: str, status: str, before: str) -> Iterator[tuple[float, str]]:
    runs = [run for run in execution.runs if run.stage == stage]
    if not before:
        yield min((run.started for run in runs), default=execution.updated), "STARTED"
    elif status == "InProgress" and before != "InProgress":
        yield execution.updated, "RESUMED"
    if status not in {before, "InProgress"}:
        yield max((run.updated for run in runs), default=execution.updated), _WORDS[status]


def _of_run(run: ActionRun, before: str) -> Iterator[tuple[float, str]]:
    if not before:
        yield run.started, "STARTED"
    if run.status not in {before, "InProgress"}:
        yield run.updated, _WORDS[run.status]


def _action(pipeline: Pipeline, run: ActionRun, state: str) -> dict[str, Any]:
    kind = run.action["actionTypeId"]
    detail: dict[str, Any] = {
        "stage": run.stage,
        "action": run.name,
        "action-execution-id": run.id,
        "state": state,
        "region": str(run.action.get("region") or pipeline.region),
        "type": {key: kind[key] for key in ("owner", "provider", "category", "version")},
    }
    if state != "STARTED":
        error_code, message = run.error or ("", "")
        revision_id, revision_summary, revision_url = run.revision or ("", "", "")
        result = {
            "external-execution-id": run.external_id or revision_id,
            "external-execution-url": run.external_url or revision_url,
            "external-execution-summary": message or run.summary or revision_summary,
            "error-code": error_code,
        }
        detail["execution-result"] = {key: value for key, value in result.items() if value}
    return detail


def _iso(at: float, precision: str = "seconds") -> str:
    return dt.datetime.fromtimestamp(at, tz=dt.UTC).isoformat(timespec=precision).replace("+00:00", "Z")
