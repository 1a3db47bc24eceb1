"""A pipeline that lives: what EventBridge tells of it, and its state as the API shows it at each moment."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from core.pipeline import ActionState, Execution, PipelineSnapshot, PipelineState, StageState
from core.place import PipelineRef
from tests.aws.conftest import HERE

ACCOUNT = "111122223333"
_WORDS = {
    "STARTED": "InProgress",
    "RESUMED": "InProgress",
    "STOPPING": "Stopping",
    "SUCCEEDED": "Succeeded",
    "FAILED": "Failed",
    "STOPPED": "Stopped",
    "ABANDONED": "Abandoned",
}


def iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def event(detail: Mapping[str, Any], at: float, *, kind: str = "Pipeline", number: int = 0) -> dict[str, Any]:
    return {
        "version": "0",
        "id": f"e-{number}",
        "detail-type": f"CodePipeline {kind} Execution State Change",
        "source": "aws.codepipeline",
        "account": ACCOUNT,
        "time": iso(at),
        "region": HERE.region,
        "resources": [f"arn:aws:codepipeline:{HERE.region}:{ACCOUNT}:{detail.get('pipeline')}"],
        "detail": dict(detail),
    }


@dataclass
class Life:
    """One pipeline of three stages with an action each; `choose` gives a number below its argument.

    Much happens within one second, which is as fine as the time of an event is.
    """

    choose: Callable[[int], int]
    name: str = "web"
    now: float = 1_768_446_720.0
    bodies: list[str] = field(default_factory=list)
    states: list[PipelineSnapshot] = field(default_factory=list)  # after each event
    _runs: int = 0

    def __post_init__(self) -> None:
        stages = tuple(StageState(name, actions=(ActionState(f"{name}It"),)) for name in ("Source", "Build", "Deploy"))
        self.state = PipelineState(self.name, 1, stages)
        self.execution: Execution | None = None

    @property
    def snapshot(self) -> PipelineSnapshot:
        return PipelineSnapshot(PipelineRef(HERE, self.name), self.now, self.state, self.execution)

    def run(self) -> None:
        """One execution from its start to its end, good, failed, retried or stopped."""
        self._runs += 1
        self.now += self.choose(50)
        begun = Execution(f"x-{self._runs}", "InProgress", self.now, self.now)
        self.execution = begun
        self._tell("Pipeline", "STARTED", begun)
        attempt = 1  # of the execution: it counts on from stage to stage
        for at in range(3):
            again = False
            while (end := self._stage(begun, at, attempt, again=again)) == "FAILED" and self.choose(3) == 0:
                attempt, again = attempt + 1, True
                self.now += self.choose(30)
            if end != "SUCCEEDED":
                break
        self._execution_is(end, begun, attempt)

    def _stage(self, begun: Execution, at: int, attempt: int, *, again: bool) -> str:
        stage = self.state.stages[at]
        first = "RESUMED" if again else "STARTED"
        if again:
            self._execution_is("RESUMED", begun, attempt)
        self._stage_is(at, first, begun, attempt)
        self._action_is(at, "STARTED", begun, attempt)
        self.now += self.choose(9)
        end = ("SUCCEEDED", "SUCCEEDED", "FAILED", "STOPPED")[self.choose(4)]
        self._action_is(at, {"STOPPED": "ABANDONED"}.get(end, end), begun, attempt)
        self._stage_is(at, end, begun, attempt)
        assert stage.name == self.state.stages[at].name
        if end == "FAILED":
            self._execution_is("FAILED", begun, attempt)
        return end

    def _execution_is(self, state: str, begun: Execution, attempt: int = 1) -> None:
        known = self.execution
        if known is None or known.id != begun.id or known.status == _WORDS[state]:
            return
        self.execution = replace(known, status=_WORDS[state], updated_at=self.now)
        self._tell("Pipeline", state, begun, attempt)

    def _stage_is(self, at: int, state: str, begun: Execution, attempt: int) -> None:
        stages = list(self.state.stages)
        waits = tuple(one for one in stages[at].inbound if one != begun.id)
        stages[at] = replace(stages[at], status=_WORDS[state], execution_id=begun.id, inbound=waits)
        self.state = replace(self.state, stages=tuple(stages))
        self._tell("Stage", state, begun, attempt, stage=stages[at].name)

    def _action_is(self, at: int, state: str, begun: Execution, attempt: int) -> None:
        stages = list(self.state.stages)
        stage = stages[at]
        identity = f"a-{self._runs}-{at}-{attempt}"
        done = replace(stage.actions[0], status=_WORDS[state], changed_at=self.now, action_execution_id=identity)
        stages[at] = replace(stage, actions=(done,))
        self.state = replace(self.state, stages=tuple(stages))
        self._tell("Action", state, begun, attempt, stage=stage.name, action=done.name, identity=identity)

    def _tell(
        self,
        kind: str,
        state: str,
        begun: Execution,
        attempt: int = 1,
        *,
        stage: str = "",
        action: str = "",
        identity: str = "",
    ) -> None:
        detail: dict[str, Any] = {
            "pipeline": self.name,
            "execution-id": begun.id,
            "state": state,
            "version": 1.0,
            "pipeline-execution-attempt": float(attempt),
        }
        if state != "RESUMED":
            moment = datetime.fromtimestamp(begun.started_at or 0.0, UTC)
            detail["start-time"] = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        if stage:
            detail["stage"] = stage
        if action:
            detail |= {
                "action": action,
                "action-execution-id": identity,
                "region": HERE.region,
                "type": {"owner": "AWS", "provider": "CodeBuild", "category": "Build", "version": "1"},
            }
        self.bodies.append(json.dumps(event(detail, self.now, kind=kind, number=len(self.bodies))))
        self.states.append(self.snapshot)
        self.now += 0.007
