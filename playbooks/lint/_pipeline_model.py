"""A pipeline structure as its linters read it: actions in the order in which they run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ._node import Node

__all__ = ["GUIDE", "Action", "actions_of"]

GUIDE = "https://docs.aws.amazon.com/codepipeline/latest/userguide/"


@dataclass(frozen=True, slots=True)
class Action:
    """One action.

    Attributes:
        node: The action as it stands in the file.
        stage: Name of its stage.
        order: (number of the stage, runOrder): an action runs after those with a smaller one.
    """

    node: Node
    stage: str
    order: tuple[int, int]

    @property
    def name(self) -> str:
        """The action's name."""
        return self.node.string("name")

    @property
    def type(self) -> str:
        """Category, owner and provider: ``Build/AWS/CodeBuild``."""
        kind = self.node.get("actionTypeId")
        return "/".join(kind.string(key) for key in ("category", "owner", "provider")) if kind is not None else ""

    @property
    def category(self) -> str:
        """Source, Build, Test, Deploy, Invoke, Approval or Compute."""
        return self.type.partition("/")[0]

    @property
    def configuration(self) -> Node | None:
        """The mapping of its configuration, if it has one."""
        found = self.node.get("configuration")
        return found if found is not None and found.kind == "mapping" else None

    def setting(self, key: str) -> Node | None:
        """A scalar of its configuration."""
        found = self.configuration.get(key) if self.configuration is not None else None
        return found if found is not None and found.kind == "scalar" and not found.is_null else None

    def artifacts(self, side: str) -> tuple[Node, ...]:
        """The names of its artifacts; `side` is ``inputArtifacts`` or ``outputArtifacts``."""
        names = (each.get("name") for each in self.node.under(side))
        return tuple(name for name in names if name is not None and name.kind == "scalar")


def actions_of(pipeline: Node) -> Iterator[Action]:
    """Yield the actions in the order of the file."""
    for number, stage in enumerate(pipeline.under("stages")):
        for node in stage.under("actions"):
            if node.kind == "mapping":
                order = node.string("runOrder")
                yield Action(
                    node,
                    stage.string("name"),
                    (number, int(order) if order.isascii() and order.isdecimal() and len(order) < 9 else 1),
                )
