"""CodePipeline's own webhooks, which version 1 GitHub sources use: there, working, letting pushes through."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.age import age
from core.fact import Evidence, Fact
from core.playbook import Facts, Subject

from ._state import number

__all__ = ["WEBHOOK_READS", "Webhook", "read_webhooks", "webhooks_of"]

WEBHOOK_READS = ("codepipeline:ListWebhooks",)
_REFERENCE = re.compile(r"^refs/heads/(?P<branch>.+)$")
_Map = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Webhook:
    """One webhook of the pipeline.

    Attributes:
        error: code and message of its last failed delivery or registration; empty for none.
        last: when it was last triggered, epoch seconds.
        branch: the branch that its filters ask for, with the action's configuration filled in; empty for any.
    """

    name: str
    action: str
    error: str
    last: float | None
    branch: str
    arn: str

    def said(self, now: float) -> str:
        """It in one line."""
        last = f"last triggered {age(self.last, now)} ago" if self.last is not None else "never triggered"
        lets = f", pushes to {self.branch}" if self.branch else ", any push"
        return f"Webhook {self.name} (action {self.action}{lets}): {last}{f'; {self.error}' if self.error else ''}."


async def read_webhooks(evidence: Evidence) -> dict[str, Fact]:
    """Read all webhooks of the region."""
    return {"webhooks": await evidence.read("codepipeline", "ListWebhooks", {})}


def webhooks_of(subject: Subject, facts: Facts) -> list[Webhook]:
    """The webhooks that target the pipeline."""
    found: Sequence[_Map] = facts["webhooks"].get("webhooks", default=())
    made = []
    for each in found:
        definition: _Map = each.get("definition") or {}
        if definition.get("targetPipeline") != subject.ref.name:
            continue
        error = ": ".join(str(each[key]) for key in ("errorCode", "errorMessage") if each.get(key))
        action = str(definition.get("targetAction", ""))
        made.append(
            Webhook(
                name=str(definition.get("name", "?")),
                action=action,
                error=error,
                last=number(each.get("lastTriggered")),
                branch=_branch(subject, action, definition.get("filters") or ()),
                arn=str(each.get("arn", "")),
            )
        )
    return made


def _branch(subject: Subject, action: str, filters: Sequence[_Map]) -> str:
    """The branch that a filter on ``$.ref`` lets through; ``{Branch}`` stands for the action's configuration."""
    configuration: Mapping[str, str] = next(
        (each.configuration for stage in subject.definition.stages for each in stage.actions if each.name == action), {}
    )
    for each in filters:
        if each.get("jsonPath") != "$.ref":
            continue
        wanted = str(each.get("matchEquals", ""))
        for name, value in configuration.items():
            wanted = wanted.replace(f"{{{name}}}", value)
        found = _REFERENCE.match(wanted)
        return found["branch"] if found else wanted
    return ""
