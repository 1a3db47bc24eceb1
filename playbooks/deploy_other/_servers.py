"""The EC2 deploy action: instances by their tag, Systems Manager's agent on them, target groups, and the scripts.

Source: https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-EC2Deploy.html
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from core.fact import Evidence, Fact
from core.finding import Answer
from core.playbook import Facts, Step, Subject
from core.text import clip
from playbooks._answers import blank, failing, not_applicable, passed, plural, unknown, unseen
from playbooks._ask import ask
from playbooks._inside import INSIDE_READS
from playbooks._targets import HEALTH_READS, healths

from ._common import Show, config, deploys_to, lost_file, read_files, told_by

__all__ = ["SCRIPTS", "SERVERS"]

_Map = Mapping[str, Any]
_MOST = 50  # instances that Systems Manager takes in one filter
_DENIED = re.compile(r"AccessDenied|Access Denied|403 Forbidden|Unable to locate credentials", re.IGNORECASE)


def _tag(subject: Subject) -> str:
    key, value = config(subject, "InstanceTagKey"), config(subject, "InstanceTagValue")
    return f"{key} = {value}" if value else key


def _instances(fact: Fact | None) -> list[_Map]:
    found: Sequence[_Map] = fact.get("Reservations", default=()) if fact else ()
    return [each for reservation in found for each in reservation.get("Instances") or ()]


def _running(fact: Fact | None) -> list[str]:
    return [
        str(each.get("InstanceId"))
        for each in _instances(fact)
        if (each.get("State") or {}).get("Name", "running") == "running"
    ]


async def _gather_servers(subject: Subject, evidence: Evidence) -> Facts:
    key, value = config(subject, "InstanceTagKey"), config(subject, "InstanceTagValue")
    if not deploys_to(subject, "EC2") or not key:
        return {}
    facts: dict[str, Fact] = {}
    tagged = {"Name": f"tag:{key}", "Values": [value]} if value else {"Name": "tag-key", "Values": [key]}
    if config(subject, "InstanceType") == "SSM_MANAGED_NODE":
        by_tag = {"Key": f"tag:{key}" if value else "tag-key", "Values": [value or key]}
        params: _Map = {"Filters": [by_tag]}
        facts["nodes"] = await ask(subject, evidence, "ssm", "DescribeInstanceInformation", params)
    else:
        facts["instances"] = await ask(subject, evidence, "ec2", "DescribeInstances", {"Filters": [tagged]})
        if ids := _running(facts["instances"])[:_MOST]:
            params = {"Filters": [{"Key": "InstanceIds", "Values": ids}]}
            facts["nodes"] = await ask(subject, evidence, "ssm", "DescribeInstanceInformation", params)
    if (names := _groups(subject)) and failing(subject):
        facts["target-groups"] = groups = await ask(
            subject, evidence, "elbv2", "DescribeTargetGroups", {"Names": names}
        )
        arns = [str(each["TargetGroupArn"]) for each in groups.get("TargetGroups", default=())][:3]
        read = await asyncio.gather(
            *(ask(subject, evidence, "elbv2", "DescribeTargetHealth", {"TargetGroupArn": arn}) for arn in arns)
        )
        facts |= {f"health:{arn}": fact for arn, fact in zip(arns, read, strict=True)}
    return facts


def _groups(subject: Subject) -> list[str]:
    listed = config(subject, "TargetGroupNameList").strip("[]").replace('"', "")
    return [each.strip() for each in listed.split(",") if each.strip()]


def _judge_servers(subject: Subject, facts: Facts) -> Answer:  # noqa: PLR0911 (one return an outcome)
    if not facts:
        return not_applicable("The action does not deploy to EC2 by a tag.")
    silent_list = blank(facts.get("instances"), "Reservations", listing=True)
    silent_list = silent_list or blank(facts.get("nodes"), "InstanceInformationList", listing=True)
    if cannot := unseen(*facts.values()) or silent_list:
        return cannot
    tag = _tag(subject)
    show: Show = ("ssm", "DescribeInstanceInformation", {})
    if "instances" in facts and not _running(facts["instances"]):
        states = ", ".join(
            f"{each.get('InstanceId')} {(each.get('State') or {}).get('Name')}"
            for each in _instances(facts["instances"])
        )
        trouble = f"no running instance has the tag {tag} in {subject.region}{f' ({states})' if states else ''}"
        shown: Show = ("ec2", "DescribeInstances", dict(facts["instances"].params))
        return told_by(subject, facts, "codedeploy.no-instances", trouble, shown)
    nodes: Sequence[_Map] = facts["nodes"].get("InstanceInformationList", default=()) if "nodes" in facts else ()
    online = [each for each in nodes if each.get("PingStatus") == "Online"]
    lines = [
        (facts["nodes"].n, f"{each.get('InstanceId')}: {each.get('PingStatus')}, {each.get('PlatformName', '?')}")
        for each in nodes[:8]
    ]
    if not nodes and "instances" not in facts:
        trouble = f"no managed node has the tag {tag} in {subject.region}"
        return told_by(subject, facts, "codedeploy.no-instances", trouble, show)
    known = {str(each.get("InstanceId")) for each in online}
    silent = [each for each in _running(facts.get("instances")) if each not in known] or (
        [] if online else [str(each.get("InstanceId")) for each in nodes]
    )
    if silent:
        trouble = f"Systems Manager does not reach {', '.join(silent[:4])}: the SSM agent there is not Online"
        steps = [
            "Start the SSM agent; the instance needs a profile with AmazonSSMManagedInstanceCore and a way to SSM.",
        ]
        return told_by(subject, facts, "codedeploy.agent-missing", trouble, show, steps=steps, lines=lines)
    checked = [fact for name, fact in facts.items() if name.startswith("health:")]
    bad = [one for fact in checked for one in healths(fact) if one[1] in ("unhealthy", "unavailable")]
    if bad:
        target, _, said = bad[0]
        trouble = f"target {target} of {', '.join(_groups(subject))} is unhealthy: {said or 'no reason given'}"
        shown = ("elbv2", "DescribeTargetGroups", {"Names": _groups(subject)})
        return told_by(subject, facts, "codedeploy.load-balancer", trouble, shown, lines=lines)
    return passed(f"{plural(len(online), 'node')} with {tag} answer Systems Manager.", *facts.values(), lines=lines)


SERVERS = Step(
    id="servers",
    question="For EC2: do running instances carry the tag, does Systems Manager reach them, are targets healthy?",
    why="The action finds its servers by a tag and works through Systems Manager; without its agent nothing happens.",
    reads=("ec2:DescribeInstances", "ssm:DescribeInstanceInformation", *HEALTH_READS),
    gather=_gather_servers,
    judge=_judge_servers,
)


# --- scripts


def _scripts(subject: Subject) -> list[str]:
    named = (config(subject, name) for name in ("DeploySpec", "PreScript", "PostScript"))
    return [each for each in named if each]


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


async def _gather_scripts(subject: Subject, evidence: Evidence) -> Facts:
    if not deploys_to(subject, "EC2") or not failing(subject):
        return {}
    changed = subject.action_state.changed_at or subject.now
    filters = [
        {"key": "InvokedAfter", "value": _iso(changed - 3600)},
        {"key": "InvokedBefore", "value": _iso(changed + 60)},
    ]
    invoked, inside = await asyncio.gather(
        ask(subject, evidence, "ssm", "ListCommandInvocations", {"Filters": filters, "Details": True}, pages=2),
        read_files(subject, evidence, _scripts(subject)),
    )
    return {"invocations": invoked, **inside}


def _judge_scripts(subject: Subject, facts: Facts) -> Answer:
    fact = facts.get("invocations")
    if fact is None:
        return not_applicable("No EC2 deploy action has failed.")
    show: Show = ("ssm", "ListCommandInvocations", {"Details": True})
    if lost := lost_file(facts, _scripts(subject)):
        spec = lost == config(subject, "DeploySpec")
        trouble = f"the artifact {subject.action.inputs[0]} has no {lost}, which the action names"
        cause = "codedeploy.appspec-invalid" if spec else "codedeploy.hook-failed"
        return told_by(subject, facts, cause, trouble, show, allied=["artifact.missing", "build.command-failed"])
    if cannot := unseen(*facts.values()):
        return cannot
    found: Sequence[_Map] = fact.get("CommandInvocations", default=())
    bad = [each for each in found if each.get("Status") in ("Failed", "TimedOut", "Cancelled", "Undeliverable")]
    if not bad:
        return unknown(f"{plural(len(found), 'command')} ran in that time, and none failed.", fact)
    first = min(bad, key=lambda each: float(each.get("RequestedDateTime") or 0))
    plugin: _Map = next((each for each in first.get("CommandPlugins") or () if each.get("ResponseCode")), {})
    output = [line for line in str(plugin.get("Output", "")).splitlines() if line.strip()]
    lines = [(fact.n, clip(line, 300)) for line in output[-8:]]
    if _DENIED.search("\n".join(output)):
        trouble = f"{first.get('InstanceId')} was refused the artifact: {clip(output[-1], 160)}"
        steps = ["Let the instance's role read the artifact bucket (s3:GetObject) and decrypt with its key."]
        return told_by(subject, facts, "codedeploy.instance-profile", trouble, show, steps=steps, lines=lines)
    code = f" with exit code {plugin['ResponseCode']}" if plugin.get("ResponseCode") else ""
    said = f": {clip(output[-1], 160)}" if output else ""
    trouble = f"the script on {first.get('InstanceId')} ended {first.get('StatusDetails', 'Failed')}{code}{said}"
    return told_by(
        subject, facts, "codedeploy.hook-failed", trouble, show, lines=lines, allied=["build.command-failed"]
    )


SCRIPTS = Step(
    id="scripts",
    question="For EC2: are the scripts in the artifact, and which of them failed where, with which output?",
    why="The action only says that an instance failed; Systems Manager keeps what the script wrote there.",
    reads=("ssm:ListCommandInvocations", *INSIDE_READS),
    gather=_gather_scripts,
    judge=_judge_scripts,
)
