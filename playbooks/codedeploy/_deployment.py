"""How the deployment ended, which lifecycle event failed first, and whether the group holds together."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Any

from core.console import deployment_url
from core.fact import Evidence, Fact, Outcome
from core.finding import Answer, Finding
from core.playbook import Facts, Step, Subject
from core.text import clip
from playbooks._answers import failed, failing, finding, healthy, not_applicable, passed, plural, unknown, unseen
from playbooks._codedeploy import (
    DEPLOYMENT_READS,
    GROUP_READS,
    TARGET_READS,
    Failed,
    application,
    deployment_of,
    error_of,
    failed_events,
    group_name,
    group_of,
    read_deployment,
    read_group,
    read_targets,
    targets_of,
)
from playbooks._fixes import command, manual, retry_hint
from playbooks._grants import judge_role
from playbooks._roles import read_role, service_caller
from playbooks._said import otherwise
from playbooks._text import read_text

__all__ = ["DEPLOYMENT", "EVENT", "GROUP"]

_ID = "codedeploy"
_Map = Mapping[str, Any]
# Error codes that say all (https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_ErrorInformation.html);
# those of health and time-outs only say that something else went wrong before.
_CAUSE: Mapping[str, str] = {
    "ALARM_ACTIVE": "codedeploy.alarm-rollback",
    "APPLICATION_MISSING": "codedeploy.configuration",
    "AUTOSCALING_VALIDATION_ERROR": "codedeploy.autoscaling",
    "AUTO_SCALING_CONFIGURATION": "codedeploy.autoscaling",
    "AUTO_SCALING_IAM_ROLE_PERMISSIONS": "codedeploy.autoscaling",
    "CODEDEPLOY_RESOURCE_CANNOT_BE_FOUND": "codedeploy.configuration",
    "DEPLOYMENT_GROUP_MISSING": "codedeploy.configuration",
    "ELASTIC_LOAD_BALANCING_INVALID": "codedeploy.load-balancer",
    "ELB_INVALID_INSTANCE": "codedeploy.load-balancer",
    "IAM_ROLE_MISSING": "permission.role-trust",
    "IAM_ROLE_PERMISSIONS": "permission.action-denied",
    "INVALID_REVISION": "codedeploy.appspec-invalid",
    "MISSING_BLUE_GREEN_DEPLOYMENT_CONFIGURATION": "codedeploy.blue-green",
    "MISSING_ELB_INFORMATION": "codedeploy.load-balancer",
    "MISSING_GITHUB_TOKEN": "source.token-invalid",
    "NO_INSTANCES": "codedeploy.no-instances",
    "OVER_MAX_INSTANCES": "codedeploy.configuration",
    "RESOURCE_LIMIT_EXCEEDED": "flow.throttled",
    "REVISION_MISSING": "codedeploy.configuration",
    "THROTTLED": "flow.throttled",
}
_GENERAL: Mapping[str, tuple[str, float]] = {
    "AGENT_ISSUE": ("codedeploy.agent-missing", 0.8),
    "CUSTOMER_APPLICATION_UNHEALTHY": ("codedeploy.health", 0.7),
    "HEALTH_CONSTRAINTS": ("codedeploy.health", 0.6),
    "HEALTH_CONSTRAINTS_INVALID": ("codedeploy.health", 0.75),
    "HOOK_EXECUTION_FAILURE": ("codedeploy.hook-failed", 0.85),
    "TIMEOUT": ("codedeploy.agent-missing", 0.4),
}
_REPLACEMENT = re.compile(r"replacement .{0,80}(?:provision|launch|creat|ready|healthy)", re.IGNORECASE)


def _judge_deployment(subject: Subject, facts: Facts) -> Answer:  # noqa: PLR0911 (one return an outcome)
    fact = facts.get("deployment")
    if fact is None:
        if subject.action_state.status == "Failed":
            return unknown("No deployment was started: CodePipeline or CodeDeploy refused it; see the message.")
        return not_applicable("No deployment has been started yet.")
    if cannot := unseen(fact):
        return cannot
    info = deployment_of(facts)
    status, (code, message) = str(info.get("status", "?")), error_of(facts)
    counts = info.get("deploymentOverview") or {}
    overview = ", ".join(f"{count} {name.lower()}" for name, count in counts.items() if count)
    lines = [(fact.n, f"{info.get('deploymentId', '')}: {status}; {overview or 'no targets counted'}")]
    lines += [(fact.n, text) for text in _settings(info)]
    rollback = info.get("rollbackInfo") or {}
    if rollback.get("rollbackTriggeringDeploymentId"):
        lines.append((fact.n, f"It is itself a rollback of {rollback['rollbackTriggeringDeploymentId']}."))
    if rollback.get("rollbackDeploymentId"):
        lines.append(
            (fact.n, f"It was rolled back by {rollback['rollbackDeploymentId']}: {rollback.get('rollbackMessage', '')}")
        )
    if status == "Succeeded":
        return passed(f"Deployment {info.get('deploymentId')} succeeded ({overview}).", fact, lines=lines)
    if code == "MANUAL_STOP" or (status == "Stopped" and code not in _CAUSE):
        return _stopped(subject, fact, info)
    if status not in ("Failed", "Stopped"):
        return unknown(f"Deployment {info.get('deploymentId')} is {status} ({overview}).", fact, lines=lines)
    findings = [] if healthy(subject) else _code_findings(subject, fact, code, message)
    said = f"Deployment {info.get('deploymentId')} {status.lower()}: {code}: {message}"
    return failed(said, fact, findings=findings, lines=lines)


_CREATORS = {
    "autoscaling": "Auto Scaling started it, for an instance that it launched: the last good revision goes there.",
    "codeDeployRollback": "CodeDeploy started it by itself, as a rollback.",
    "codeDeployAutoUpdate": "CodeDeploy started it by itself, for instances with an older revision.",
}


def _settings(info: _Map) -> list[str]:
    """Who started the deployment, and how it deals with rollbacks, files that exist and failures of ApplicationStop."""
    auto = info.get("autoRollbackConfiguration") or {}
    events = ", ".join(str(each) for each in auto.get("events") or ())
    said = [_CREATORS[info["creator"]]] if info.get("creator") in _CREATORS else []
    if auto:
        said.append(f"Rollback by itself: {f'on {events}' if auto.get('enabled') and events else 'off'}.")
    if info.get("fileExistsBehavior"):
        said.append(f"Where a file of the revision is there already: {info['fileExistsBehavior']}.")
    if info.get("ignoreApplicationStopFailures"):
        said.append("Failures of ApplicationStop are ignored.")
    return said


def _stopped(subject: Subject, fact: Fact, info: _Map) -> Answer:
    title = f"Deployment {info.get('deploymentId')} was stopped"
    fix = manual("codedeploy.stopped", "Ask who stopped it, then retry", [retry_hint(subject)])
    one = finding(
        subject,
        _ID,
        "flow.stopped",
        0.93,
        title,
        "Someone or something stopped it "
        f"({info.get('additionalDeploymentStatusInfo') or 'CloudTrail: StopDeployment'}).",
        [fact],
        fixes=[fix],
        disproved_by="a deployment status other than Stopped",
        proven=True,
    )
    return failed(f"{title}.", fact, findings=[one])


def _code_findings(subject: Subject, fact: Fact, code: str, message: str) -> list[Finding]:
    proven = code in _CAUSE
    cause, confidence = (_CAUSE[code], 0.85) if proven else _GENERAL.get(code, ("", 0.0))
    if code == "TIMEOUT" and _REPLACEMENT.search(message):
        cause, confidence = "codedeploy.blue-green", 0.8
    if not cause:
        return []
    where = f"{application(subject)}/{group_name(subject)}"
    url = deployment_url(subject.action_state.external_id, subject.region, subject.identity.partition)
    fix = manual(
        f"codedeploy.{code.lower()}",
        f"Look into {code}",
        [message, f"Correct it in deployment group {where}.", retry_hint(subject)],
        commands=[command(subject, "codedeploy", "GetDeployment", deploymentId=subject.action_state.external_id)],
        url=url,
    )
    return [
        finding(
            subject,
            _ID,
            cause,
            confidence,
            f"CodeDeploy ended the deployment to {where} with {code}",
            f"{message} This is CodeDeploy's own reason for the whole deployment.",
            [fact],
            fixes=[fix],
            disproved_by="another error code of the same deployment",
            proven=proven,
        )
    ]


DEPLOYMENT = Step(
    id="deployment",
    question="How did the deployment end, and what does CodeDeploy itself say?",
    why="The error code tells a set-up that never could work from servers that failed one by one.",
    reads=DEPLOYMENT_READS,
    gather=read_deployment,
    judge=_judge_deployment,
)


# --- the first failed lifecycle event

_TEXTS: tuple[tuple[re.Pattern[str], str, str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), cause, what)
    for pattern, cause, what in (
        (
            r"already exists at this location|specified file already exists",
            "codedeploy.file-exists",
            "a file of the revision is there already, and the deployment may not overwrite it",
        ),
        (
            (
                r"app ?spec.{0,80}(?:not find|not found|does not exist|invalid|malformed|unable to)|did not find an "
                "appspec"
            ),
            "codedeploy.appspec-invalid",
            "the revision's appspec is absent or wrong",
        ),
        (
            r"not able to receive the lifecycle event|agent was not able|agent.{0,40}not running",
            "codedeploy.agent-missing",
            "the agent did not answer",
        ),
        (
            (
                r"missing credentials|InstanceProfile|instance profile|AccessDenied|Access Denied|not authorized|403 "
                "Forbidden"
            ),
            "codedeploy.instance-profile",
            "the instance may not read the revision",
        ),
        (
            (
                r"zip end of central|rubyzip|not in gzip format|unexpected end of (?:file|archive)|No such file or "
                "directory.{0,200}"
                r"deployment-archive|bundle.{0,40}corrupt|cannot allocate memory - unzip"
            ),
            "codedeploy.bundle-unpack",
            "the agent could not unpack the revision",
        ),
    )
)
_SCRIPT = {
    "ScriptMissing": "is not in the revision",
    "ScriptNotExecutable": "is not executable",
    "ScriptTimedOut": "ran into its time-out",
    "ScriptFailed": "failed",
}
_TRAFFIC = ("BeforeBlockTraffic", "BlockTraffic", "AfterBlockTraffic", "AllowTraffic")


def classify(event: Failed) -> tuple[str, str]:
    """(cause, what happened) of one failed event; an empty cause where it cannot be told."""
    if event.code in _SCRIPT:
        code = re.search(r"exit(?:ed)? (?:with )?(?:code|status)[: ]*(\d+)", event.said, re.IGNORECASE)
        with_code = f" with exit code {code[1]}" if code and event.code == "ScriptFailed" else ""
        return "codedeploy.hook-failed", f"script {event.script or '?'} {_SCRIPT[event.code]}{with_code}"
    for pattern, cause, what in _TEXTS:
        if pattern.search(event.said):
            return cause, what
    if event.event in _TRAFFIC:
        return "codedeploy.load-balancer", "the instance could not be taken out of or into the load balancer"
    return "", event.message or event.code or "no reason given"


def _judge_event(subject: Subject, facts: Facts) -> Answer:
    if "deployment" not in facts:
        return not_applicable("There is no deployment whose targets could be looked at.")
    read = [facts[name] for name in ("deployment", "target-ids", "targets") if name in facts]
    events = failed_events(targets_of(facts))
    if not events and (cannot := unseen(*read)):
        return cannot
    if not events:
        return passed(f"No lifecycle event failed on {plural(len(targets_of(facts)), 'target')}.", *read)
    first = events[0]
    cause, what = classify(first)
    detail = f"{first.event} failed first on {first.target}: {what}."
    fact = facts["targets"]
    shown = [first.message, *first.tail[-12:]]
    lines = [(fact.n, clip(line, 300)) for line in shown if line]
    lines += [(fact.n, f"also {each.event} on {each.target}: {each.message}") for each in events[1:4]]
    if not cause or healthy(subject):
        return failed(detail, *read, lines=lines)
    return failed(detail, *read, findings=[_event_finding(subject, fact, first, cause, what)], lines=lines)


def _event_finding(subject: Subject, fact: Fact, first: Failed, cause: str, what: str) -> Finding:
    stop = (
        " ApplicationStop runs the script of the PREVIOUS revision: a broken one stays broken until it is skipped."
        if first.event == "ApplicationStop"
        else ""
    )
    inner = read_text(subject, first.message, first.tail)
    hint = f" Its log reads like: {inner[0].title}." if inner and not inner[0].cause.startswith("codedeploy.") else ""
    last = next((line for line in reversed(first.tail) if "[stderr]" in line), first.tail[-1] if first.tail else "")
    return finding(
        subject,
        _ID,
        cause,
        0.96,
        f"{first.event} failed on {first.target}: {what}",
        f"{first.message or what}. {clip(last, 200)}{stop}{hint}".strip(),
        [fact],
        fixes=[_event_fix(subject, first, cause)],
        disproved_by=f"a target on which {first.event} of this deployment succeeded with the same revision",
        proven=True,
    )


def _event_fix(subject: Subject, first: Failed, cause: str) -> Any:
    deployment = subject.action_state.external_id
    steps = {
        "codedeploy.hook-failed": [
            (
                f"Correct {first.script or 'the script'} (event {first.event}); its log on the instance: "
                "/opt/codedeploy-agent/"
                f"deployment-root/deployment-logs/codedeploy-agent-deployments.log."
            ),
            "A script that is not executable or missing: check its path in appspec.yml and its mode in the revision.",
        ],
        "codedeploy.file-exists": [
            "Set the group's or deployment's file-exists behaviour to OVERWRITE, or remove the file in BeforeInstall.",
        ],
        "codedeploy.appspec-invalid": [
            "Put a valid appspec.yml at the root of the artifact (for CodeBuild: list it in artifacts.files).",
        ],
        "codedeploy.agent-missing": [
            f"On {first.target}: sudo service codedeploy-agent status; start or reinstall it, look at its log.",
        ],
        "codedeploy.instance-profile": [
            (
                f"Give the instance profile of {first.target} s3:GetObject on the revision's bucket (and "
                "kms:Decrypt on "
                "its key)."
            ),
            "A profile attached after the agent had started needs a restart of the agent.",
        ],
        "codedeploy.bundle-unpack": [
            (
                f"On {first.target}: free the disk, remove "
                "/opt/codedeploy-agent/deployment-root/<group>/<deployment>, update "
                "the agent."
            ),
        ],
        "codedeploy.load-balancer": [
            "Check the target group's health check and the group's load balancer (step on the load balancer).",
        ],
    }.get(cause, [])
    if first.event == "ApplicationStop":
        steps = [*steps, "Skip the broken script once: create the deployment with --ignore-application-stop-failures."]
    return manual(
        f"{cause}:{first.event}",
        f"Put {first.event} right",
        [*steps, retry_hint(subject)],
        commands=[
            command(
                subject,
                "codedeploy",
                "BatchGetDeploymentTargets",
                deploymentId=deployment,
                targetIds=[first.target],
            )
        ],
        url=deployment_url(deployment, subject.region, subject.identity.partition),
    )


EVENT = Step(
    id="event",
    question="Which lifecycle event failed first, on which target, with which output?",
    why="The first failed event names the script and its last lines; all else is its wake.",
    reads=TARGET_READS,
    gather=read_targets,
    judge=_judge_event,
)


# --- the group and its role


async def _gather_group(subject: Subject, evidence: Evidence) -> Facts:
    group, deployment = await asyncio.gather(read_group(subject, evidence), read_deployment(subject, evidence))
    facts = {**group, **deployment}
    role = str(group_of(facts).get("serviceRoleArn", ""))
    if role:
        facts["role"] = await read_role(subject, evidence, role)
    return facts


def _judge_group(subject: Subject, facts: Facts) -> Answer:
    fact = facts.get("group")
    if fact is None:
        return unknown("The action's configuration names no application or no deployment group.")
    if cannot := unseen(fact):
        return cannot
    where = f"{application(subject)}/{group_name(subject)}"
    if fact.outcome is Outcome.NO_DATA:
        title = f"There is no deployment group {where} in {subject.region}"
        fix = manual(
            "codedeploy.group",
            "Name an application and group that exist",
            [f"Correct ApplicationName and DeploymentGroupName of action {subject.action.name}."],
            commands=[command(subject, "codedeploy", "ListDeploymentGroups", applicationName=application(subject))],
        )
        sure = "deployment" not in facts and not otherwise(subject, "codedeploy.configuration", symptoms=False)
        one = finding(
            subject,
            _ID,
            "codedeploy.configuration",
            0.95 if sure else 0.35,
            title,
            f"{title}: application or group were renamed or deleted, or lie in another region or account.",
            [fact],
            fixes=[fix],
            disproved_by="the group in a list of the application's groups",
            proven=sure,
        )
        return failed(f"{title}.", fact, findings=[one] if failing(subject) else [])
    role_arn = str(group_of(facts).get("serviceRoleArn", ""))
    said = f"{subject.action_state.error_message} {' '.join(error_of(facts))}"
    caller = service_caller(subject, "codedeploy.amazonaws.com")
    trust = judge_role(subject, _ID, facts, role_arn, caller, said) if role_arn else None
    cited = [fact, *([facts["role"]] if "role" in facts else [])]
    if trust and trust.trouble:
        return failed(trust.trouble, *cited, findings=trust.findings)
    if cannot := unseen(*cited):
        return cannot
    config = group_of(facts).get("deploymentConfigName", "?")
    lines = [(fact.n, text) for text in _settings(group_of(facts))]
    return passed(f"{where} exists ({config}). {trust.detail if trust else ''}".strip(), *cited, lines=lines)


GROUP = Step(
    id="group",
    question="Do application and deployment group exist, and may CodeDeploy use the group's role?",
    why="A renamed group, or a role that CodeDeploy may not assume, fails before any server is asked.",
    reads=(*GROUP_READS, *DEPLOYMENT_READS, "iam:GetRole"),
    gather=_gather_group,
    judge=_judge_group,
)
