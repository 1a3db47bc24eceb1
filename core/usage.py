"""Who else uses a resource: pipelines with the same role, bucket, project or key, from their definitions. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from core.pipeline import ActionDecl, Definition
from core.plan import Plan

__all__ = ["projects_in", "users_of"]


def projects_in(definitions: Iterable[Definition]) -> tuple[str, ...]:
    """Return the names of all build projects that pipelines use, each once."""
    names = {
        action.configuration.get("ProjectName", "")
        for definition in definitions
        for stage in definition.stages
        for action in stage.actions
        if action.provider == "CodeBuild"
    }
    return tuple(sorted(name for name in names if name))


def users_of(plan: Plan, definitions: Iterable[Definition], roles: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Return the other users of what a plan changes, one a line.

    Args:
        plan: the change.
        definitions: of pipelines in the same place.
        roles: the service role of each build project, by the project's name.
    """
    found: list[str] = []
    for definition in definitions:
        found += [f"pipeline {definition.name}: {use}" for use in _uses(plan, definition, roles or {})]
    return tuple(each for each in dict.fromkeys(found) if not each.startswith(f"pipeline {plan.pipeline}: "))


def _uses(plan: Plan, definition: Definition, roles: Mapping[str, str]) -> list[str]:
    resource, params = plan.resource, plan.call.params
    bucket = str(params.get("Bucket", "")) if plan.call.service == "s3" else ""
    key = str(params.get("KeyId", "")).rpartition("/")[2] if plan.call.service == "kms" else ""
    uses = ["its own role"] if resource and definition.role_arn == resource else []
    stores = definition.stores.values()
    uses += ["its artifact bucket" for store in stores if bucket and store.location == bucket]
    uses += ["the key of its artifacts" for store in stores if key and store.key.rpartition("/")[2] == key]
    for stage in definition.stages:
        for action in stage.actions:
            uses += [f"{stage.name} / {action.name} {use}" for use in _of_action(plan, action, bucket, roles)]
    return uses


def _of_action(plan: Plan, action: ActionDecl, bucket: str, roles: Mapping[str, str]) -> list[str]:
    given, resource = action.configuration, plan.resource
    built = given.get("ProjectName", "") if action.provider == "CodeBuild" else ""
    uses: list[str] = []
    if resource and action.role_arn == resource:
        uses.append("acts with this role")
    if built and plan.call.operation == "UpdateProject" and plan.call.params.get("name") == built:
        uses.append("builds with this project")
    if built and resource and roles.get(built) == resource:
        uses.append(f"through build project {built}")
    if bucket and bucket in (given.get("S3Bucket"), given.get("BucketName")):
        uses.append("uses this bucket")
    return uses
