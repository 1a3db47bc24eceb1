"""Read-backs of policies, roles, buckets, keys and event rules. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from core.fact import Fact, Outcome
from core.plan import Call
from core.plans.readback import Facts, Readback, covers, document, normal
from core.policy import document_of

__all__ = ["MAKERS"]


def _same_document(call: Call, read: Call, member: str, path: tuple[str | int, ...], what: str) -> Readback:
    wanted = document_of(call.params[member])

    def shows(facts: Facts) -> Any:
        return document(facts[0], *path)

    return Readback(f"{what} reads as given", (read,), lambda facts: shows(facts) == wanted, shows)


def _gone(read: Call, what: str) -> Readback:
    return Readback(f"{what} is not there", (read,), lambda facts: facts[0].outcome is Outcome.NO_DATA)


def _inline(call: Call) -> Call:
    names = {key: call.params[key] for key in ("RoleName", "PolicyName")}
    return Call("iam", "GetRolePolicy", names, call.region)


def _put_role_policy(call: Call) -> Readback:
    what = f"Inline policy {call.params['PolicyName']} of {call.params['RoleName']}"
    return _same_document(call, _inline(call), "PolicyDocument", ("PolicyDocument",), what)


def _delete_role_policy(call: Call) -> Readback:
    return _gone(_inline(call), f"Inline policy {call.params['PolicyName']} of {call.params['RoleName']}")


def _role(call: Call) -> Call:
    return Call("iam", "GetRole", {"RoleName": call.params["RoleName"]}, call.region)


def _trust(member: str) -> Callable[[Call], Readback]:
    def make(call: Call) -> Readback:
        path = ("Role", "AssumeRolePolicyDocument")
        return _same_document(call, _role(call), member, path, f"The trust policy of {call.params['RoleName']}")

    return make


def _delete_role(call: Call) -> Readback:
    return _gone(_role(call), f"Role {call.params['RoleName']}")


def _default_version(call: Call) -> Readback:
    read = Call("iam", "GetPolicy", {"PolicyArn": call.params["PolicyArn"]}, call.region)
    wanted = call.params["VersionId"]
    return Readback(
        f"Version {wanted} of the policy is the one that counts",
        (read,),
        lambda facts: bool(facts[0].get("Policy", "DefaultVersionId") == wanted),
    )


def _put_key_policy(call: Call) -> Readback:
    names = {"KeyId": call.params["KeyId"], "PolicyName": "default"}
    return _same_document(
        call, Call("kms", "GetKeyPolicy", names, call.region), "Policy", ("Policy",), "The key policy"
    )


def _bucket(call: Call, operation: str) -> Call:
    return Call("s3", operation, {"Bucket": call.params["Bucket"]}, call.region)


def _put_bucket_policy(call: Call) -> Readback:
    what = f"The policy of bucket {call.params['Bucket']}"
    return _same_document(call, _bucket(call, "GetBucketPolicy"), "Policy", ("Policy",), what)


def _delete_bucket_policy(call: Call) -> Readback:
    return _gone(_bucket(call, "GetBucketPolicy"), f"A policy of bucket {call.params['Bucket']}")


def _versioning(call: Call) -> Readback:
    wanted = call.params["VersioningConfiguration"]["Status"]

    def holds(facts: Facts) -> bool:
        return facts[0].ok and (facts[0].get("Status") or "Suspended") == wanted

    read = _bucket(call, "GetBucketVersioning")
    return Readback(f"Versioning of {call.params['Bucket']} is {wanted.lower()}", (read,), holds)


_NOTIFICATIONS = (
    "TopicConfigurations",
    "QueueConfigurations",
    "LambdaFunctionConfigurations",
    "EventBridgeConfiguration",
)


def notifications(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return a bucket's notifications in one form, whether read or to be written; EventBridge's is an empty member."""
    kept = {name: value[name] for name in _NOTIFICATIONS if name in value and name != "EventBridgeConfiguration"}
    on = value.get("EventBridgeConfiguration") is not None
    return {**{key: normal(item) for key, item in kept.items() if item}, **({"EventBridge": True} if on else {})}


def _notification(call: Call) -> Readback:
    wanted = notifications(call.params["NotificationConfiguration"])
    read = _bucket(call, "GetBucketNotificationConfiguration")
    return Readback(
        f"The notifications of {call.params['Bucket']} are as given",
        (read,),
        lambda facts: facts[0].ok and notifications(facts[0].value or {}) == wanted,
        lambda facts: notifications(facts[0].value or {}),
    )


def _bus(call: Call, name: str = "Name") -> dict[str, Any]:
    return {name: call.params[name], "EventBusName": call.params.get("EventBusName", "default")}


def _rule_state(wanted: str) -> Callable[[Call], Readback]:
    def make(call: Call) -> Readback:
        read = Call("events", "DescribeRule", _bus(call), call.region)
        text = f"Rule {call.params['Name']} is {wanted.lower()}"
        return Readback(text, (read,), lambda facts: bool(facts[0].get("State") == wanted))

    return make


def _put_rule(call: Call) -> Readback:
    pattern, schedule = call.params.get("EventPattern", ""), call.params.get("ScheduleExpression", "")

    def holds(facts: Facts) -> bool:
        fact = facts[0]
        if not fact.ok or fact.get("State") != call.params.get("State", "ENABLED"):
            return False
        if schedule:
            return bool(fact.get("ScheduleExpression") == schedule)
        return document(fact, "EventPattern") == document_of(pattern)

    read = Call("events", "DescribeRule", _bus(call), call.region)
    return Readback(f"Rule {call.params['Name']} is there as given", (read,), holds)


def _delete_rule(call: Call) -> Readback:
    return _gone(Call("events", "DescribeRule", _bus(call), call.region), f"Rule {call.params['Name']}")


def _targets(fact: Fact) -> Mapping[str, Any]:
    return {str(each.get("Id")): each for each in fact.get("Targets", default=())}


def _put_targets(call: Call) -> Readback:
    def holds(facts: Facts) -> bool:
        have = _targets(facts[0])
        return facts[0].ok and all(covers(have.get(each["Id"]), each) for each in call.params["Targets"])

    read = Call("events", "ListTargetsByRule", _bus(call, "Rule"), call.region)
    return Readback(f"Rule {call.params['Rule']} has the target", (read,), holds)


def _remove_targets(call: Call) -> Readback:
    def holds(facts: Facts) -> bool:
        gone = not set(_targets(facts[0])) & set(call.params["Ids"])
        return facts[0].outcome is Outcome.NO_DATA or (facts[0].ok and gone)

    read = Call("events", "ListTargetsByRule", _bus(call, "Rule"), call.region)
    return Readback(f"Rule {call.params['Rule']} has no such target", (read,), holds)


MAKERS: Mapping[tuple[str, str], Callable[[Call], Readback]] = {
    ("events", "DeleteRule"): _delete_rule,
    ("events", "DisableRule"): _rule_state("DISABLED"),
    ("events", "EnableRule"): _rule_state("ENABLED"),
    ("events", "PutRule"): _put_rule,
    ("events", "PutTargets"): _put_targets,
    ("events", "RemoveTargets"): _remove_targets,
    ("iam", "CreateRole"): _trust("AssumeRolePolicyDocument"),
    ("iam", "DeleteRole"): _delete_role,
    ("iam", "DeleteRolePolicy"): _delete_role_policy,
    ("iam", "PutRolePolicy"): _put_role_policy,
    ("iam", "SetDefaultPolicyVersion"): _default_version,
    ("iam", "UpdateAssumeRolePolicy"): _trust("PolicyDocument"),
    ("kms", "PutKeyPolicy"): _put_key_policy,
    ("s3", "DeleteBucketPolicy"): _delete_bucket_policy,
    ("s3", "PutBucketNotificationConfiguration"): _notification,
    ("s3", "PutBucketPolicy"): _put_bucket_policy,
    ("s3", "PutBucketVersioning"): _versioning,
}
