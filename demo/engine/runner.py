"""How executions go through a pipeline: stages one after another, actions by run order, one execution a stage.

https://docs.aws.amazon.com/codepipeline/latest/userguide/concepts-how-it-works.html
"""

import random
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from demo.engine.actions import behaviour
from demo.engine.conditions import evaluate
from demo.engine.context import ActionContext, ActionFailed, Timeline, resolve
from demo.engine.model import ActionRun, Artifact, Execution, StageSlot, Trigger
from demo.engine.pipeline import Pipeline
from demo.engine.scheduler import Process, Scheduler, Task
from demo.names import uuid

if TYPE_CHECKING:
    from demo.world import World

__all__ = ["Runner"]


class Runner:
    """Runs the executions of all pipelines of an account."""

    def __init__(self, world: "World") -> None:
        self._world = world

    @property
    def _scheduler(self) -> Scheduler:
        return self._world.scheduler

    def start(
        self,
        pipeline: Pipeline,
        trigger: Trigger,
        *,
        variables: Mapping[str, str] | None = None,
        pinned: Mapping[str, str] | None = None,
        at: float | None = None,
    ) -> Execution:
        """Start an execution; ``pinned`` fixes source revisions by action name."""
        execution = self.create(pipeline, trigger, at if at is not None else self._scheduler.now)
        given = dict(variables or {})
        execution.variables = [
            {"name": item["name"], "resolvedValue": given.get(item["name"], item.get("defaultValue", ""))}
            for item in pipeline.definition.get("variables", [])
        ]
        execution.pinned = dict(pinned or {})
        pipeline.recent.append(execution)
        execution.task = self._scheduler.spawn(self._execute(pipeline, execution, 0), at)
        return execution

    @staticmethod
    def create(pipeline: Pipeline, trigger: Trigger, at: float) -> Execution:
        """Make an execution without starting it."""
        pipeline.counter += 1
        rng = random.Random(f"{pipeline.name}:{pipeline.counter}")
        return Execution(uuid(rng), pipeline.counter, pipeline.version, at, at, trigger, pipeline.mode)

    def retry(self, pipeline: Pipeline, slot: StageSlot, execution: Execution, *, everything: bool) -> None:
        """Run a failed stage again, its failed actions only or all of them, and go on from there."""
        slot.retries += 1
        execution.status = "InProgress"
        execution.stage_status[slot.name] = "InProgress"
        skip: frozenset[str] = frozenset()
        if not everything:
            skip = frozenset(name for name, run in slot.runs.items() if run.status == "Succeeded")
        index = pipeline.slots.index(slot)
        slot.current = execution
        self._touch(execution)
        execution.task = self._scheduler.spawn(self._execute(pipeline, execution, index, skip, entered=True))

    def override(self, pipeline: Pipeline, slot: StageSlot, execution: Execution, kind: str) -> None:
        """Let an execution pass a condition that failed: into the stage, or out of it and on."""
        slot.conditions[kind].status = "Overridden"
        execution.status, slot.current = "InProgress", execution
        self._touch(execution)
        index = pipeline.slots.index(slot)
        if kind == "onSuccess":
            execution.stage_status[slot.name] = "Succeeded"
            slot.current = None
            self.wake(slot)
            execution.task = self._scheduler.spawn(self._execute(pipeline, execution, index + 1))
            return
        execution.task = self._scheduler.spawn(self._execute(pipeline, execution, index, entered=True))

    def rollback(self, pipeline: Pipeline, slot: StageSlot, target: Execution, trigger: Trigger) -> Execution:
        """Run a stage with the artifacts of an earlier good execution."""
        execution = self.create(pipeline, trigger, self._scheduler.now)
        execution.kind, execution.rollback_of = "ROLLBACK", target.id
        execution.artifacts = dict(target.artifacts)
        execution.namespaces = {name: dict(values) for name, values in target.namespaces.items()}
        execution.variables = list(target.variables)
        pipeline.recent.append(execution)
        index = pipeline.slots.index(slot)
        execution.task = self._scheduler.spawn(self._execute(pipeline, execution, index, only=True))
        return execution

    def stop(self, pipeline: Pipeline, execution: Execution, reason: str, *, abandon: bool) -> None:
        """Stop an execution: let its running actions end, or abandon them."""
        execution.status, execution.stop_reason, execution.abandon = "Stopping", reason, abandon
        self._touch(execution)
        running = any(run.status == "InProgress" for run in execution.runs)
        if abandon or not running:
            for run in execution.runs:
                if run.status == "InProgress":
                    run.status, run.updated = "Abandoned", self._scheduler.now
            self._end(pipeline, execution, "Stopped")

    def wake(self, slot: StageSlot) -> None:
        """Let who waits before a stage look again."""
        self._scheduler.fire(slot.signal)

    # --- the way of one execution

    def _execute(
        self,
        pipeline: Pipeline,
        execution: Execution,
        first: int,
        skip: frozenset[str] = frozenset(),
        *,
        entered: bool = False,
        only: bool = False,
    ) -> Process:
        index = first
        while index < len(pipeline.slots):
            slot = pipeline.slots[index]
            status = ""
            if not entered or index != first:
                yield from self._enter(pipeline, execution, slot, index)
                status = self._hold(pipeline, execution, slot, "beforeEntry")
            if not status:
                status = yield from self._run_stage(pipeline, execution, slot, skip if index == first else frozenset())
                if status == "Succeeded":
                    status = self._hold(pipeline, execution, slot, "onSuccess") or status
            slot.current = None
            self.wake(slot)
            if status != "Succeeded" or execution.status == "Stopping":
                self._finish(execution, "Stopped" if execution.status == "Stopping" else "Failed")
                return
            index += 1
            if only:
                break
        self._finish(execution, "Succeeded")

    def _enter(self, pipeline: Pipeline, execution: Execution, slot: StageSlot, index: int) -> Process:
        if pipeline.mode == "SUPERSEDED" and index > 0:
            for older in list(slot.waiting):
                self._supersede(pipeline, older, execution)
        slot.waiting.append(execution)
        parallel = pipeline.mode == "PARALLEL"
        while not slot.enabled or (not parallel and (slot.current is not None or slot.waiting[0] is not execution)):
            yield slot.signal
        slot.waiting.remove(execution)
        slot.current = slot.latest = execution
        slot.retries = 0
        self._touch(execution)

    def _hold(self, pipeline: Pipeline, execution: Execution, slot: StageSlot, kind: str) -> str:
        """Ask a stage's conditions; returns ``Failed`` where one holds the execution up."""
        declared = slot.declaration.get(kind)
        if not declared:
            return ""
        rng = random.Random(f"{pipeline.name}:{execution.number}:{slot.name}:{kind}")
        run = slot.conditions[kind] = evaluate(self._world, pipeline.region, declared, self._scheduler.now, rng)
        if run.status == "Succeeded":
            return ""
        execution.stage_status[slot.name] = "Failed"
        return "Failed"

    def _supersede(self, pipeline: Pipeline, older: Execution, newer: Execution) -> None:
        older.status_summary = f"Superseded by {newer.id}"
        self._end(pipeline, older, "Superseded")

    def _end(self, pipeline: Pipeline, execution: Execution, status: str) -> None:
        for slot in pipeline.slots:
            if execution in slot.waiting:
                slot.waiting.remove(execution)
            if slot.current is execution:
                slot.current = None
                execution.stage_status[slot.name] = status
            self.wake(slot)
        if execution.task is not None:
            self._scheduler.cancel(execution.task)
        self._finish(execution, status)

    def _finish(self, execution: Execution, status: str) -> None:
        execution.status = status
        self._touch(execution)

    def _touch(self, execution: Execution) -> None:
        execution.updated = self._scheduler.now

    def _run_stage(self, pipeline: Pipeline, execution: Execution, slot: StageSlot, skip: frozenset[str]) -> Process:
        execution.stage_status[slot.name] = "InProgress"
        actions = [action for action in slot.declaration["actions"] if action["name"] not in skip]
        status = "Succeeded"
        for order in sorted({int(action.get("runOrder", 1)) for action in actions}):
            group = [action for action in actions if int(action.get("runOrder", 1)) == order]
            tasks = [self._scheduler.spawn(self._run_action(pipeline, execution, slot, action)) for action in group]
            for task in tasks:
                yield from _join(task)
            runs = [slot.runs[action["name"]] for action in group]
            if any(run.status != "Succeeded" for run in runs):
                status = "Failed"
                break
            if execution.status == "Stopping":
                status = "Stopped"
                break
        execution.stage_status[slot.name] = status
        self._touch(execution)
        return status

    def _run_action(
        self, pipeline: Pipeline, execution: Execution, slot: StageSlot, action: Mapping[str, Any]
    ) -> Process:
        yield from perform_action(self._world, pipeline, execution, slot, action, Timeline(self._world))
        execution.updated = self._scheduler.now


def perform_action(
    world: "World",
    pipeline: Pipeline,
    execution: Execution,
    slot: StageSlot,
    action: Mapping[str, Any],
    timeline: Timeline,
) -> Process:
    """Run one action from its start to its end, whatever that is."""
    rng = random.Random(f"{pipeline.name}:{execution.number}:{action['name']}:{len(execution.runs)}")
    run = ActionRun(uuid(rng), slot.name, action, timeline.now(), timeline.now())
    run.updated_by = world.session_of(str(pipeline.definition["roleArn"]), timeline.now())
    execution.runs.append(run)
    slot.runs[run.name] = run
    context = ActionContext(world, pipeline, execution, run, timeline, rng)
    try:
        run.config = resolve(action.get("configuration", {}), execution)
        run.inputs = _inputs(execution, action)
        perform = behaviour(action["actionTypeId"])
        if not context.past and not world.iam.trusts(pipeline.definition["roleArn"], "codepipeline.amazonaws.com"):
            _no_trust(context.role)
        yield from perform(context)
    except ActionFailed as failure:
        if run.status == "InProgress":
            run.status, run.error = "Failed", (failure.code, failure.message)
    else:
        if run.status == "InProgress":
            run.status = "Succeeded"
    run.updated = timeline.now()


def _no_trust(role: str) -> NoReturn:
    raise ActionFailed("PermissionError", f"CodePipeline is not authorized to perform AssumeRole on role {role}")


def _inputs(execution: Execution, action: Mapping[str, Any]) -> list[Artifact]:
    found = []
    for wanted in action.get("inputArtifacts", []):
        artifact = execution.artifacts.get(wanted["name"])
        if artifact is None:
            raise ActionFailed("ConfigurationError", f"Input Artifact {wanted['name']} was not found")
        found.append(artifact)
    return found


def _join(task: Task) -> Process:
    if not task.done:
        yield task
