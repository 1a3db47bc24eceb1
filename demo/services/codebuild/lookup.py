"""Finding builds and projects; histories are told when somebody asks for what lies in them."""

from demo.engine.build import Build, Project
from demo.names import arn
from demo.services import Invocation
from demo.wire.errors import AwsError

__all__ = ["build", "builds_of", "project"]


def project(call: Invocation, name: str) -> Project:
    """Find a project by name or ARN."""
    short = name.rpartition(":project/")[2] or name
    found = call.world.projects.get((call.region, short))
    if found is None:
        raise AwsError(
            "ResourceNotFoundException",
            f"Project cannot be found: {arn('codebuild', call.region, f'project/{short}')}",
        )
    return found


def builds_of(call: Invocation, found: Project) -> list[Build]:
    """Return all builds of a project, oldest first."""
    call.world.tell_histories({found.name}, found.region)
    return sorted(found.builds, key=lambda item: item.started)


def build(call: Invocation, identity: str) -> Build | None:
    """Find a build by id or ARN, in the called region."""
    short = identity.rpartition(":build/")[2] or identity
    found = call.world.builds.get(short)
    if found is None:
        held = call.world.projects.get((call.region, short.partition(":")[0]))
        if held is not None:
            builds_of(call, held)
            found = call.world.builds.get(short)
    return found if found is not None and found.project.region == call.region else None
