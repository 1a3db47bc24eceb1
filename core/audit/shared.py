"""What many pipelines share, read in batches: build projects, ECS services, log groups, event rules."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from core.audit.case import Case, project_of
from core.audit.grants import roles as definition_roles
from core.audit.reads import Reads
from core.audit.role_listing import RoleFacts, read_roles
from core.fact import Fact, Outcome

__all__ = ["Shared", "read_shared"]

_PROJECTS, _SERVICES = 100, 10  # most names that BatchGetProjects and DescribeServices take
# More groups than this under CodeBuild's prefix are read as one listing, fewer one by one.
_LISTED_FROM, _LIST_PAGES = 8, 60
_PREFIX = "/aws/codebuild/"
_At = tuple[str, str]  # account and region


@dataclass(slots=True)
class Shared:
    """Facts by account, region and name; each holds its one resource alone."""

    projects: dict[tuple[str, str, str], Fact] = field(default_factory=dict)
    services: dict[tuple[str, str, str, str], Fact] = field(default_factory=dict)
    groups: dict[tuple[str, str, str], Fact] = field(default_factory=dict)
    rules: dict[_At, Fact] = field(default_factory=dict)
    roles: dict[str, RoleFacts] = field(default_factory=dict)


async def read_shared(cases: Sequence[Case], reads: Reads) -> Shared:
    """Read what the cases' definitions name, each thing once."""
    shared = Shared()
    await asyncio.gather(
        _read_projects(cases, reads, shared), _read_services(cases, reads, shared), _read_rules(cases, reads, shared)
    )
    roles = {role for case in cases for role in definition_roles(case)}
    roles |= {str(project_of(fact).get("serviceRole", "")) for fact in shared.projects.values()}
    _, shared.roles = await asyncio.gather(_read_groups(reads, shared), read_roles(roles, reads))
    return shared


def _chunks(names: Iterable[str], size: int) -> list[list[str]]:
    ordered = sorted(set(names))
    return [ordered[at : at + size] for at in range(0, len(ordered), size)]


def _sliced(fact: Fact, member: str, names: Mapping[str, Any], found: Mapping[str, Any] | None) -> Fact:
    """One resource out of a batch, as if it had been asked for alone."""
    if not fact.ok:
        return replace(fact, params=dict(names))
    if found is None:
        return replace(fact, params=dict(names), outcome=Outcome.NO_DATA, value=None, error="there is no such resource")
    return replace(fact, params=dict(names), value={member: [found]})


async def _read_projects(cases: Sequence[Case], reads: Reads, shared: Shared) -> None:
    wanted: dict[_At, set[str]] = {}
    for case in cases:
        for _, action in case.actions:
            if action.provider == "CodeBuild" and (name := action.configuration.get("ProjectName", "")):
                wanted.setdefault((case.account_of(action), case.region_of(action)), set()).add(name)

    async def one(at: _At, names: list[str]) -> None:
        account, region = at
        fact = await reads.read(account, "codebuild", "BatchGetProjects", {"names": names}, region=region)
        found = {str(each.get("name")): each for each in fact.get("projects", default=())}
        for name in names:
            short = name.rpartition(":project/")[2] or name
            shared.projects[account, region, name] = _sliced(fact, "projects", {"names": [name]}, found.get(short))

    await asyncio.gather(*(one(at, names) for at, every in wanted.items() for names in _chunks(every, _PROJECTS)))


async def _read_services(cases: Sequence[Case], reads: Reads, shared: Shared) -> None:
    wanted: dict[tuple[str, str, str], set[str]] = {}
    for case in cases:
        for _, action in case.actions:
            if action.provider == "ECS" and (name := action.configuration.get("ServiceName", "")):
                cluster = action.configuration.get("ClusterName", "default")
                wanted.setdefault((case.account_of(action), case.region_of(action), cluster), set()).add(name)

    async def one(at: tuple[str, str, str], names: list[str]) -> None:
        account, region, cluster = at
        params = {"cluster": cluster, "services": names}
        fact = await reads.read(account, "ecs", "DescribeServices", params, region=region)
        found = {str(each.get("serviceName")): each for each in fact.get("services", default=())}
        for name in names:
            alone = {"cluster": cluster, "services": [name]}
            key = (account, region, cluster, name)
            shared.services[key] = _sliced(fact, "services", alone, found.get(name.rpartition("/")[2] or name))

    await asyncio.gather(*(one(at, names) for at, every in wanted.items() for names in _chunks(every, _SERVICES)))


async def _read_rules(cases: Sequence[Case], reads: Reads, shared: Shared) -> None:
    async def one(at: _At) -> None:
        shared.rules[at] = await reads.read(at[0], "events", "ListRules", {}, region=at[1], pages=20)

    await asyncio.gather(*(one(at) for at in {(case.identity.account, case.region) for case in cases}))


async def _read_groups(reads: Reads, shared: Shared) -> None:
    """The log groups of the projects read: many under CodeBuild's own prefix are listed together."""
    wanted: dict[_At, set[str]] = {}
    for (account, region, _), fact in shared.projects.items():
        cloud = (project_of(fact).get("logsConfig") or {}).get("cloudWatchLogs") or {}
        if fact.ok and cloud.get("status") != "DISABLED":
            name = str(cloud.get("groupName") or f"{_PREFIX}{project_of(fact).get('name', '')}")
            wanted.setdefault((account, region), set()).add(name)

    async def alone(at: _At, name: str) -> None:
        params = {"logGroupNamePrefix": name}
        fact = await reads.read(at[0], "logs", "DescribeLogGroups", params, region=at[1], pages=2)
        found = next((each for each in fact.get("logGroups", default=()) if each.get("logGroupName") == name), None)
        shared.groups[*at, name] = _sliced(fact, "logGroups", params, found)

    async def listed(at: _At, names: set[str]) -> set[str]:
        params = {"logGroupNamePrefix": _PREFIX}
        fact = await reads.read(at[0], "logs", "DescribeLogGroups", params, region=at[1], pages=_LIST_PAGES)
        found = {str(each.get("logGroupName")): each for each in fact.get("logGroups", default=())}
        rest = names - set(found) if fact.outcome is Outcome.TRUNCATED else set()
        for name in names - rest:
            whole = replace(fact, outcome=Outcome.OK) if fact.ok else fact
            shared.groups[*at, name] = _sliced(whole, "logGroups", {"logGroupNamePrefix": name}, found.get(name))
        return rest

    async def place(at: _At, names: set[str]) -> None:
        usual = {name for name in names if name.startswith(_PREFIX)}
        rest = await listed(at, usual) if len(usual) >= _LISTED_FROM else usual
        await asyncio.gather(*(alone(at, name) for name in (names - usual) | rest))

    await asyncio.gather(*(place(at, names) for at, names in wanted.items()))
