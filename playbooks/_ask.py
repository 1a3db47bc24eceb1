"""Reads where an action works: in its region, and through its own role where that lies in another account."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from typing import Any

from core.arn import Arn
from core.fact import Evidence, Fact
from core.playbook import Facts, Subject

__all__ = ["ask", "nothing", "side_by_side", "through"]


def through(subject: Subject) -> str:
    """The role to read through: the action's own where it belongs to another account, else none."""
    role = Arn.parse(subject.action.role_arn)
    return subject.action.role_arn if role and role.account != subject.identity.account else ""


async def ask(
    subject: Subject,
    evidence: Evidence,
    service: str,
    operation: str,
    params: Mapping[str, Any],
    *,
    region: str = "",
    pages: int = 10,
) -> Fact:
    """Make one read where the action works."""
    where = region or subject.region
    elsewhere = "" if where == subject.ref.place.region else where
    return await evidence.read(service, operation, params, region=elsewhere, role_arn=through(subject), pages=pages)


async def side_by_side(**reads: Awaitable[Fact]) -> dict[str, Fact]:
    """Make reads that do not depend on each other at once; facts by the arguments' names."""
    return dict(zip(reads, await asyncio.gather(*reads.values()), strict=True))


async def nothing(subject: Subject, evidence: Evidence) -> Facts:
    """The gather of a step that needs no read."""
    del subject, evidence
    return {}
