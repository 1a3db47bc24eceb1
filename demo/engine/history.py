"""Executions of former times, told when somebody asks: the same actions, in a world that allowed everything."""

import random
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from demo.engine.context import Timeline
from demo.engine.model import Execution, StageSlot, Trigger
from demo.engine.pipeline import Pipeline
from demo.engine.runner import Runner, perform_action
from demo.engine.scheduler import Process

if TYPE_CHECKING:
    from demo.world import World

__all__ = ["tell", "tell_one"]

_NOTICED_S = 540.0  # until somebody sees a failure and runs it again


def tell(
    world: "World", pipeline: Pipeline, count: int, every_s: float, until: float, trigger: Trigger
) -> list[Execution]:
    """Tell ``count`` executions, one every so many seconds, the last one ending before ``until``."""
    counter, pipeline.counter = pipeline.counter, 0
    rng = random.Random(f"history:{pipeline.name}")
    told = []
    for number in range(count):
        at = until - (count - number) * every_s + rng.uniform(-0.3, 0.3) * every_s
        told.append(tell_one(world, pipeline, at, trigger))
    pipeline.counter = counter
    return told


def tell_one(
    world: "World", pipeline: Pipeline, at: float, trigger: Trigger, slots: list[StageSlot] | None = None
) -> Execution:
    """Tell one execution; with ``slots`` given it leaves its traces in the pipeline's state."""
    execution = Runner.create(pipeline, trigger, at)
    execution.past = True
    execution.variables = [
        {"name": item["name"], "resolvedValue": item.get("defaultValue", "")}
        for item in pipeline.definition.get("variables", [])
    ]
    stages = slots or [StageSlot(stage["name"], stage) for stage in pipeline.definition["stages"]]
    moment = at
    for slot in stages:
        slot.latest = execution
        moment, good = _tell_stage(world, pipeline, execution, slot, moment)
        execution.stage_status[slot.name] = "Succeeded" if good else "Failed"
        if not good:
            break
    good = all(status == "Succeeded" for status in execution.stage_status.values())
    execution.status = "Succeeded" if good else "Failed"
    execution.updated = moment
    return execution


def _tell_stage(
    world: "World", pipeline: Pipeline, execution: Execution, slot: StageSlot, moment: float
) -> tuple[float, bool]:
    actions = slot.declaration["actions"]
    for order in sorted({int(action.get("runOrder", 1)) for action in actions}):
        ends = []
        for action in actions:
            if int(action.get("runOrder", 1)) == order:
                timeline = Timeline(world, moment)
                _drive(perform_action(world, pipeline, execution, slot, action, timeline), timeline)
                if slot.runs[action["name"]].status == "Failed" and _is_flaky(world, pipeline, execution, action):
                    timeline.past = timeline.now() + _NOTICED_S
                    _drive(perform_action(world, pipeline, execution, slot, action, timeline), timeline)
                ends.append(timeline.now())
        moment = max(ends)
        if any(run.status != "Succeeded" for run in slot.runs.values()):
            return moment, False
    return moment, True


def _is_flaky(world: "World", pipeline: Pipeline, execution: Execution, action: Mapping[str, Any]) -> bool:
    """Whether somebody ran it again, as its project flips in this execution."""
    region = str(action.get("region") or pipeline.region)
    project = world.projects.get((region, action.get("configuration", {}).get("ProjectName", "")))
    return bool(project and project.flips and execution.number % project.flips == 0)


def _drive(process: Process, timeline: Timeline) -> None:
    for wait in process:
        if not isinstance(wait, int | float) or timeline.past is None:
            raise TypeError(f"a told process can only wait for time, not for {wait!r}")
        timeline.past += wait
