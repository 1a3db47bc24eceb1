"""A pipeline: its definition, its stages, its executions."""

import random
from collections.abc import Callable, Mapping
from typing import Any

from demo.engine.model import Execution, StageSlot
from demo.names import arn

__all__ = ["Pipeline"]


class Pipeline:
    """One pipeline of one region.

    Args:
        region: where it lives.
        definition: its structure as GetPipeline returns it.
        created: when it was made, in epoch seconds.
        rng: what its ids are drawn from.
    """

    def __init__(self, region: str, definition: dict[str, Any], created: float, rng: random.Random) -> None:
        self.region = region
        self.definition = definition
        self.created = created
        self.updated = created
        self.rng = rng
        self.version = int(definition.get("version", 1))
        self.tags: dict[str, str] = {}
        self.slots = [StageSlot(stage["name"], stage) for stage in definition["stages"]]
        self.recent: list[Execution] = []
        self.counter = 0
        self.history: Callable[[], list[Execution]] | None = None
        self._older: list[Execution] | None = None

    @property
    def name(self) -> str:
        """The pipeline's name."""
        return str(self.definition["name"])

    @property
    def arn(self) -> str:
        """The pipeline's ARN."""
        return arn("codepipeline", self.region, self.name)

    @property
    def mode(self) -> str:
        """SUPERSEDED, QUEUED or PARALLEL."""
        return str(self.definition.get("executionMode", "SUPERSEDED"))

    def projects(self) -> set[str]:
        """Return the names of the build projects it uses."""
        return {
            action["configuration"]["ProjectName"]
            for stage in self.definition["stages"]
            for action in stage["actions"]
            if action["actionTypeId"]["provider"] == "CodeBuild"
        }

    def store(self, region: str) -> str:
        """Return the artifact bucket used in a region."""
        stores: Mapping[str, Any] = self.definition.get("artifactStores", {})
        store = stores.get(region) or self.definition.get("artifactStore") or next(iter(stores.values()))
        return str(store["location"])

    def slot(self, stage: str) -> StageSlot | None:
        """Find a stage."""
        return next((slot for slot in self.slots if slot.name == stage), None)

    def executions(self) -> list[Execution]:
        """Return all executions, oldest first; the first call tells the pipeline's history."""
        if self._older is None:
            self._older = self.history() if self.history is not None else []
        return self._older + self.recent

    def execution(self, execution_id: str) -> Execution | None:
        """Find an execution, recent ones first."""
        found = next((item for item in self.recent if item.id == execution_id), None)
        return found or next((item for item in self.executions() if item.id == execution_id), None)

    def redefine(self, definition: dict[str, Any], now: float) -> None:
        """Take a new structure, as UpdatePipeline does; stages keep their state by name."""
        self.version += 1
        self.definition = definition | {"version": self.version}
        self.updated = now
        known = {slot.name: slot for slot in self.slots}
        self.slots = []
        for stage in definition["stages"]:
            slot = known.get(stage["name"]) or StageSlot(stage["name"], stage)
            slot.declaration = stage
            self.slots.append(slot)
