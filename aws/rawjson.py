"""Responses of JSON services taken as they are, without botocore's walk over their shapes.

The walk is more than half of what a page of log lines costs. It is left out where it would change nothing but times:
JSON protocol 1.0/1.1 sends timestamps as epoch seconds, which is what we want.
"""

from __future__ import annotations

from typing import Any

import orjson

__all__ = ["install", "is_plain"]


def install(client: Any) -> None:
    """Let a client's answers be parsed by orjson alone where its protocol is plain JSON."""
    if client.meta.service_model.resolved_protocol != "json":
        return
    plain: dict[str, bool] = {}

    def take(operation_model: Any, response_dict: Any, customized_response_dict: Any, **_: Any) -> None:
        if response_dict["status_code"] >= 300:
            return
        name = operation_model.name
        if name not in plain:
            shape = operation_model.output_shape
            plain[name] = shape is not None and is_plain(shape)
        if not plain[name]:
            return
        body = response_dict["body"]
        try:
            parsed = orjson.loads(body) if body else {}
        except orjson.JSONDecodeError:
            return  # botocore's parser takes lone surrogates and says what is wrong with the rest
        if isinstance(parsed, dict):
            customized_response_dict.update(parsed)
            response_dict["body"] = b"{}"

    client.meta.events.register("before-parse.*.*", take, unique_id="pipemedic-rawjson")


def is_plain(shape: Any, seen: set[str] | None = None) -> bool:
    """Whether JSON of this shape needs no renaming, decoding or streaming; `seen` are shapes that were looked at."""
    seen = set() if seen is None else seen
    if shape.name in seen:
        return True
    seen.add(shape.name)
    if shape.serialization or shape.type_name == "blob":
        return False
    parts: tuple[Any, ...] = ()
    if shape.type_name == "structure":
        parts = tuple(shape.members.values())
    elif shape.type_name == "list":
        parts = (shape.member,)
    elif shape.type_name == "map":
        parts = (shape.key, shape.value)
    return all(is_plain(part, seen) for part in parts)
