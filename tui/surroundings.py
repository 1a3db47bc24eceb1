"""What stands around a change: who else uses the resource, which code makes it, whether the caller may make it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.arn import Arn, role_of_session
from core.errors import PipemedicError
from core.managed import Managed, managed_by, managed_reads
from core.pipeline import Definition
from core.place import PipelineRef
from core.plan import Plan
from core.plans.simulation import decisions, simulation_params
from core.snippets import TOOLS, snippet
from core.usage import projects_in, users_of

if TYPE_CHECKING:
    from aws.cloud import Cloud
    from core.fact import Evidence

__all__ = ["Surroundings", "look_around"]

# So many pipelines' definitions are read for one preview, so many of them side by side.
_MOST_DEFINITIONS = 60
_AT_ONCE = 6
_PROJECTS_A_CALL = 100


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What was found.

    Attributes:
        managed: the code that makes the resource, if any does; `code` is the change as it would stand there.
        codes: the change as code, by tool, for those tools in which it is known.
        users: who else uses it, one a line.
        looked_at: how many pipelines' definitions were read, of how many.
        reads: IAM actions of the reads before and after the change, beside the plan's own permissions.
        able: whether the caller seems to have the permissions, in a sentence; empty where it could not be told.
        lacks: whether one of them seems to be missing; None where it could not be told.
    """

    managed: Managed | None = None
    code: str = ""
    codes: Mapping[str, str] = field(default_factory=dict)
    users: tuple[str, ...] = ()
    looked_at: tuple[int, int] = (0, 0)
    reads: tuple[str, ...] = ()
    able: str = ""
    lacks: bool | None = None


async def look_around(cloud: Cloud, plan: Plan, refs: Sequence[PipelineRef]) -> Surroundings:
    """Read what stands around a change; what cannot be read is left out. `refs` are the pipelines known."""
    from aws.iam_actions import iam_action  # noqa: PLC0415 (its room takes long to import)

    evidence = cloud.evidence(plan.place)
    asked = (*plan.precondition.reads, *plan.verification.reads)
    reads = tuple(sorted({iam_action(each.service, each.operation) for each in asked} - {*plan.permissions}))
    managed, (users, read, all_), (able, lacks) = await asyncio.gather(
        _managed(evidence, plan), _users(cloud, evidence, plan, refs), _able(cloud, evidence, plan, reads)
    )
    code = snippet(plan, managed.tool) if managed else ""
    codes = {tool: text for tool in TOOLS if (text := snippet(plan, tool))}
    everyone = tuple(dict.fromkeys((*plan.affects, *users)))
    return Surroundings(managed, code, codes, everyone, (read, all_), reads, able, lacks)


async def _managed(evidence: Evidence, plan: Plan) -> Managed | None:
    reads = managed_reads(plan)
    facts = await asyncio.gather(
        *(evidence.read(each.service, each.operation, each.params, region=each.region) for each in reads)
    )
    return managed_by(facts)


async def _users(
    cloud: Cloud, evidence: Evidence, plan: Plan, refs: Sequence[PipelineRef]
) -> tuple[tuple[str, ...], int, int]:
    if plan.id.startswith(("pipeline.", "undo.pipeline.")):
        return (), 0, 0
    here = [each for each in refs if each.place == plan.place]
    gate, reader = asyncio.Semaphore(_AT_ONCE), cloud.pipelines(plan.place)

    async def one(ref: PipelineRef) -> Definition | None:
        try:
            async with gate:
                return await reader.definition(ref.name)
        except PipemedicError:
            return None

    read = [each for each in await asyncio.gather(*map(one, here[:_MOST_DEFINITIONS])) if each]
    roles = await _roles(evidence, projects_in(read)) if plan.call.service == "iam" else {}
    return users_of(plan, read, roles), len(read), len(here)


async def _roles(evidence: Evidence, projects: Sequence[str]) -> Mapping[str, str]:
    """The service role of each project."""
    pages = [projects[at : at + _PROJECTS_A_CALL] for at in range(0, len(projects), _PROJECTS_A_CALL)]
    facts = await asyncio.gather(
        *(evidence.read("codebuild", "BatchGetProjects", {"names": list(page)}) for page in pages)
    )
    return {
        str(each.get("name", "")): str(each.get("serviceRole", ""))
        for fact in facts
        for each in fact.get("projects", default=())
    }


async def _able(cloud: Cloud, evidence: Evidence, plan: Plan, reads: Sequence[str]) -> tuple[str, bool | None]:
    """Whether IAM's simulation lets the caller make the change."""
    try:
        identity = await cloud.identity(plan.place)
    except PipemedicError:
        return "", None
    role, arn = role_of_session(identity.arn), Arn.parse(identity.arn)
    source = f"arn:{identity.partition}:iam::{identity.account}:role/{role}" if role else identity.arn
    if arn is None or arn.resource == "root" or not plan.permissions:
        return "", None
    resource = plan.resource if plan.resource.startswith("arn:") else "*"
    params = simulation_params(source, (*plan.permissions, *reads), [resource])
    found = decisions(await evidence.read("iam", "SimulatePrincipalPolicy", params))
    if not found:
        return "Whether you have them could not be told (iam:SimulatePrincipalPolicy gave no answer).", None
    missing = sorted({each.action for each in found.values() if not each.allowed})
    if missing:
        return f"You seem to lack {', '.join(missing)} (IAM's simulation).", True
    return "You seem to have them (IAM's simulation).", False
