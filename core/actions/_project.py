"""Settings of the build project behind the action under the cursor. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.actions._form import changed, choices, number, words
from core.actions.model import Action, Answers, Ask, Choice, Facts, Situation
from core.errors import UsageError
from core.pipeline import ActionDecl
from core.plan import Call, Plan
from core.plans.codebuild import NO_LIMIT, set_project, set_variable_source

__all__ = ["of_project"]

_SIZES = tuple(f"BUILD_GENERAL1_{size}" for size in ("SMALL", "MEDIUM", "LARGE", "XLARGE", "2XLARGE"))
_CACHE_MODES = ("LOCAL_SOURCE_CACHE", "LOCAL_DOCKER_LAYER_CACHE", "LOCAL_CUSTOM_CACHE")
_KINDS = (
    Choice("PARAMETER_STORE", "a parameter of the Parameter Store"),
    Choice("SECRETS_MANAGER", "a secret of the Secrets Manager"),
    Choice("PLAINTEXT", "plain text in the project"),
)
_YES_NO = ("true", "false")


def of_project(situation: Situation, declared: ActionDecl) -> tuple[Action, ...]:
    """Edit the project; have one of its variables come from somewhere else."""
    name, region = declared.configuration.get("ProjectName", ""), declared.region
    read = Call("codebuild", "BatchGetProjects", {"names": [name]}, region)

    def edit(given: Answers, facts: Facts) -> Plan | None:
        values = _values(_project(facts, name), given)
        if not values:
            raise UsageError("Nothing was changed in the form.")
        title = f"Set {', '.join(_said(values))} of build project {name}"
        return set_project(situation.where, facts[0], values, title=title, region=region)

    def variable(given: Answers, facts: Facts) -> Plan | None:
        _project(facts, name)
        kind, value = given["kind"], given["value"]
        return set_variable_source(situation.where, facts[0], given["variable"], kind=kind, value=value, region=region)

    return (
        Action(
            id=f"project:{name}",
            title=f"Edit build project {name} …",
            consequence="Image, machine, privileged mode, time-outs, VPC, logs, cache, builds side by side. "
            "Builds that start from now on use it.",
            reads=(read,),
            asks=lambda facts: _asks(_project(facts, name)),
            make=edit,
        ),
        Action(
            id=f"variable:{name}",
            title=f"Read an environment variable of {name} from a parameter or a secret …",
            consequence="The project then names it and holds its value no more; its role must be allowed to read it.",
            reads=(read,),
            asks=lambda facts: _variable_asks(_project(facts, name)),
            make=variable,
        ),
    )


def _project(facts: Facts, name: str) -> Mapping[str, Any]:
    found = facts[0].get("projects", 0, default={})
    if not found:
        raise UsageError(f"Build project {name} could not be read. {facts[0].error}".strip())
    return dict(found)


def _asks(project: Mapping[str, Any]) -> tuple[Ask, ...]:
    now = _now(project)
    return (
        Ask("image", "Image", default=now["image"], required=True),
        Ask("computeType", "Compute type", default=now["computeType"], choices=choices(_SIZES, now["computeType"])),
        Ask(
            "privilegedMode",
            "Privileged mode",
            "a build that runs Docker needs it",
            now["privilegedMode"],
            choices=choices(_YES_NO, now["privilegedMode"]),
        ),
        Ask("timeoutInMinutes", "Time-out of a build", "minutes, 5 to 2160", now["timeoutInMinutes"]),
        Ask("queuedTimeoutInMinutes", "Time-out in the queue", "minutes, 5 to 480", now["queuedTimeoutInMinutes"]),
        Ask(
            "concurrentBuildLimit", "Builds side by side", "empty: no limit of the project", now["concurrentBuildLimit"]
        ),
        Ask("vpcConfig", "VPC", "VPC / subnets / security groups; empty: none", now["vpcConfig"]),
        Ask("logsConfig", "Log group", "group, or group and stream prefix; off: no CloudWatch logs", now["logsConfig"]),
        Ask("cache", "Cache", f"none; S3 bucket/prefix; or local modes: {' '.join(_CACHE_MODES)}", now["cache"]),
    )


def _now(project: Mapping[str, Any]) -> dict[str, str]:
    """The present settings, as the form shows them."""
    environment, vpc = project.get("environment") or {}, project.get("vpcConfig") or {}
    logs = (project.get("logsConfig") or {}).get("cloudWatchLogs") or {}
    cache = project.get("cache") or {}
    parts = [vpc.get("vpcId", ""), " ".join(vpc.get("subnets") or ()), " ".join(vpc.get("securityGroupIds") or ())]
    group = " ".join(filter(None, (logs.get("groupName", ""), logs.get("streamName", ""))))
    kind = cache.get("type", "NO_CACHE")
    held = {"S3": f"S3 {cache.get('location', '')}", "LOCAL": " ".join(cache.get("modes") or ())}.get(kind, "none")
    return {
        "image": str(environment.get("image", "")),
        "computeType": str(environment.get("computeType", "")),
        "privilegedMode": str(bool(environment.get("privilegedMode"))).lower(),
        "timeoutInMinutes": str(project.get("timeoutInMinutes", "")),
        "queuedTimeoutInMinutes": str(project.get("queuedTimeoutInMinutes", "")),
        "concurrentBuildLimit": str(project.get("concurrentBuildLimit", "")),
        "vpcConfig": " / ".join(parts) if vpc.get("vpcId") else "",
        "logsConfig": "off" if logs.get("status") == "DISABLED" else group,
        "cache": held,
    }


def _values(project: Mapping[str, Any], given: Answers) -> dict[str, Any]:
    """Members of UpdateProject that the answers change."""
    now, values = _now(project), dict[str, Any]()
    environment = dict(project.get("environment") or {})
    for name in ("image", "computeType", "privilegedMode"):
        answer = changed(given, name, now[name])
        if answer:
            environment[name] = answer == "true" if name == "privilegedMode" else answer
            values["environment"] = environment
    for name, most in (("timeoutInMinutes", 2160), ("queuedTimeoutInMinutes", 480)):
        answer = changed(given, name, now[name])
        if answer:
            values[name] = number("A time-out", answer, 5, most)
    limit = changed(given, "concurrentBuildLimit", now["concurrentBuildLimit"])
    if limit is not None:
        values["concurrentBuildLimit"] = number("Builds side by side", limit, 1, 1000) if limit else NO_LIMIT
    makers = {"vpcConfig": _vpc, "logsConfig": _logs, "cache": _cache}
    for name, make in makers.items():
        answer = changed(given, name, now[name])
        if answer is not None:
            values[name] = make(project, answer)
    return values


def _vpc(_: Mapping[str, Any], answer: str) -> dict[str, Any]:
    if not answer:
        return {}
    parts = [words(part) for part in answer.split("/")]
    if len(parts) != 3 or len(parts[0]) != 1 or not all(parts):
        raise UsageError("A VPC is written as vpc-id / subnet subnet / group group.")
    return {"vpcId": parts[0][0], "subnets": parts[1], "securityGroupIds": parts[2]}


def _logs(project: Mapping[str, Any], answer: str) -> dict[str, Any]:
    held = dict(project.get("logsConfig") or {})
    given = words(answer)
    if answer == "off":
        return {**held, "cloudWatchLogs": {"status": "DISABLED"}}
    if len(given) > 2:
        raise UsageError("A log group is one word, its stream prefix another.")
    names = dict(zip(("groupName", "streamName"), given, strict=False))
    return {**held, "cloudWatchLogs": {"status": "ENABLED", **names}}


def _cache(_: Mapping[str, Any], answer: str) -> dict[str, Any]:
    given = words(answer)
    if given in ([], ["none"]):
        return {"type": "NO_CACHE"}
    if given[0] == "S3" and len(given) == 2:
        return {"type": "S3", "location": given[1]}
    if not set(given) <= set(_CACHE_MODES):
        raise UsageError(f"A cache is none, S3 bucket/prefix, or of the modes {', '.join(_CACHE_MODES)}.")
    return {"type": "LOCAL", "modes": given}


_WORDS = {
    "cache": "the cache",
    "concurrentBuildLimit": "builds side by side",
    "environment": "the environment",
    "logsConfig": "the logs",
    "queuedTimeoutInMinutes": "the time-out in the queue",
    "timeoutInMinutes": "the time-out",
    "vpcConfig": "the VPC",
}


def _said(values: Mapping[str, Any]) -> list[str]:
    return [_WORDS[name] for name in values]


def _variable_asks(project: Mapping[str, Any]) -> tuple[Ask, ...]:
    held = (project.get("environment") or {}).get("environmentVariables") or ()
    kinds = {"PARAMETER_STORE": "a parameter", "SECRETS_MANAGER": "a secret"}
    listed = tuple(
        Choice(str(each["name"]), f"{each['name']}   now: {kinds.get(each.get('type', ''), 'plain text')}")
        for each in held
    )
    name = (
        Ask("variable", "Variable", required=True, choices=listed)
        if listed
        else Ask("variable", "Variable", "a new one: its name", required=True)
    )
    value = Ask("value", "Parameter or secret", "/path/name, or secret:json-key", required=True, limit=2048)
    return (name, Ask("kind", "From where", required=True, choices=_KINDS), value)
