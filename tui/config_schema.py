"""The form of the configuration file, as JSON Schema: what editors complete by and what the file is checked against."""

from __future__ import annotations

from typing import Any

__all__ = ["COLUMNS", "GROUPS", "SCHEMA"]

COLUMNS = (
    "status",
    "pipeline",
    "stages",
    "what",
    "age",
    "took",
    "ends",
    "region",
    "profile",
    "account",
    "context",
    "stage",
    "read",
)
GROUPS = ("region", "profile", "account", "context", "application")

_SECONDS = {"type": "number", "minimum": 1, "maximum": 86400}
_TEXT = {"type": "string"}
_TEXTS = {"type": "array", "items": _TEXT}
_LOOK: dict[str, Any] = {
    "columns": {
        "type": "array",
        "items": {"type": "string", "pattern": f"^(?:{'|'.join(COLUMNS)}|tag:.+)$"},
        "description": "Columns in their order; tag:KEY shows a tag.",
    },
    "sort": {
        "type": "string",
        "pattern": f"^(?:-?(?:{'|'.join(COLUMNS)}))?$",
        "description": "A column; after - the other way round. Empty: what needs attention first.",
    },
    "group": {
        "type": "string",
        "pattern": f"^(?:{'|'.join(GROUPS)}|tag:.+)?$",
        "description": "What rows stand together by.",
    },
    "filter": {"type": "string", "description": "As in the filter line of the program."},
}


_RULE: dict[str, Any] = {
    "on": {
        "type": "array",
        "items": {"enum": ["failed", "stuck", "approval", "recovered"]},
        "description": "Transitions worth a call.",
    },
    "filter": {"type": "string", "description": "Of which pipelines, as in the filter line. Empty: of all."},
}


def _table(properties: dict[str, Any], required: tuple[str, ...] = (), description: str = "") -> dict[str, Any]:
    table: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    if required:
        table["required"] = list(required)
    if description:
        table["description"] = description
    return table


_CONTEXT = _table(
    {
        "profile": {"type": "string", "description": "AWS profile; without it the default credentials chain."},
        "regions": {**_TEXTS, "description": "AWS regions; without them the profile's own."},
        "color": {"enum": ["primary", "secondary", "accent", "success", "warning", "error"]},
        "protection": {
            "enum": ["none", "typed", "read-only"],
            "description": "typed: a change wants the pipeline's name typed. read-only: no change at all.",
        },
        "queue": {
            "type": "string",
            "pattern": "^https?://.+",
            "description": "SQS queue of `pipemedic fleet template`.",
        },
        "queues": {
            "type": "object",
            "additionalProperties": {"type": "string", "pattern": "^https?://.+"},
            "description": "Such queues by region, where each region has its own.",
        },
    }
)
_VIEW = _table({"name": _TEXT, "attention": {"type": "boolean"}, **_LOOK}, ("name",))

SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "pipemedic configuration",
    **_table(
        {
            "theme": {"type": "string", "description": "pipemedic-night, pipemedic-day, or any theme of Textual."},
            "read_only": {"type": "boolean", "description": "Refuse every change, everywhere."},
            "start": {**_TEXTS, "description": "Contexts and groups to open with; without it all contexts."},
            "contexts": {
                "type": "object",
                "additionalProperties": _CONTEXT,
                "description": "Profiles with their regions, by a name of your choice.",
            },
            "groups": {
                "type": "object",
                "additionalProperties": _TEXTS,
                "description": "Names for several contexts.",
            },
            "refresh": _table(
                dict.fromkeys(("moving", "waiting", "visible", "idle", "listing"), _SECONDS),
                description="Seconds between reads: what runs, what waits, what is on the screen, the rest, the list.",
            ),
            "list": _table(_LOOK, description="How the list of pipelines stands at first."),
            "views": {
                "type": "object",
                "properties": {str(key): _VIEW for key in range(1, 10)},
                "additionalProperties": False,
                "description": "Saved views, by the key 1 to 9 that shows them.",
            },
            "keys": {
                "type": "object",
                "additionalProperties": _TEXT,
                "description": 'Other keys by binding id (docs/keys.md): "pipelines.filter" = "f2".',
            },
            "notices": _table(
                {
                    **_RULE,
                    "rules": {
                        "type": "array",
                        "items": _table(_RULE, required=("on",)),
                        "description": "More transitions, of other pipelines; one rule that holds is enough.",
                    },
                    "bell": {"type": "boolean"},
                    "desktop": {"enum": ["osc9", "osc777"], "description": "A notice by the terminal."},
                    "command": {**_TEXTS, "description": "A program with its arguments; no shell reads it."},
                }
            ),
        }
    ),
}
