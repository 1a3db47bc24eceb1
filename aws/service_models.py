"""Whether a call exists: services, operations and request members as botocore's service models have them. Offline."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cache
from typing import Any

from botocore.exceptions import UnknownServiceError
from botocore.loaders import create_loader

__all__ = ["faults_of_call"]


@cache
def _model(service: str) -> dict[str, Any] | None:
    try:
        model: dict[str, Any] = create_loader().load_service_model(service, "service-2")
    except UnknownServiceError:
        return None
    return model


def faults_of_call(service: str, operation: str, params: Collection[str]) -> Iterator[str]:
    """Yield what is wrong with a call: an unknown service, operation or member, or a member that must be there.

    Only the names of the request's own members (`params`) are looked at. Loads a model: up to some tenths of a second.
    """
    model = _model(service)
    if model is None:
        yield f"there is no service {service}"
        return
    found = model["operations"].get(operation)
    if found is None:
        yield f"{service} has no operation {operation}"
        return
    shape = model["shapes"].get(found.get("input", {}).get("shape", ""), {})
    members = shape.get("members", {})
    yield from (f"{operation} takes no {name}" for name in params if name not in members)
    yield from (f"{operation} needs {name}" for name in shape.get("required", ()) if name not in params)
