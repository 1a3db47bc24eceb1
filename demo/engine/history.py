"""Executions of former times, told when somebody asks: the same actions, in a world that allowed everything."""

import random
from typing import TYPE_CHECKING

from demo.engine.context import Timeline
from demo.engine.model import Execution, StageSlot, Trigger
from demo.engine.pipeline import Pipeline
from demo.engine.runner import Runner, perform_action
from demo.engine.scheduler import Process

if TYPE_CHECKING:
    from demo.world import World

__all__ = ["tell", "tell_one"]


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
    execution.status = "Succeeded" if all(run.status == "Succeeded" for run in execution.runs) else "Failed"
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
                ends.append(timeline.now())
        moment = max(ends)
        if any(run.status != "Succeeded" for run in execution.runs):
            return moment, False
    return moment, True


def _drive(process: Process, timeline: Timeline) -> None:
    for wait in process:
        if not isinstance(wait, int | float) or timeline.past is None:
            raise TypeError(f"a told process can only wait for time, not for {wait!r}")
        timeline.past += wait
