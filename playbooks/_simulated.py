"""What a role may do: by IAM's simulation, and where that cannot be asked, by reading the role's policies ourselves.

Source of the logic: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html. An own
reading knows no service control policies; a condition that it cannot judge makes the answer unsure.
"""

from __future__ import annotations

import asyncio
import fnmatch
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.fact import Evidence, Fact, Outcome
from core.plans.iam import role_name
from core.plans.simulation import simulation_params
from core.policy import document_of, statements

__all__ = ["POLICY_READS", "evaluate", "simulated"]

POLICY_READS = (
    "iam:SimulatePrincipalPolicy",
    "iam:ListRolePolicies",
    "iam:GetRolePolicy",
    "iam:ListAttachedRolePolicies",
    "iam:GetPolicy",
    "iam:GetPolicyVersion",
)
_MOST = 6
_ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
_KNOWN: Mapping[str, Mapping[str, Any]] = {"AdministratorAccess": _ALL}
_Map = Mapping[str, Any]


async def simulated(
    evidence: Evidence,
    role_arn: str,
    actions: Iterable[str],
    resources: Iterable[str],
    context: Iterable[tuple[str, str]] = (),
    *,
    through: str = "",
) -> Fact:
    """Ask IAM's simulation; where it gives no answer, the answer of an own reading of all the role's policies.

    Args:
        evidence: how to read.
        role_arn: the role.
        actions: IAM actions.
        resources: ARNs.
        context: condition keys and values of the request.
        through: a role to read through.

    Returns:
        A fact with the simulation's value; one of an own reading carries the number of a read that it rests on.
    """
    params = simulation_params(role_arn, actions, resources, context)
    asked = await evidence.read("iam", "SimulatePrincipalPolicy", params, role_arn=through)
    if asked.get("EvaluationResults") is not None or not role_name(role_arn):
        return asked
    own = await _policies(evidence, role_name(role_arn), through)
    if own is None:
        return asked
    found = evaluate(own.documents, params["ActionNames"], params["ResourceArns"], dict(context))
    if not own.whole and any(each["EvalDecision"] == "implicitDeny" for each in found):
        return asked  # what was not read may allow it
    return replace(own.fact, params=params, outcome=Outcome.OK, value={"EvaluationResults": found})


@dataclass(frozen=True, slots=True)
class _Own:
    """A role's policies: (name, document) each; whether all were read; one of the reads."""

    documents: Sequence[tuple[str, _Map]]
    whole: bool
    fact: Fact


async def _policies(evidence: Evidence, name: str, through: str) -> _Own | None:
    """The role's policies; None where none could be read."""

    async def read(operation: str, **params: str) -> Fact:
        return await evidence.read("iam", operation, params, role_arn=through)

    inline, attached = await asyncio.gather(
        read("ListRolePolicies", RoleName=name), read("ListAttachedRolePolicies", RoleName=name)
    )
    if inline.get("PolicyNames") is None and attached.get("AttachedPolicies") is None:
        return None

    async def of_own(policy: str) -> tuple[str, Fact]:
        return policy, await read("GetRolePolicy", RoleName=name, PolicyName=policy)

    async def managed(each: _Map) -> tuple[str, Fact]:
        policy = await read("GetPolicy", PolicyArn=str(each.get("PolicyArn")))
        version = str(policy.get("Policy", "DefaultVersionId", default="v1"))
        found = await read("GetPolicyVersion", PolicyArn=str(each.get("PolicyArn")), VersionId=version)
        return str(each.get("PolicyName")), found

    names = [str(each) for each in inline.get("PolicyNames", default=())]
    others: Sequence[_Map] = attached.get("AttachedPolicies", default=())
    known = [(str(each["PolicyName"]), _KNOWN[each["PolicyName"]]) for each in others if each["PolicyName"] in _KNOWN]
    rest = [each for each in others if each["PolicyName"] not in _KNOWN]
    read_all = await asyncio.gather(
        *(of_own(each) for each in names[:_MOST]), *(managed(each) for each in rest[:_MOST])
    )
    documents = [(policy, document) for policy, fact in read_all if (document := _document(fact)) is not None]
    listed = inline.get("PolicyNames") is not None and attached.get("AttachedPolicies") is not None
    whole = listed and len(documents) == len(names) + len(rest)
    if not known and not documents:
        return None  # a role without any policy would do nothing at all: likelier they are not shown
    return _Own([*known, *documents], whole, inline if inline.ok else attached)


def _document(fact: Fact) -> _Map | None:
    raw = fact.get("PolicyDocument") or fact.get("PolicyVersion", "Document")
    try:
        return document_of(raw) if raw else None
    except ValueError:
        return None


def evaluate(
    documents: Sequence[tuple[str, _Map]], actions: Sequence[str], resources: Sequence[str], context: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return what the policies decide, shaped as EvaluationResults of SimulatePrincipalPolicy."""
    return [_one(documents, action, resource, context) for action in actions for resource in resources]


def _one(
    documents: Sequence[tuple[str, _Map]], action: str, resource: str, context: Mapping[str, str]
) -> dict[str, Any]:
    allowed: list[str] = []
    unsure: list[str] = []
    for name, document in documents:
        for statement in statements(document):
            if not _covers(statement, action, resource):
                continue
            holds, key = _holds(statement.get("Condition") or {}, context)
            if statement.get("Effect") == "Deny" and holds is True:
                return _result(action, resource, "explicitDeny", name)
            if statement.get("Effect") == "Allow" and holds is not False:
                (allowed if holds else unsure).append(name if holds else key)
    if allowed:
        return _result(action, resource, "allowed", allowed[0])
    return {**_result(action, resource, "implicitDeny", ""), "MissingContextValues": unsure}


def _result(action: str, resource: str, decision: str, policy: str) -> dict[str, Any]:
    matched = [{"SourcePolicyId": policy}] if policy else []
    return {
        "EvalActionName": action,
        "EvalResourceName": resource,
        "EvalDecision": decision,
        "MatchedStatements": matched,
    }


def _listed(value: object) -> list[str]:
    return [value] if isinstance(value, str) else [str(each) for each in value] if isinstance(value, list) else []


def _covers(statement: _Map, action: str, resource: str) -> bool:
    wanted, lower = statement.get("Action"), action.lower()
    if wanted is not None:
        acts = any(_like(lower, each.lower()) for each in _listed(wanted))
    else:
        acts = not any(_like(lower, each.lower()) for each in _listed(statement.get("NotAction")))
    if not acts:
        return False
    if "Resource" in statement or "NotResource" not in statement:
        return any(_reaches(each, resource) for each in _listed(statement.get("Resource")))
    return not any(_like(resource, each) for each in _listed(statement.get("NotResource")))


def _reaches(pattern: str, resource: str) -> bool:
    """Whether a statement's resource covers the one asked for, which may hold wildcards of its own (``bucket/*``)."""
    return _like(resource, pattern) or ("${" in pattern)


def _like(text: str, pattern: str) -> bool:
    return fnmatch.fnmatchcase(text, pattern.replace("[", "[[]"))


def _holds(block: _Map, context: Mapping[str, str]) -> tuple[bool | None, str]:
    """Whether conditions hold for a request with these keys: True, False or None where a key is not known."""
    known = {key.lower(): value for key, value in context.items()}
    for operator, tests in block.items():
        for key, wanted in (tests or {}).items():
            value = known.get(str(key).lower())
            if value is None:
                return None, str(key)
            same = any(_like(value, each) for each in _listed(wanted))
            positive = "Not" not in str(operator)
            if same is not positive:
                return False, str(key)
    return True, ""
