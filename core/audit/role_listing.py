"""Many roles of an account from one listing instead of several reads each.

Sources: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html,
https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from core.arn import Arn
from core.audit.case import Kind, inline_key
from core.audit.reads import Reads
from core.fact import Fact, Outcome

__all__ = ["LISTED_FROM", "RoleFacts", "iam_region", "read_roles"]

#: From so many roles in an account on, all of them are listed at once.
LISTED_FROM = 20
_PAGES, _PAGE, _LIST_PAGE = 40, 500, 1000
_REGIONS = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
RoleFacts = Mapping[Kind, Mapping[str, Fact]]


def iam_region(partition: str) -> str:
    """IAM is global: the one region through which it is asked, so that each read is made once."""
    return _REGIONS.get(partition, "us-east-1")


async def read_roles(arns: Iterable[str], reads: Reads) -> dict[str, RoleFacts]:
    """Return the facts of roles, by ARN, for accounts of which many are wanted; the others are read one by one.

    Where the listing is not allowed, all roles' trust policies at least come from one list (`Kind.ROLE` alone); the
    reads that take the place of what is missing say what is denied.
    """
    wanted: dict[tuple[str, str], set[str]] = {}
    for text in arns:
        arn = Arn.parse(text)
        if arn and reads.reaches(arn.account):
            wanted.setdefault((arn.account, arn.partition), set()).add(text)

    async def one(account: str, partition: str, roles: set[str]) -> dict[str, RoleFacts]:
        params = {"Filter": ["Role", "LocalManagedPolicy"], "MaxItems": _PAGE}
        region = iam_region(partition)
        fact = await reads.read(account, "iam", "GetAccountAuthorizationDetails", params, region=region, pages=_PAGES)
        if fact.ok:
            return _of(fact, roles)
        listed = await reads.read(account, "iam", "ListRoles", {"MaxItems": _LIST_PAGE}, region=region, pages=_PAGES)
        return _trusts(listed, roles) if listed.ok else {}

    many = [(at, roles) for at, roles in wanted.items() if len(roles) >= LISTED_FROM]
    found: dict[str, RoleFacts] = {}
    for each in await asyncio.gather(*(one(*at, roles) for at, roles in many)):
        found.update(each)
    return found


def _of(fact: Fact, roles: set[str]) -> dict[str, RoleFacts]:
    """The facts of each role in the listing, as if they had been read one by one."""
    policies = {str(each.get("Arn")): each for each in fact.get("Policies", default=())}
    return {
        str(detail["Arn"]): _role(replace(fact, outcome=Outcome.OK), str(detail["Arn"]), detail, policies)
        for detail in fact.get("RoleDetailList", default=())
        if detail.get("Arn") in roles
    }


def _trusts(fact: Fact, roles: set[str]) -> dict[str, RoleFacts]:
    """Each role of the list, as GetRole would give it."""
    whole = replace(fact, outcome=Outcome.OK)
    return {
        str(each["Arn"]): {Kind.ROLE: {str(each["Arn"]): replace(whole, value={"Role": each})}}
        for each in fact.get("Roles", default=())
        if each.get("Arn") in roles
    }


def _role(fact: Fact, arn: str, detail: Mapping[str, Any], policies: Mapping[str, Any]) -> RoleFacts:
    inline = list(detail.get("RolePolicyList") or ())
    attached = list(detail.get("AttachedManagedPolicies") or ())
    texts = {}
    for each in attached:
        document = _default(policies.get(str(each.get("PolicyArn")), {}))
        if document is not None:
            texts[str(each["PolicyArn"])] = replace(fact, value={"PolicyVersion": {"Document": document}})
    role = {"AssumeRolePolicyDocument": detail.get("AssumeRolePolicyDocument") or {}}
    return {
        Kind.ROLE: {arn: replace(fact, value={"Role": role})},
        Kind.ATTACHED: {arn: replace(fact, value={"AttachedPolicies": attached})},
        Kind.INLINE_NAMES: {arn: replace(fact, value={"PolicyNames": [each["PolicyName"] for each in inline]})},
        Kind.INLINE: {inline_key(arn, str(each["PolicyName"])): replace(fact, value=each) for each in inline},
        Kind.POLICY_TEXT: texts,
    }


def _default(policy: Mapping[str, Any]) -> Any:
    """The text of a managed policy's default version; None where it is not in the listing."""
    versions = policy.get("PolicyVersionList") or ()
    return next((each.get("Document") for each in versions if each.get("IsDefaultVersion")), None)
