"""IAM's simulator, over the policies moto holds; everything else of IAM is moto's.

Limits, as with AWS's own simulator: service control policies, session policies and resource policies of other accounts
are not seen.
"""

import hashlib
import itertools
from collections.abc import Mapping
from typing import Any

from demo.iam.policy import Match, Policy, parse
from demo.iam.principals import Decision, judge
from demo.services import Handler, Invocation, page
from demo.wire.errors import AwsError

__all__ = ["OPERATIONS"]

_REPORT_S = 2.0
_BAD_MARKER = AwsError("InvalidInput", "Invalid Marker.")


def simulate_principal_policy(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve SimulatePrincipalPolicy."""
    source = params["PolicySourceArn"]
    principal = _principal(call, source)
    identity, boundary = call.world.iam.policies(principal)
    return _simulate(params, identity, boundary)


def simulate_custom_policy(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve SimulateCustomPolicy."""
    del call
    return _simulate(params, [], [])


def _principal(call: Invocation, source: str) -> Any:
    kind, name = source.rsplit(":", maxsplit=1)[-1].split("/", maxsplit=1)[0], source.rpartition("/")[2]
    if kind == "user":
        for user in call.world.moto.iam().users.values():
            if user.name == name:
                return user
    found = call.world.iam.role(source) if kind == "role" else None
    if found is None:
        raise AwsError("NoSuchEntity", f"The {kind} with name {name} cannot be found.", 404)
    return found


def _simulate(params: Mapping[str, Any], identity: list[Policy], boundary: list[Policy]) -> dict[str, Any]:
    given = [
        parse(f"PolicyInputList.{number}", "none", text)
        for number, text in enumerate(params.get("PolicyInputList", []), 1)
    ]
    bounds = [
        parse("PermissionsBoundary", "boundary", text) for text in params.get("PermissionsBoundaryPolicyInputList", [])
    ]
    context = {
        entry["ContextKeyName"]: _values(entry)
        for entry in params.get("ContextEntries", [])
        if entry.get("ContextKeyValues")
    }
    pairs = list(itertools.product(params["ActionNames"], params.get("ResourceArns") or ["*"]))
    chosen, marker = page(pairs, params.get("Marker"), params.get("MaxItems", 1000), _BAD_MARKER)
    results = []
    for action, resource in chosen:
        _check_action(action)
        decision = judge(identity + given, bounds or boundary, action, resource, context)
        results.append(_result(action, resource, decision))
    return {"EvaluationResults": results, "IsTruncated": marker is not None, "Marker": marker}


def _values(entry: Mapping[str, Any]) -> Any:
    values = entry["ContextKeyValues"]
    return values if str(entry.get("ContextKeyType", "")).endswith("List") else values[0]


def _check_action(action: str) -> None:
    service, _, name = action.partition(":")
    if not service or not name:
        raise AwsError("InvalidInput", f"Invalid Action '{action}'. Action must be in the form 'service:action'.")


def _result(action: str, resource: str, decision: Decision) -> dict[str, Any]:
    result: dict[str, Any] = {
        "EvalActionName": action,
        "EvalResourceName": resource,
        "EvalDecision": decision.verdict,
        "MatchedStatements": [_matched(match) for match in decision.matches],
        "MissingContextValues": sorted(decision.missing),
    }
    if decision.boundary_allows is not None:
        result["PermissionsBoundaryDecisionDetail"] = {"AllowedByPermissionsBoundary": decision.boundary_allows}
    return result


def _matched(match: Match) -> dict[str, Any]:
    kinds = {"role": "role", "managed": "user-managed", "boundary": "user-managed", "none": "none"}
    return {"SourcePolicyId": match.policy.name, "SourcePolicyType": kinds[match.policy.kind]}


def generate_service_last_accessed_details(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve GenerateServiceLastAccessedDetails: the job's id tells whose it is."""
    role = call.world.iam.role(params["Arn"])
    if role is None:
        raise AwsError("NoSuchEntity", f"ARN {params['Arn']} does not exist.", 404)
    mark = hashlib.sha256(role.name.encode()).hexdigest()
    identity = f"{mark[:8]}-{mark[8:12]}-4{mark[13:16]}-8{mark[17:20]}-{mark[20:32]}"
    call.world.reports_of_use[identity] = (role.name, call.world.clock.now())
    return {"JobId": identity}


def get_service_last_accessed_details(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve GetServiceLastAccessedDetails: a job takes two seconds; what a role is granted it has used, but for SNS."""
    found = call.world.reports_of_use.get(params["JobId"])
    if found is None:
        raise AwsError("NoSuchEntity", f"Job {params['JobId']} does not exist.", 404)
    name, began = found
    now = call.world.clock.now()
    if now < began + _REPORT_S:
        return {"JobStatus": "IN_PROGRESS", "JobCreationDate": began, "ServicesLastAccessed": []} | {
            "JobCompletionDate": began
        }
    role = call.world.iam.role(name)
    policies, _ = call.world.iam.policies(role) if role is not None else ([], [])
    granted = sorted(
        {
            action.partition(":")[0]
            for policy in policies
            for statement in policy.statements
            for action in _listed(statement.get("Action", []))
        }
        - {"*"}
    )
    return {
        "JobStatus": "COMPLETED",
        "JobType": "SERVICE_LEVEL",
        "JobCreationDate": began,
        "JobCompletionDate": began + _REPORT_S,
        "ServicesLastAccessed": [
            {"ServiceName": service, "ServiceNamespace": service, "TotalAuthenticatedEntities": int(service != "sns")}
            | ({"LastAuthenticated": now - 86_400.0} if service != "sns" else {})
            for service in granted
        ],
        "IsTruncated": False,
    }


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


OPERATIONS: Mapping[str, Handler] = {
    "GenerateServiceLastAccessedDetails": generate_service_last_accessed_details,
    "GetServiceLastAccessedDetails": get_service_last_accessed_details,
    "SimulateCustomPolicy": simulate_custom_policy,
    "SimulatePrincipalPolicy": simulate_principal_policy,
}
