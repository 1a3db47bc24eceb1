"""The servers: whether any match the group, whether their agent answers, whether they may read the revision."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from core.arn import Arn
from core.fact import Evidence, Fact, Outcome
from core.finding import Answer
from core.playbook import Facts, Step, Subject
from playbooks._answers import blank, failed, failing, finding, healthy, not_applicable, passed, plural, unknown, unseen
from playbooks._ask import ask
from playbooks._codedeploy import (
    GROUP_READS,
    TARGET_READS,
    application,
    begun,
    deployment_of,
    error_of,
    failed_events,
    group_name,
    group_of,
    read_group,
    read_targets,
    targets_of,
)
from playbooks._fixes import allow_fix, command, manual, retry_hint
from playbooks._needs import Need
from playbooks._roles import CAVEAT, label, read_inline, refused_needs, simulate
from playbooks._simulated import POLICY_READS

__all__ = ["AGENT", "INSTANCES", "PROFILE"]

_ID = "codedeploy"
_Map = Mapping[str, Any]


def tag_sets(group: _Map, kind: str = "ec2") -> list[list[_Map]]:
    """A group's sets of tags: an instance must meet one tag of every set. `kind` is ``ec2`` or ``onPremises``."""
    nested = (group.get(f"{kind}TagSet") or {}).get(f"{kind}TagSetList") or ()
    flat = group.get("ec2TagFilters" if kind == "ec2" else "onPremisesInstanceTagFilters") or ()
    return [list(each) for each in nested if each] or ([list(flat)] if flat else [])


def tag_filters(group: _Map) -> list[dict[str, Any]]:
    """EC2 filters that let through all that can meet the group's first set; `matches` judges what comes back."""
    sets = tag_sets(group)
    tags = sets[0] if sets else []
    keys = list(dict.fromkeys(str(tag["Key"]) for tag in tags if tag.get("Key")))
    if not keys or any(tag.get("Type") == "VALUE_ONLY" for tag in tags):
        return []
    plain = all(tag.get("Type", "KEY_AND_VALUE") == "KEY_AND_VALUE" for tag in tags)
    if len(keys) == 1 and plain:
        return [{"Name": f"tag:{keys[0]}", "Values": [str(tag.get("Value", "")) for tag in tags]}]
    return [{"Name": "tag-key", "Values": keys}]


def _meets(tag: _Map, has: Mapping[str, str]) -> bool:
    key, value = str(tag.get("Key", "")), str(tag.get("Value", ""))
    kind = tag.get("Type", "KEY_AND_VALUE")
    if kind == "KEY_ONLY":
        return key in has
    return value in has.values() if kind == "VALUE_ONLY" else has.get(key) == value


def matches(instance: _Map, group: _Map, kind: str = "ec2") -> bool:
    """Whether an instance meets every set of the group; one whose tags are not shown is taken to."""
    tags: Sequence[_Map] | None = instance.get("Tags") if kind == "ec2" else instance.get("tags")
    if tags is None:
        return True
    has = {str(tag.get("Key")): str(tag.get("Value", "")) for tag in tags}
    return all(any(_meets(tag, has) for tag in each) for each in tag_sets(group, kind))


def _wanted(group: _Map, kind: str = "ec2") -> str:
    """The tags that a group asks for, in words."""
    sets = [
        " or ".join(
            str(tag["Key"]) if tag.get("Type") == "KEY_ONLY" else f"{tag.get('Key', '*')} = {tag.get('Value', '')}"
            for tag in each
        )
        for each in tag_sets(group, kind)
    ]
    return "; and ".join(sets)


def _scaling_groups(group: _Map) -> list[str]:
    return [str(each.get("name", "")) for each in group.get("autoScalingGroups") or () if each.get("name")]


async def _gather_instances(subject: Subject, evidence: Evidence) -> Facts:
    mine, targets = await asyncio.gather(read_group(subject, evidence), read_targets(subject, evidence))
    facts = {**mine, **targets}
    group = group_of(facts)
    filters, scaling = tag_filters(group), _scaling_groups(group)
    if group.get("computePlatform", "Server") != "Server":
        return facts
    reads = {}
    if filters:
        running = {"Name": "instance-state-name", "Values": ["pending", "running", "stopping", "stopped"]}
        reads["instances"] = ask(subject, evidence, "ec2", "DescribeInstances", {"Filters": [*filters, running]})
    if tag_sets(group, "onPremises"):
        params = {"registrationStatus": "Registered", "tagFilters": tag_sets(group, "onPremises")[0]}
        reads["registered"] = ask(subject, evidence, "codedeploy", "ListOnPremisesInstances", params)
    if scaling:
        params = {"AutoScalingGroupNames": scaling}
        reads["scaling"] = ask(subject, evidence, "autoscaling", "DescribeAutoScalingGroups", params)
    return {**facts, **dict(zip(reads, await asyncio.gather(*reads.values()), strict=True))}


def _instances(fact: Fact | None) -> list[_Map]:
    found: Sequence[_Map] = fact.get("Reservations", default=()) if fact else ()
    return [each for reservation in found for each in reservation.get("Instances") or ()]


def _in_scaling(fact: Fact | None) -> list[_Map]:
    found: Sequence[_Map] = fact.get("AutoScalingGroups", default=()) if fact else ()
    return [each for group in found for each in group.get("Instances") or ()]


def _registered(subject: Subject, facts: Facts) -> Answer:
    """The answer for a group of on-premises instances."""
    fact = facts["registered"]
    if cannot := unseen(fact) or blank(fact, "instanceNames", listing=True):
        return cannot
    names = [str(each) for each in fact.get("instanceNames", default=())]
    cited = [facts["group"], fact]
    if names:
        return passed(f"{plural(len(names), 'registered instance')} match: {', '.join(names[:5])}.", *cited)
    title = f"No registered on-premises instance matches {application(subject)}/{group_name(subject)}"
    wanted = _wanted(group_of(facts), "onPremises")
    fix = manual(
        "codedeploy.on-premises",
        "Register and tag the instances",
        [
            f"The group asks for: {wanted}.",
            "Register the instance, tag it so, and start its agent.",
            retry_hint(subject),
        ],
        commands=[command(subject, "codedeploy", "ListOnPremisesInstances")],
    )
    told = "NO_INSTANCES" in error_of(facts)[0]
    one = finding(
        subject,
        _ID,
        "codedeploy.no-instances",
        0.95 if told else 0.6,
        title,
        f"{title}: {wanted}.",
        cited,
        fixes=[fix],
        disproved_by="a registered instance with those tags",
        proven=told,
    )
    return failed(f"{title}: {wanted}.", *cited, findings=[one] if failing(subject) else [])


def _judge_instances(subject: Subject, facts: Facts) -> Answer:  # noqa: PLR0911 (one return an outcome)
    group = group_of(facts)
    if cannot := unseen(facts.get("group")):
        return cannot
    if not group:
        return unknown("Without the deployment group there is nothing to match.")
    if "instances" not in facts and "scaling" not in facts:
        if group.get("computePlatform", "Server") != "Server":
            return not_applicable("The group deploys to no servers.", facts["group"])
        if tag_sets(group, "onPremises"):
            return _registered(subject, facts)
        if tag_sets(group):
            return unknown(f"The group asks for {_wanted(group)}, which cannot be asked for by key.", facts["group"])
    read = [facts[name] for name in ("instances", "scaling") if name in facts]
    silent = blank(facts.get("instances"), "Reservations", listing=True)
    silent = silent or blank(facts.get("scaling"), "AutoScalingGroups", listing=True)
    if cannot := unseen(*read) or silent:
        return cannot
    by_tag = [each for each in _instances(facts.get("instances")) if matches(each, group)]
    scaled = _in_scaling(facts.get("scaling"))
    running = [each for each in by_tag if (each.get("State") or {}).get("Name") == "running"]
    usable = len(running) + sum(each.get("LifecycleState") == "InService" for each in scaled)
    cited = [facts["group"], *read]
    states = ", ".join(f"{each.get('InstanceId')} {(each.get('State') or {}).get('Name')}" for each in by_tag[:8])
    lines = [(read[0].n, states)] if states else []
    if usable:
        return passed(f"{plural(usable, 'running instance')} match the group.", *cited, lines=lines)
    wanted = _wanted(group)
    scaling = ", ".join(_scaling_groups(group))
    what = " and ".join(part for part in (wanted, f"Auto Scaling group {scaling}" if scaling else "") if part)
    title = f"No running instance matches {application(subject)}/{group_name(subject)}"
    fix = manual(
        "codedeploy.instances",
        "Let the group match running instances",
        [
            f"The group asks for: {what or 'nothing at all'}. {states or 'Nothing at all has these tags.'}",
            "Tag the instances so, start them, or correct the group's tags (they are case-sensitive).",
            retry_hint(subject),
        ],
        commands=[command(subject, "ec2", "DescribeInstances", Filters=tag_filters(group))] if wanted else [],
    )
    code, _ = error_of(facts)
    told = "NO_INSTANCES" in code or "no instances" in subject.action_state.error_message.lower()
    counts = (deployment_of(facts).get("deploymentOverview") or {}).values()
    had = len(targets_of(facts)) or sum(count for count in counts if isinstance(count, int))
    if had and not told:
        return unknown(f"{title} now; the deployment had {plural(had, 'target')}.", *cited, lines=lines)
    never = "deployment" not in facts and bool(subject.action_state.error_message)  # refused before any was looked for
    one = finding(
        subject,
        _ID,
        "codedeploy.no-instances",
        0.96 if told else 0.35 if never else 0.75,
        title,
        f"CodeDeploy finds its servers by {what or 'tags'}; none is running. {states}".strip(),
        cited,
        fixes=[fix],
        disproved_by="a running instance with those tags in that region",
        proven=told,
    )
    return failed(f"{title}: {what}.", *cited, findings=[one] if failing(subject) else [], lines=lines)


INSTANCES = Step(
    id="instances",
    question="Do running instances match the group's tags or Auto Scaling groups?",
    why="A renamed tag or a stopped server leaves a deployment without a target.",
    reads=(
        *GROUP_READS,
        *TARGET_READS,
        "ec2:DescribeInstances",
        "codedeploy:ListOnPremisesInstances",
        "autoscaling:DescribeAutoScalingGroups",
    ),
    gather=_gather_instances,
    judge=_judge_instances,
)


# --- the agent


_PATIENCE_S = 15 * 60.0  # an agent polls all the time: one that has not answered by then does not run


def _silent(subject: Subject, facts: Facts) -> list[str]:
    """Instances on which no lifecycle event has ever been picked up, though the deployment has ended or waits long."""
    info = deployment_of(facts)
    if info.get("status") not in ("Failed", "Stopped"):
        since = begun(info)
        moved = any(
            event.get("status") not in ("Pending", "Unknown")
            for target in targets_of(facts)
            for event in target.get("lifecycleEvents") or ()
        )
        if info.get("status") != "InProgress" or since is None or subject.now - since < _PATIENCE_S or moved:
            return []
    found = []
    others_failed = bool(failed_events(targets_of(facts)))  # then the rest was never begun
    for target in targets_of(facts):
        events = target.get("lifecycleEvents") or ()
        idle = not others_failed and all(
            event.get("status") in ("Pending", "Skipped", "Unknown", "InProgress") for event in events
        )
        told = " ".join(str((event.get("diagnostics") or {}).get("message", "")) for event in events)
        if (idle and target.get("status") not in ("Succeeded", "Skipped")) or "not able to receive" in told:
            found.append(str(target.get("targetId") or target.get("targetArn", "")).rpartition("/")[2])
    return found


async def _gather_agent(subject: Subject, evidence: Evidence) -> Facts:
    facts = await read_targets(subject, evidence)
    silent = [each for each in _silent(subject, facts) if each.startswith(("i-", "mi-"))][:10]
    if silent:
        instances = [each for each in silent if each.startswith("i-")]
        filters = [{"Key": "InstanceIds", "Values": silent}]
        facts["ssm"] = await ask(subject, evidence, "ssm", "DescribeInstanceInformation", {"Filters": filters})
        if instances:
            found = await ask(subject, evidence, "ec2", "DescribeInstances", {"InstanceIds": instances})
            facts["silent"] = found
    return facts


def _judge_agent(subject: Subject, facts: Facts) -> Answer:
    if "deployment" not in facts:
        return not_applicable("There is no deployment whose targets could be looked at.")
    read = [facts[name] for name in ("deployment", "target-ids", "targets") if name in facts]
    if cannot := unseen(*read):
        return cannot
    silent = _silent(subject, facts)
    if not silent:
        began = failed_events(targets_of(facts))
        refuted = ["codedeploy.agent-missing"] if began else []
        return passed("The agent picked its events up on every target.", *read, refutes=refuted)
    pings = {
        str(each.get("InstanceId")): f"SSM agent {each.get('PingStatus', '?')}"
        for each in (facts["ssm"].get("InstanceInformationList", default=()) if "ssm" in facts else ())
    }
    states = {
        str(each.get("InstanceId")): str((each.get("State") or {}).get("Name", "?"))
        for each in _instances(facts.get("silent"))
    }
    cited = [*read, *(facts[name] for name in ("ssm", "silent") if name in facts)]
    lines = [
        (cited[-1].n, f"{each}: {states.get(each, 'state not known')}; {pings.get(each, 'not seen by SSM')}")
        for each in silent[:8]
    ]
    title = f"The CodeDeploy agent did not answer on {', '.join(silent[:4])}"
    fix = manual(
        "codedeploy.agent",
        "Bring the agent back",
        [
            (
                f"On {silent[0]}: sudo service codedeploy-agent status; start it, or install it with the Systems "
                "Manager "
                f"document AWS-ConfigureAWSPackage (package AWSCodeDeployAgent)."
            ),
            "It needs a way to the CodeDeploy and S3 endpoints, an instance profile, and a right clock.",
            retry_hint(subject),
        ],
        commands=[
            command(
                subject,
                "ssm",
                "DescribeInstanceInformation",
                Filters=[{"Key": "InstanceIds", "Values": silent[:4]}],
            )
        ],
    )
    one = finding(
        subject,
        _ID,
        "codedeploy.agent-missing",
        0.93,
        title,
        f"Its lifecycle events were never picked up, so the deployment waited for it in vain. {lines[0][1]}.",
        cited,
        fixes=[fix],
        disproved_by="a lifecycle event of this deployment that the instance has picked up",
        proven=True,
    )
    return failed(f"{title}.", *cited, findings=[] if healthy(subject) else [one], lines=lines)


AGENT = Step(
    id="agent",
    question="Does the agent on each target answer?",
    why="Events that stay pending until the time-out mean an agent that is down, absent or cut off.",
    reads=(*TARGET_READS, "ssm:DescribeInstanceInformation", "ec2:DescribeInstances"),
    gather=_gather_agent,
    judge=_judge_agent,
)


# --- the instance profile


def _revision(subject: Subject, facts: Facts) -> str:
    """The ARN of the revision's object; empty for a revision elsewhere."""
    place = (deployment_of(facts).get("revision") or {}).get("s3Location") or {}
    partition = subject.identity.partition
    return f"arn:{partition}:s3:::{place['bucket']}/{place['key']}" if place.get("bucket") and place.get("key") else ""


def _needs(subject: Subject, facts: Facts) -> list[Need]:
    revision = _revision(subject, facts)
    why, cause = "to download the revision", "codedeploy.instance-profile"
    return [Need("s3:GetObject", revision, why, cause)] if revision else []


def _download_failed(facts: Facts) -> list[str]:
    return [each.target for each in failed_events(targets_of(facts)) if each.event == "DownloadBundle"]


async def _gather_profile(subject: Subject, evidence: Evidence) -> Facts:
    facts = await read_targets(subject, evidence)
    wrong = [each for each in _download_failed(facts) if each.startswith("i-")][:1]
    if not wrong:
        return facts
    facts["instance"] = await ask(subject, evidence, "ec2", "DescribeInstances", {"InstanceIds": wrong})
    found = _instances(facts["instance"])
    profile = Arn.parse(str(((found[0] if found else {}).get("IamInstanceProfile") or {}).get("Arn", "")))
    if profile is None:
        return facts
    params = {"InstanceProfileName": profile.name}
    facts["profile"] = await ask(subject, evidence, "iam", "GetInstanceProfile", params)
    role = str(facts["profile"].get("InstanceProfile", "Roles", 0, "Arn", default=""))
    if role:
        needs = _needs(subject, facts)
        facts |= await simulate(subject, evidence, role, needs)
        if refused_needs(facts, needs, role):
            facts |= await read_inline(subject, evidence, role)
    return facts


def _judge_profile(subject: Subject, facts: Facts) -> Answer:
    read = [facts[name] for name in ("deployment", "target-ids", "targets", "instance", "profile") if name in facts]
    if cannot := unseen(*read):
        return cannot
    if "instance" not in facts:
        return not_applicable("No instance failed to download the revision.", *read)
    instance = _download_failed(facts)[0]
    role = str(facts["profile"].get("InstanceProfile", "Roles", 0, "Arn", default="")) if "profile" in facts else ""
    needs = _needs(subject, facts)
    if not role:
        why = "has no instance profile" if "profile" not in facts else "has an instance profile without a role"
        if "profile" in facts and facts["profile"].outcome is Outcome.NO_DATA:
            why = "names an instance profile that does not exist"
        return _profile_trouble(subject, facts, f"{instance} {why}", [])
    refused = refused_needs(facts, needs, role)
    simulated = [fact for name, fact in facts.items() if name.startswith("sim:")]
    if cannot := unseen(*simulated):
        return cannot
    if refused and refused[0].sure:
        fix = allow_fix(subject, role, ["s3:GetObject"], [needs[0].resource], facts)
        return _profile_trouble(subject, facts, f"{label(role)} of {instance} may not read the revision", [fix])
    return passed(f"{label(role)} of {instance} may read the revision. {CAVEAT}", *read, *simulated)


def _profile_trouble(subject: Subject, facts: Facts, title: str, fixes: Sequence[Any]) -> Answer:
    cited = [
        fact for name, fact in facts.items() if name in ("targets", "instance", "profile") or name.startswith("sim:")
    ]
    steps = [
        "Attach an instance profile whose role may read the revision, then restart the agent.",
        retry_hint(subject),
    ]
    one = finding(
        subject,
        _ID,
        "codedeploy.instance-profile",
        0.95,
        title[:1].upper() + title[1:],
        f"{title[:1].upper()}{title[1:]}: DownloadBundle fails because the agent downloads with the instance's role.",
        cited,
        fixes=[*fixes] or [manual("codedeploy.profile", "Give the instance a role that may read the revision", steps)],
        disproved_by="a download of the revision on that instance that succeeds",
        proven=True,
    )
    return failed(f"{title[:1].upper()}{title[1:]}.", *cited, findings=[one] if failing(subject) else [])


PROFILE = Step(
    id="profile",
    question="May the instances download the revision?",
    why="The agent downloads with the instance's own role; without a profile, or without the right, it gets nothing.",
    reads=(
        *TARGET_READS,
        "ec2:DescribeInstances",
        "iam:GetInstanceProfile",
        *POLICY_READS,
    ),
    gather=_gather_profile,
    judge=_judge_profile,
)
