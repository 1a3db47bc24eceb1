"""Changes of build projects and builds. Pure.

Sources: https://docs.aws.amazon.com/codebuild/latest/APIReference/API_UpdateProject.html (a member given replaces what
was there as a whole), API_StopBuild.html, API_RetryBuild.html, API_StartBuild.html.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.fact import Fact
from core.plan import Call, Check, Plan, Risk, Undo
from core.plans.setting import Setting, Where, check_of, setting
from core.policy import as_text

__all__ = [
    "retry_build",
    "set_environment",
    "set_project",
    "set_variable_source",
    "start_build",
    "stop_build",
]

NO_LIMIT = -1  # how UpdateProject spells "no limit of builds at the same time"
_KINDS = frozenset({"PLAINTEXT", "PARAMETER_STORE", "SECRETS_MANAGER"})


def _back(project: Mapping[str, Any], name: str) -> Any:
    """The value that sets a member back to what was read."""
    if name in project:
        return project[name]
    return NO_LIMIT if name == "concurrentBuildLimit" else {}


def set_project(
    where: Where,
    current: Fact,
    values: Mapping[str, Any],
    *,
    title: str,
    risk_note: str = "",
    region: str = "",
    affects: tuple[str, ...] = (),
) -> Plan | None:
    """Plan to set members of a build project: time-outs, VPC, logs, cache, concurrency, role ….

    Args:
        where: for which pipeline, by whom.
        current: BatchGetProjects of the one project.
        values: members of UpdateProject with their whole new values.
        title: a sentence in the imperative.
        risk_note: what else it means.
        region: where the project lies, if not in the pipeline's region.
        affects: who else uses the project.

    Returns:
        The plan; None where the project could not be read or nothing would change.
    """
    project = current.get("projects", 0)
    if not current.ok or not isinstance(project, Mapping) or not values:
        return None
    before = {name: _back(project, name) for name in values}
    if before == dict(values):
        return None
    name = str(project.get("name", ""))
    return setting(
        where,
        Setting(
            id="codebuild.set-project",
            title=title,
            resource=str(project.get("arn", name)),
            call=Call("codebuild", "UpdateProject", {"name": name, **values}, region),
            back=Call("codebuild", "UpdateProject", {"name": name, **before}, region),
            back_words="Put the earlier settings back",
            before=as_text(before),
            after=as_text(values),
            risk=Risk.MEDIUM,
            risk_note=risk_note or "Builds that start from now on use it; builds under way do not.",
            permissions=("codebuild:UpdateProject", *(("iam:PassRole",) if "serviceRole" in values else ())),
            affects=affects,
        ),
    )


def set_environment(
    where: Where, current: Fact, values: Mapping[str, Any], *, risk_note: str = "", region: str = ""
) -> Plan | None:
    """Plan to set members of a project's environment: ``computeType``, ``image``, ``privilegedMode``, ``type`` ….

    The rest of the environment stays. Returns None as `set_project` does.
    """
    environment = current.get("projects", 0, "environment")
    if not isinstance(environment, Mapping):
        return None
    name = current.get("projects", 0, "name", default="")
    words = ", ".join(f"{key} to {_shown(value)}" for key, value in values.items())
    after = {"environment": {**environment, **values}}
    title = f"Set {words} in build project {name}"
    return set_project(where, current, after, title=title, risk_note=risk_note, region=region)


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def set_variable_source(
    where: Where, current: Fact, variable: str, *, kind: str, value: str, region: str = ""
) -> Plan | None:
    """Plan to have an environment variable come from somewhere else.

    Args:
        where: for which pipeline, by whom.
        current: BatchGetProjects of the one project.
        variable: the variable's name.
        kind: ``PLAINTEXT``, ``PARAMETER_STORE`` or ``SECRETS_MANAGER``.
        value: the text, the parameter's name, or the secret's (``name:json-key:version-stage:version-id``).
        region: where the project lies, if not in the pipeline's region.
    """
    environment = current.get("projects", 0, "environment")
    if not isinstance(environment, Mapping) or kind not in _KINDS:
        return None
    variables = [dict(each) for each in environment.get("environmentVariables", ())]
    entry = {"name": variable, "value": value, "type": kind}
    changed = [entry if each.get("name") == variable else each for each in variables]
    if entry not in changed:
        changed.append(entry)
    name = current.get("projects", 0, "name", default="")
    source = {"PARAMETER_STORE": f"parameter {value}", "SECRETS_MANAGER": f"secret {value}"}.get(kind, "plain text")
    return set_project(
        where,
        current,
        {"environment": {**environment, "environmentVariables": changed}},
        title=f"Read {variable} from {source} in build project {name}",
        risk_note="The project's role must be allowed to read it.",
        region=region,
    )


def _builds(build_id: str, region: str) -> Call:
    return Call("codebuild", "BatchGetBuilds", {"ids": [build_id]}, region)


def _status(fact: Fact) -> str:
    return str(fact.get("builds", 0, "buildStatus", default=""))


def stop_build(where: Where, build_id: str, *, region: str = "") -> Plan:
    """Plan to stop a build that runs; the pipeline's action then fails."""
    call = Call("codebuild", "StopBuild", {"id": build_id}, region)
    read = _builds(build_id, region)
    return Plan(
        id="pipeline.stop-build",
        title=f"Stop build {build_id}",
        place=where.place,
        account=where.account,
        pipeline=where.pipeline,
        resource=build_id,
        call=call,
        risk=Risk.MEDIUM,
        risk_note="The build ends where it stands; its action fails and the stage with it. What it did stays done.",
        precondition=Check("The build still runs", (read,), lambda facts: _status(facts[0]) == "IN_PROGRESS"),
        verification=check_of(call),
        before="build: IN_PROGRESS",
        after="build: STOPPED",
        present=lambda facts: f"build: {_status(facts[0])}",
        syntax="text",
        permissions=("codebuild:StopBuild", "codebuild:BatchGetBuilds"),
    )


def _builds_of(project: str, region: str) -> Call:
    return Call("codebuild", "ListBuildsForProject", {"projectName": project, "sortOrder": "DESCENDING"}, region)


def _newest(fact: Fact) -> str:
    return str(fact.get("ids", 0, default=""))


def retry_build(where: Where, build_id: str, *, newest: str, region: str = "") -> Plan:
    """Plan to run a build again by itself, outside its pipeline.

    Args:
        where: for which pipeline, by whom.
        build_id: the build to repeat.
        newest: the project's newest build as last read; another one there is a conflict.
        region: where the project lies, if not in the pipeline's region.
    """
    project = build_id.rpartition(":")[0]
    return _new_build(
        where,
        project,
        newest,
        Call("codebuild", "RetryBuild", {"id": build_id}, region),
        "pipeline.retry-build",
        f"Run build {build_id} again",
        "Same source and settings. The pipeline's action takes no notice of it: for that, retry the stage.",
    )


def start_build(
    where: Where, project: str, *, newest: str, overrides: Mapping[str, Any] | None = None, region: str = ""
) -> Plan:
    """Plan to start a build of a project, with other settings for this one build.

    Args:
        where: for which pipeline, by whom.
        project: the project's name.
        newest: its newest build as last read; another one there is a conflict.
        overrides: members of StartBuild (``computeTypeOverride``, ``environmentVariablesOverride`` …).
        region: where the project lies, if not in the pipeline's region.
    """
    return _new_build(
        where,
        project,
        newest,
        Call("codebuild", "StartBuild", {"projectName": project, **(overrides or {})}, region),
        "pipeline.start-build",
        f"Start a build of {project}",
        "A build outside the pipeline; what its buildspec deploys is deployed.",
    )


def _new_build(where: Where, project: str, newest: str, call: Call, plan_id: str, title: str, note: str) -> Plan:
    read = _builds_of(project, call.region)
    return Plan(
        id=plan_id,
        title=title,
        place=where.place,
        account=where.account,
        pipeline=where.pipeline,
        resource=project,
        call=call,
        risk=Risk.MEDIUM,
        risk_note=note,
        precondition=Check("No newer build has started", (read,), lambda facts: _newest(facts[0]) == newest),
        verification=Check("A new build is there", (read,), lambda facts: _newest(facts[0]) not in ("", newest)),
        syntax="text",
        permissions=(f"codebuild:{call.operation}", "codebuild:ListBuildsForProject"),
        made={"id": ("build", "id")},
        undo=Undo(
            "Stop the new build", follow=lambda made: Call("codebuild", "StopBuild", {"id": made["id"]}, call.region)
        ),
    )
