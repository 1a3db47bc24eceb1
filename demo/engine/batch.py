"""A batch build: the builds of its buildspec's list, one after another, each group with the ones tried before."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from demo.engine.build import Build, Project
from demo.engine.scheduler import Process, Task

if TYPE_CHECKING:
    from demo.world import World

__all__ = ["Batch", "batch_names"]


@dataclass(slots=True)
class Batch:
    """A batch with the builds of each group, the newest last."""

    id: str
    project: Project
    number: int
    started: float
    params: Mapping[str, Any]
    groups: dict[str, list[Build]]
    initiator: str = "oncall"
    status: str = "IN_PROGRESS"
    ended: float | None = None
    phases: list[dict[str, Any]] = field(default_factory=list)
    task: Task | None = None

    def run(self, world: "World", names: Iterable[str], launch: Callable[[], Build]) -> Process:
        """Run a build for each of the groups; how they end is how the batch ends."""
        now = world.scheduler.now
        self.phases.append({"phaseType": "SUBMITTED", "phaseStatus": "SUCCEEDED", "startTime": now, "endTime": now})
        self.phases.append({"phaseType": "IN_PROGRESS", "startTime": now})
        for name in names:
            build = launch()
            self.groups[name].append(build)
            yield build.task or 0.0
        good = all(held and held[-1].status == "SUCCEEDED" for held in self.groups.values())
        self.end("SUCCEEDED" if good else "FAILED", world.scheduler.now)

    def end(self, status: str, now: float) -> None:
        """Come to an end."""
        self.status, self.ended = status, now
        last = self.phases[-1]
        last |= {"phaseStatus": status, "endTime": now, "durationInSeconds": int(now - last["startTime"])}
        self.phases.append({"phaseType": status, "startTime": now})


def batch_names(text: str) -> list[str]:
    """Return the identifiers of a buildspec's build list; one build where it has none."""
    try:
        loaded = yaml.safe_load(text) or {}
    except yaml.YAMLError:
        loaded = {}
    batch = loaded.get("batch", {}) if isinstance(loaded, dict) else {}
    names = [str(each.get("identifier", "")) for each in batch.get("build-list", ())]
    return [name for name in names if name] or ["build"]
