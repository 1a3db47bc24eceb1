"""What a filter looks through in a pipeline's row. Pure; without Textual."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from core.delivery import delivery
from tui.fleet_book import Entry
from tui.fleet_query import Fields

__all__ = ["application_of", "fields_of"]

# An error's text beyond this is not looked through.
_MOST = 600


# AWS's own tag of an application (an ARN of group/NAME/ID), then what people use.
_APPLICATION_TAGS = ("awsapplication", "application", "app", "appname", "service")


def application_of(tags: Mapping[str, str]) -> str:
    """Return the application that a pipeline's tags name; empty for none."""
    held = {key.lower().replace("-", "").replace("_", "").rpartition(":")[2]: value for key, value in tags.items()}
    found = next((held[key] for key in _APPLICATION_TAGS if held.get(key)), "")
    return found.split("/")[1] if found.startswith("arn:") and "/" in found else found


class _Where(Protocol):
    @property
    def context(self) -> str: ...
    @property
    def account(self) -> str: ...


def fields_of(entry: Entry, where: _Where | None = None, tags: Mapping[str, str] | None = None) -> Fields:
    """Return name, condition, stage in question, what is delivered, error's text, place and tags, in lower case."""
    found, place = entry.assessment, entry.ref.place
    execution = entry.snapshot.execution if entry.snapshot else None
    columns = {
        "pipeline": entry.ref.name.lower(),
        "status": found.word.lower(),
        "region": place.region,
        "profile": (place.profile or "default").lower(),
        "why": found.why[:_MOST].lower(),
        "stage": f"{found.focus.stage}\n{found.focus.action}".lower() if found.focus else "",
        "what": delivery(execution).lower() if execution else "",
        "context": where.context.lower() if where else "",
        "account": where.account if where else "",
    }
    return Fields(
        columns, "\n".join(columns.values()), {key.lower(): value.lower() for key, value in (tags or {}).items()}
    )
