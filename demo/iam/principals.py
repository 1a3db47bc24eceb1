"""Who may do what: roles and users as moto holds them, judged by :mod:`demo.iam.policy`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from demo.iam.policy import Match, Policy, match, parse
from demo.names import ACCOUNT_ID

__all__ = ["Decision", "Iam"]

NO_CONTEXT: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Decision:
    """IAM's answer to one request.

    Attributes:
        verdict: ``allowed``, ``explicitDeny`` or ``implicitDeny``.
        reason: the clause AWS ends its refusals with.
        matches: the statements that decided.
        missing: condition keys that were wanted and not given.
        boundary_allows: whether the permissions boundary allows it; ``None`` without a boundary.
    """

    verdict: str
    reason: str
    matches: tuple[Match, ...]
    missing: frozenset[str]
    boundary_allows: bool | None

    @property
    def allowed(self) -> bool:
        """Whether the request goes through."""
        return self.verdict == "allowed"


class Iam:
    """Judges requests of the account's roles and users.

    Args:
        backend: gives moto's IAM backend.
    """

    def __init__(self, backend: Callable[[], Any]) -> None:
        self._backend = backend

    def role(self, arn_or_name: str) -> Any | None:
        """Find moto's role by ARN or name."""
        name = arn_or_name.rpartition("/")[2]
        return next((role for role in self._backend().roles.values() if role.name == name), None)

    def policies(self, principal: Any) -> tuple[list[Policy], list[Policy]]:
        """Return the identity policies and the boundary policies of a moto role or user."""
        found = []
        inline = principal.policies
        items = (
            inline.items() if isinstance(inline, dict) else ((p["policy_name"], p["policy_document"]) for p in inline)
        )
        for name, document in items:
            found.append(parse(name, "role", document))
        found += [
            parse(policy.name, "managed", _default_document(policy)) for policy in principal.managed_policies.values()
        ]
        boundary = getattr(principal, "permissions_boundary_arn", None)
        if not boundary:
            return found, []
        held = self._backend().managed_policies.get(boundary)
        document = _default_document(held) if held is not None else '{"Statement": []}'
        return found, [parse(boundary.rpartition("/")[2], "boundary", document)]

    def decide(self, role_arn: str, action: str, resource: str, context: Mapping[str, Any] = NO_CONTEXT) -> Decision:
        """Judge one request of a role; a role that does not exist may do nothing."""
        role = self.role(role_arn)
        identity, boundary = self.policies(role) if role is not None else ([], [])
        return judge(identity, boundary, action, resource, context)

    def trusts(self, role_arn: str, service: str) -> bool:
        """Tell whether a role's trust policy lets a service principal assume it."""
        role = self.role(role_arn)
        if role is None:
            return False
        trust = parse("trust", "trust", role.assume_role_policy_document)
        matches = match([trust], "sts:AssumeRole", "*", {"aws:sourceaccount": ACCOUNT_ID}, set())
        found = [item for item in matches if _lets_in(item.statement.get("Principal"), service)]
        return any(item.effect == "Allow" for item in found) and all(item.effect != "Deny" for item in found)


def _default_document(policy: Any) -> str:
    """Return the text of a moto managed policy's default version."""
    found = (version.document for version in policy.versions if version.version_id == policy.default_version_id)
    return str(next(found, '{"Statement": []}'))


def _lets_in(principal: Any, service: str) -> bool:
    if principal == "*":
        return True
    named = principal.get("Service", []) if isinstance(principal, dict) else []
    return service in ([named] if isinstance(named, str) else named)


def judge(
    identity: list[Policy], boundary: list[Policy], action: str, resource: str, context: Mapping[str, Any]
) -> Decision:
    """Judge one request by identity policies and, where there is one, a boundary."""
    lowered = {key.lower(): value for key, value in context.items()}
    missing: set[str] = set()
    mine = match(identity, action, resource, lowered, missing)
    bounds = match(boundary, action, resource, lowered, missing)
    within = any(item.effect == "Allow" for item in bounds) if boundary else None
    denials = [item for item in (*mine, *bounds) if item.effect == "Deny"]
    if denials:
        kind = "permissions boundary" if denials[0].policy.kind == "boundary" else "identity-based policy"
        return Decision(
            "explicitDeny", f"with an explicit deny in an {kind}", tuple(denials), frozenset(missing), within
        )
    allows = tuple(item for item in mine if item.effect == "Allow")
    if not allows:
        reason = f"because no identity-based policy allows the {action} action"
        return Decision("implicitDeny", reason, (), frozenset(missing), within)
    if within is False:
        reason = f"because no permissions boundary allows the {action} action"
        return Decision("implicitDeny", reason, (), frozenset(missing), within)
    return Decision("allowed", "", allows, frozenset(missing), within)
