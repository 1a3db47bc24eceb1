"""Read-backs of calls that make something with a name of its own: policy versions, grants, builds, executions. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from core.fact import Fact
from core.plan import Call
from core.plans.readback import Facts, Readback

__all__ = ["FOLLOWERS", "MAKERS"]

Made = Mapping[str, str]


def _version(call: Call, made: Made) -> Readback:
    read = Call("iam", "GetPolicy", {"PolicyArn": call.params["PolicyArn"]}, call.region)
    wanted = made.get("VersionId", "")
    return Readback(
        f"Version {wanted} of the policy is the one that counts",
        (read,),
        lambda facts: bool(facts[0].get("Policy", "DefaultVersionId") == wanted),
    )


def _version_gone(call: Call) -> Readback:
    read = Call("iam", "ListPolicyVersions", {"PolicyArn": call.params["PolicyArn"]}, call.region)
    wanted = call.params["VersionId"]

    def holds(facts: Facts) -> bool:
        return facts[0].ok and all(each.get("VersionId") != wanted for each in facts[0].get("Versions", default=()))

    return Readback(f"Version {wanted} of the policy is gone", (read,), holds)


def _grants(fact: Fact) -> tuple[Mapping[str, Any], ...]:
    return tuple(fact.get("Grants", default=()))


def _grant(call: Call) -> Readback:
    key, who, wanted = call.params["KeyId"], call.params["GranteePrincipal"], set(call.params["Operations"])

    def holds(facts: Facts) -> bool:
        return any(
            each.get("GranteePrincipal") == who and wanted <= set(each.get("Operations") or ())
            for each in _grants(facts[0])
        )

    read = Call("kms", "ListGrants", {"KeyId": key, "GranteePrincipal": who}, call.region)
    return Readback(f"A grant of the key lets {who.rpartition('/')[2]} use it", (read,), holds)


def _revoked(call: Call) -> Readback:
    wanted = call.params["GrantId"]
    read = Call("kms", "ListGrants", {"KeyId": call.params["KeyId"]}, call.region)

    def holds(facts: Facts) -> bool:
        return facts[0].ok and all(each.get("GrantId") != wanted for each in _grants(facts[0]))

    return Readback(f"The grant {wanted[:8]} is gone", (read,), holds)


def _build(call: Call, made: Made) -> Readback:
    wanted = made.get("id", "")
    read = Call("codebuild", "BatchGetBuilds", {"ids": [wanted]}, call.region)
    return Readback(
        f"Build {wanted} runs", (read,), lambda facts: facts[0].get("builds", 0, "buildStatus") == "IN_PROGRESS"
    )


def _batch(status: tuple[str, ...], words: str) -> Callable[[Call], Readback]:
    def make(call: Call) -> Readback:
        read = Call("codebuild", "BatchGetBuildBatches", {"ids": [call.params["id"]]}, call.region)
        return Readback(
            f"Build batch {call.params['id']} {words}",
            (read,),
            lambda facts: facts[0].get("buildBatches", 0, "buildBatchStatus") in status,
        )

    return make


def _execution(call: Call, made: Made) -> Readback:
    wanted = made.get("pipelineExecutionId", "")
    names = {"pipelineName": call.params.get("name", ""), "pipelineExecutionId": wanted}
    read = Call("codepipeline", "GetPipelineExecution", names, call.region)
    return Readback(
        f"Execution {wanted} runs", (read,), lambda facts: facts[0].get("pipelineExecution", "status") == "InProgress"
    )


MAKERS: Mapping[tuple[str, str], Callable[[Call], Readback]] = {
    ("codebuild", "RetryBuildBatch"): _batch(("IN_PROGRESS",), "runs"),
    ("codebuild", "StopBuildBatch"): _batch(("STOPPED",), "has stopped"),
    ("iam", "DeletePolicyVersion"): _version_gone,
    ("kms", "CreateGrant"): _grant,
    ("kms", "RevokeGrant"): _revoked,
}
FOLLOWERS: Mapping[tuple[str, str], Callable[[Call, Made], Readback]] = {
    ("codebuild", "RetryBuild"): _build,
    ("codebuild", "StartBuild"): _build,
    ("codepipeline", "StartPipelineExecution"): _execution,
    ("iam", "CreatePolicyVersion"): _version,
}
