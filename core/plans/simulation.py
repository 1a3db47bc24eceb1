"""What IAM's simulation answered: one decision an action and resource. Pure.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html. The simulation does not
know resource policies of a role's requests, and session policies not at all; callers say so beside the answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.fact import Fact

__all__ = ["Decision", "all_allowed", "decisions", "simulation_params"]


@dataclass(frozen=True, slots=True)
class Decision:
    """IAM's answer for one action on one resource.

    Attributes:
        verdict: ``allowed`` | ``implicitDeny`` | ``explicitDeny``, as IAM spells it.
        by: ids of the policies that decided (of an explicit deny: the one that denies).
        missing: condition keys that a policy asks for and the simulation did not know; the answer is then unsure.
        organization: False where a service control policy does not allow it.
        boundary: False where the permissions boundary does not allow it.
    """

    action: str
    resource: str
    verdict: str
    by: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    organization: bool = True
    boundary: bool = True

    @property
    def allowed(self) -> bool:
        """Whether IAM would let it pass."""
        return self.verdict == "allowed"

    @property
    def why(self) -> str:
        """Why it is denied, in a few words; empty where it is allowed."""
        if self.allowed:
            return ""
        if not self.organization:
            return "a service control policy of the organization does not allow it"
        if not self.boundary:
            return "the permissions boundary does not allow it"
        if self.verdict == "explicitDeny":
            return f"an explicit deny in {self.by[0]}" if self.by else "an explicit deny"
        return "no policy of the role allows it"


def simulation_params(
    role_arn: str, actions: Iterable[str], resources: Iterable[str], context: Iterable[tuple[str, str]] = ()
) -> dict[str, Any]:
    """Return the parameters of SimulatePrincipalPolicy; `context` are (condition key, value) pairs of strings."""
    params: dict[str, Any] = {
        "PolicySourceArn": role_arn,
        "ActionNames": list(dict.fromkeys(actions)),
        "ResourceArns": list(dict.fromkeys(resources)) or ["*"],
    }
    entries = [
        {"ContextKeyName": key, "ContextKeyValues": [value], "ContextKeyType": "string"} for key, value in context
    ]
    return {**params, "ContextEntries": entries} if entries else params


def decisions(fact: Fact) -> dict[tuple[str, str], Decision]:
    """Return the decisions of one simulation by (action in lower case, resource)."""
    found: dict[tuple[str, str], Decision] = {}
    for result in fact.get("EvaluationResults", default=()):
        action = str(result.get("EvalActionName", ""))
        top = _decision(action, result, result.get("EvalResourceName", "*"), result.get("EvalDecision", ""))
        found.setdefault((action.lower(), top.resource), top)
        for one in result.get("ResourceSpecificResults") or ():
            name = one.get("EvalResourceName", "*")
            found[action.lower(), name] = _decision(
                action, {**result, **one}, name, one.get("EvalResourceDecision", "")
            )
    return found


def _decision(action: str, result: Mapping[str, Any], resource: str, verdict: str) -> Decision:
    organization = result.get("OrganizationsDecisionDetail") or {}
    boundary = result.get("PermissionsBoundaryDecisionDetail") or {}
    return Decision(
        action=action,
        resource=str(resource),
        verdict=str(verdict),
        by=tuple(str(each.get("SourcePolicyId", "")) for each in result.get("MatchedStatements") or ()),
        missing=tuple(str(each) for each in result.get("MissingContextValues") or ()),
        organization=bool(organization.get("AllowedByOrganizations", True)),
        boundary=bool(boundary.get("AllowedByPermissionsBoundary", True)),
    )


def all_allowed(fact: Fact, actions: Sequence[str], resources: Sequence[str]) -> bool:
    """Return whether a simulation allowed every action on every resource; an absent answer is no."""
    known = decisions(fact)
    pairs = ((action.lower(), resource) for action in actions for resource in resources)
    return fact.ok and all(pair in known and known[pair].allowed for pair in pairs)
