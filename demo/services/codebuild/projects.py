"""Build projects: read, list, change."""

from collections.abc import Mapping
from typing import Any

from demo.services import Handler, Invocation, page
from demo.services.codebuild import lookup
from demo.wire.errors import AwsError

__all__ = ["OPERATIONS"]

_BAD_TOKEN = AwsError("InvalidInputException", "Invalid next token provided")


def batch_get_projects(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve BatchGetProjects."""
    projects, missing = [], []
    for name in params["names"]:
        short = name.rpartition(":project/")[2] or name
        found = call.world.projects.get((call.region, short))
        if found is None:
            missing.append(name)
        else:
            projects.append(found.data)
    return {"projects": projects, "projectsNotFound": missing}


def list_projects(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve ListProjects."""
    names = sorted(name for region, name in call.world.projects if region == call.region)
    if params.get("sortOrder") == "DESCENDING":
        names.reverse()
    chosen, token = page(names, params.get("nextToken"), 100, _BAD_TOKEN)
    return {"projects": chosen, "nextToken": token}


def update_project(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve UpdateProject: what is given replaces what was there."""
    found = lookup.project(call, params["name"])
    given = {key: value for key, value in params.items() if key != "name"}
    if given.get("concurrentBuildLimit") == -1:
        given.pop("concurrentBuildLimit")
        found.data.pop("concurrentBuildLimit", None)
    found.data = found.data | given | {"lastModified": call.world.clock.now()}
    call.world.scheduler.fire(found.freed)
    call.world.tick()
    return {"project": found.data}


OPERATIONS: Mapping[str, Handler] = {
    "BatchGetProjects": batch_get_projects,
    "ListProjects": list_projects,
    "UpdateProject": update_project,
}
