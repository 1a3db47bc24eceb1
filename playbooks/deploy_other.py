"""Deployments to S3, Lambda, Elastic Beanstalk, AppConfig and EKS, and what the rest of the providers say."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import Any

from core.fact import Evidence, Fact, Outcome
from core.finding import Answer
from core.playbook import Facts, Playbook, Step, Subject
from core.text import clip

from ._answers import failed, finding, healthy, not_applicable, passed, unknown, unseen
from ._ask import ask
from ._fixes import command, manual, retry_hint
from ._roles import label
from ._said import otherwise
from ._text import message_step

__all__ = ["PLAYBOOK"]

_ID = "deploy-other"
_Map = Mapping[str, Any]


def _is(subject: Subject, provider: str) -> bool:
    return subject.action.provider == provider and subject.action.category == "Deploy"


def _config(subject: Subject, name: str) -> str:
    return subject.action.configuration.get(name, "")


# --- S3

_REDIRECT = re.compile(r"region|redirect|\b301\b", re.IGNORECASE)
_PUBLIC = ("public-read", "public-read-write", "authenticated-read")


async def _gather_s3(subject: Subject, evidence: Evidence) -> Facts:
    bucket = _config(subject, "BucketName")
    if not _is(subject, "S3") or not bucket:
        return {}
    params = {"Bucket": bucket}
    reads = {"target": ask(subject, evidence, "s3", "GetBucketLocation", params)}
    if _config(subject, "CannedACL"):
        reads["ownership"] = ask(subject, evidence, "s3", "GetBucketOwnershipControls", params)
        reads["public"] = ask(subject, evidence, "s3", "GetPublicAccessBlock", params)
    return dict(zip(reads, await asyncio.gather(*reads.values()), strict=True))


def _acl_trouble(subject: Subject, facts: Facts) -> str:
    """Why the bucket refuses the ACL that the action sets; empty where it does not."""
    acl, owner, public = _config(subject, "CannedACL"), facts.get("ownership"), facts.get("public")
    rules = owner.get("OwnershipControls", "Rules", default=()) if owner else ()
    enforced = any(rule.get("ObjectOwnership") == "BucketOwnerEnforced" for rule in rules)
    if acl and enforced and acl not in ("bucket-owner-full-control", "private"):
        return f"the bucket has ACLs turned off (BucketOwnerEnforced), and the action sets {acl}"
    if acl in _PUBLIC and public and public.get("PublicAccessBlockConfiguration", "BlockPublicAcls"):
        return f"the bucket blocks public ACLs, and the action sets {acl}"
    return ""


def _judge_s3(subject: Subject, facts: Facts) -> Answer:
    target = facts.get("target")
    if target is None:
        return not_applicable("The action does not deploy to S3.")
    if cannot := unseen(*facts.values()):
        return cannot
    name, trouble = _config(subject, "BucketName"), _acl_trouble(subject, facts)
    where = str(target.get("LocationConstraint", default="") or "us-east-1")
    if target.outcome is Outcome.NO_DATA:
        trouble = f"bucket {name} does not exist"
    elif where != subject.region and _REDIRECT.search(subject.action_state.error_message):
        trouble = f"bucket {name} lies in {where}, and the action runs in {subject.region}"
    if not trouble:
        return passed(f"Bucket {name} exists in {where} and takes what the action sets.", *facts.values())
    if healthy(subject):
        return unknown(f"{trouble[:1].upper()}{trouble[1:]}, yet the last run passed.", *facts.values())
    fix = manual(
        "s3deploy.bucket",
        "Make action and bucket agree",
        [
            f"{trouble[:1].upper()}{trouble[1:]}.",
            (
                "Remove CannedACL from the action and grant access by the bucket's policy, or correct BucketName or "
                "region."
            ),
            retry_hint(subject),
        ],
        commands=[command(subject, "s3", "GetBucketOwnershipControls", Bucket=name)],
    )
    seen = target.ok or not otherwise(subject, "s3deploy.denied", "source.object-missing")
    one = finding(
        subject,
        _ID,
        "s3deploy.denied",
        0.94 if seen else 0.45,
        trouble[:1].upper() + trouble[1:],
        f"The action cannot write: {trouble}. {subject.action_state.error_message}",
        list(facts.values()),
        fixes=[fix],
        disproved_by="a PutObject with the same ACL to that bucket that succeeds",
        proven=seen,
    )
    return failed(f"{trouble[:1].upper()}{trouble[1:]}.", *facts.values(), findings=[one])


_S3 = Step(
    id="s3",
    question="For S3: does the bucket exist, in the region, and take the ACL that the action sets?",
    why="A bucket with ACLs turned off refuses every upload that sets one, with nothing but access denied.",
    reads=("s3:GetBucketLocation", "s3:GetBucketOwnershipControls", "s3:GetBucketPublicAccessBlock"),
    gather=_gather_s3,
    judge=_judge_s3,
)


# --- Lambda


async def _gather_lambda(subject: Subject, evidence: Evidence) -> Facts:
    name, alias = _config(subject, "FunctionName"), _config(subject, "FunctionAlias")
    if not _is(subject, "Lambda") or not name:
        return {}
    reads = {"function": ask(subject, evidence, "lambda", "GetFunctionConfiguration", {"FunctionName": name})}
    if alias:
        reads["alias"] = ask(subject, evidence, "lambda", "GetAlias", {"FunctionName": name, "Name": alias})
    return dict(zip(reads, await asyncio.gather(*reads.values()), strict=True))


def _judge_lambda(subject: Subject, facts: Facts) -> Answer:
    fact = facts.get("function")
    if fact is None:
        return not_applicable("The action deploys no Lambda function.")
    if cannot := unseen(*facts.values()):
        return cannot
    name, trouble = _config(subject, "FunctionName"), ""
    alias = facts.get("alias")
    if fact.outcome is Outcome.NO_DATA:
        trouble = f"there is no function {name} in {subject.region}"
    elif fact.get("State") in ("Failed", "Inactive"):
        trouble = f"function {name} is {fact.get('State')}: {fact.get('StateReason', default='no reason given')}"
    elif fact.get("LastUpdateStatus") == "Failed":
        trouble = f"the last update of {name} failed: {fact.get('LastUpdateStatusReason', default='no reason given')}"
    elif alias is not None and alias.outcome is Outcome.NO_DATA:
        trouble = f"function {name} has no alias {_config(subject, 'FunctionAlias')}"
    if not trouble:
        return passed(
            f"Function {name} is ready ({fact.get('LastUpdateStatus', default='Successful')}).", *facts.values()
        )
    return _one(
        subject, facts, "lambda.invoke-failed", trouble, ("lambda", "GetFunctionConfiguration", {"FunctionName": name})
    )


def _one(subject: Subject, facts: Facts, cause: str, trouble: str, show: tuple[str, str, Mapping[str, Any]]) -> Answer:
    """A trouble that the provider itself states, as an answer with its finding."""
    text = trouble[:1].upper() + trouble[1:]
    if healthy(subject):
        return unknown(f"{text}, yet the last run passed.", *facts.values())
    service, operation, params = show
    fix = manual(
        f"{_ID}.{cause}",
        "Correct what the provider names",
        [f"{text}.", retry_hint(subject)],
        commands=[command(subject, service, operation, **params)],
    )
    sure = not otherwise(subject, cause)
    one = finding(
        subject,
        _ID,
        cause,
        0.94 if sure else 0.45,
        clip(text, 200),
        f"{text}. {subject.action_state.error_message}".strip(),
        list(facts.values()),
        fixes=[fix],
        disproved_by="the same state after a run that passed",
        proven=sure,
    )
    return failed(f"{text}.", *facts.values(), findings=[one])


_LAMBDA = Step(
    id="lambda",
    question="For Lambda: are function and alias there, and did the last update take?",
    why="A function whose update failed keeps its old code and refuses the next one.",
    reads=("lambda:GetFunctionConfiguration", "lambda:GetAlias"),
    gather=_gather_lambda,
    judge=_judge_lambda,
)


# --- Elastic Beanstalk


async def _gather_beanstalk(subject: Subject, evidence: Evidence) -> Facts:
    application, environment = _config(subject, "ApplicationName"), _config(subject, "EnvironmentName")
    if not _is(subject, "ElasticBeanstalk") or not environment:
        return {}
    names = {"ApplicationName": application, "EnvironmentNames": [environment]}
    since = (subject.action_state.changed_at or subject.now) - 2 * 3600
    events = {"ApplicationName": application, "EnvironmentName": environment, "StartTime": since, "Severity": "WARN"}
    described, told = await asyncio.gather(
        ask(subject, evidence, "elasticbeanstalk", "DescribeEnvironments", names),
        ask(subject, evidence, "elasticbeanstalk", "DescribeEvents", events, pages=1),
    )
    return {"environment": described, "events": told}


_WAKE = re.compile(
    r"Failed to deploy application|Unsuccessful command execution|Update environment operation", re.IGNORECASE
)


def _judge_beanstalk(subject: Subject, facts: Facts) -> Answer:
    fact = facts.get("environment")
    if fact is None:
        return not_applicable("The action does not deploy to Elastic Beanstalk.")
    if cannot := unseen(*facts.values()):
        return cannot
    name = _config(subject, "EnvironmentName")
    found: _Map = fact.get("Environments", 0, default={})
    show = ("elasticbeanstalk", "DescribeEvents", {"EnvironmentName": name})
    if not found or str(found.get("Status", "")).startswith("Terminat"):
        state = f"is {found.get('Status')}" if found else f"does not exist in {subject.region}"
        return _one(subject, facts, "beanstalk.deploy-failed", f"environment {name} {state}", show)
    told: Sequence[_Map] = facts["events"].get("Events", default=())
    errors = [str(each.get("Message", "")) for each in reversed(told) if each.get("Severity") in ("ERROR", "FATAL")]
    first = next((text for text in errors if not _WAKE.search(text)), errors[0] if errors else "")
    health = f"{found.get('Health', '?')} ({found.get('HealthStatus', 'no enhanced health')})"
    if first:
        return _one(subject, facts, "beanstalk.deploy-failed", f"environment {name}: {first}", show)
    if found.get("Health") == "Red" and not healthy(subject):
        return _one(subject, facts, "beanstalk.deploy-failed", f"environment {name} is {health}", show)
    return passed(f"Environment {name} is {found.get('Status')}, {health}.", *facts.values())


_BEANSTALK = Step(
    id="beanstalk",
    question="For Elastic Beanstalk: how is the environment, and which error came first?",
    why="The environment's events name the instance and command that failed; the action only says that it did.",
    reads=("elasticbeanstalk:DescribeEnvironments", "elasticbeanstalk:DescribeEvents"),
    gather=_gather_beanstalk,
    judge=_judge_beanstalk,
)


# --- AppConfig


async def _gather_appconfig(subject: Subject, evidence: Evidence) -> Facts:
    application, environment = _config(subject, "Application"), _config(subject, "Environment")
    if not _is(subject, "AppConfig") or not application or not environment:
        return {}
    where = {"ApplicationId": application, "EnvironmentId": environment}
    listed = await ask(subject, evidence, "appconfig", "ListDeployments", where, pages=1)
    facts = {"deployments": listed}
    number = listed.get("Items", 0, "DeploymentNumber")
    if isinstance(number, int):
        params = {**where, "DeploymentNumber": number}
        facts["deployment"] = await ask(subject, evidence, "appconfig", "GetDeployment", params)
    return facts


def _judge_appconfig(subject: Subject, facts: Facts) -> Answer:  # noqa: PLR0911 (one return an outcome)
    listed, fact = facts.get("deployments"), facts.get("deployment")
    if listed is None:
        return not_applicable("The action does not deploy through AppConfig.")
    if cannot := unseen(*facts.values()):
        return cannot
    if listed.outcome is Outcome.NO_DATA:
        return failed("The application or environment that the action names does not exist.", listed)
    if fact is None:
        return unknown("The environment has no deployment yet.", listed)
    state = str(fact.get("State", default="?"))
    events: Sequence[_Map] = fact.get("EventLog", default=())
    lines = [
        (fact.n, f"{each.get('EventType')} by {each.get('TriggeredBy')}: {each.get('Description', '')}")
        for each in events[:6]
    ]
    if state in ("ROLLED_BACK", "ROLLING_BACK", "REVERTED"):
        why = next((each for each in events if "ROLLBACK" in str(each.get("EventType"))), {})
        by = f" by {why.get('TriggeredBy')}: {why.get('Description', '')}" if why else ""
        title = f"Deployment {fact.get('DeploymentNumber')} was rolled back{by}"
        if "ALARM" not in str(why.get("TriggeredBy", "")) or healthy(subject):
            return failed(f"{title}.", *facts.values(), lines=lines)
        return _alarmed(subject, facts, title, lines)
    return passed(f"Deployment {fact.get('DeploymentNumber')} is {state}.", *facts.values(), lines=lines)


def _alarmed(subject: Subject, facts: Facts, title: str, lines: Sequence[tuple[int, str]]) -> Answer:
    fix = manual(
        "appconfig.alarm",
        "Look at the alarm of the environment",
        ["The environment's monitor fired while the configuration was rolled out.", retry_hint(subject)],
        commands=[command(subject, "cloudwatch", "DescribeAlarms", StateValue="ALARM")],
    )
    one = finding(
        subject,
        _ID,
        "codedeploy.alarm-rollback",
        0.8,
        title,
        f"{title}. AppConfig takes a configuration back when an alarm of its environment fires.",
        list(facts.values()),
        fixes=[fix],
        disproved_by="an event log without an alarm",
    )
    return failed(f"{title}.", *facts.values(), findings=[one], lines=lines)


_APPCONFIG = Step(
    id="appconfig",
    question="For AppConfig: was the deployment rolled back, and by what?",
    why="A validator or an alarm takes a configuration back; the deployment's event log says which.",
    reads=("appconfig:ListDeployments", "appconfig:GetDeployment"),
    gather=_gather_appconfig,
    judge=_judge_appconfig,
)


# --- EKS


async def _gather_eks(subject: Subject, evidence: Evidence) -> Facts:
    name = _config(subject, "ClusterName")
    if not _is(subject, "EKS") or not name:
        return {}
    entry = {"clusterName": name, "principalArn": subject.role_arn}
    cluster, access = await asyncio.gather(
        ask(subject, evidence, "eks", "DescribeCluster", {"name": name}),
        ask(subject, evidence, "eks", "DescribeAccessEntry", entry),
    )
    return {"cluster": cluster, "access": access}


_KUBERNETES_DENIED = re.compile(r"unauthorized|forbidden|must be logged in|credentials", re.IGNORECASE)


def _judge_eks(subject: Subject, facts: Facts) -> Answer:  # noqa: PLR0911 (one return an outcome)
    cluster = facts.get("cluster")
    if cluster is None:
        return not_applicable("The action does not deploy to EKS.")
    if cannot := unseen(cluster):
        return cannot
    name = _config(subject, "ClusterName")
    show: tuple[str, str, Mapping[str, Any]] = ("eks", "DescribeCluster", {"name": name})
    if cluster.outcome is Outcome.NO_DATA:
        return _one(subject, facts, "eks.deploy-failed", f"there is no EKS cluster {name} in {subject.region}", show)
    found: _Map = cluster.get("cluster", default={})
    if found.get("status") not in ("ACTIVE", "UPDATING", None):
        return _one(subject, facts, "eks.deploy-failed", f"cluster {name} is {found.get('status')}", show)
    access: Fact = facts["access"]
    mode = (found.get("accessConfig") or {}).get("authenticationMode", "CONFIG_MAP")
    if cannot := unseen(access):
        return cannot
    lacks = access.outcome is Outcome.NO_DATA and mode != "CONFIG_MAP"
    if lacks and _KUBERNETES_DENIED.search(subject.action_state.error_message):
        who = label(subject.role_arn)
        entry = ("eks", "CreateAccessEntry", {"clusterName": name, "principalArn": subject.role_arn})
        return _one(subject, facts, "eks.deploy-failed", f"{who} has no access entry in cluster {name}", entry)
    public = (found.get("resourcesVpcConfig") or {}).get("endpointPublicAccess")
    note = "" if public or public is None else " Its endpoint is private: the action needs subnets and security groups."
    return passed(f"Cluster {name} is {found.get('status', 'ACTIVE')}.{note}", cluster, access)


_EKS = Step(
    id="eks",
    question="For EKS: is the cluster there, and does it let the action's role in?",
    why="A cluster knows roles by access entries of its own; IAM alone opens nothing in it.",
    reads=("eks:DescribeCluster", "eks:DescribeAccessEntry"),
    gather=_gather_eks,
    judge=_judge_eks,
)

_HAVE_THEIR_OWN = ("CodeDeploy", "CodeDeployToECS", "ECS")


def _applies(subject: Subject) -> float:
    action = subject.action
    if action.category != "Deploy" or action.owner != "AWS" or action.provider.startswith("CloudFormation"):
        return 0.0
    return 0.0 if action.provider in _HAVE_THEIR_OWN else 1.0


PLAYBOOK = Playbook(
    id=_ID,
    title="Other deployments",
    summary="Asks S3, Lambda, Elastic Beanstalk, AppConfig and EKS what became of a deployment to them.",
    steps=(message_step(_ID), _S3, _LAMBDA, _BEANSTALK, _APPCONFIG, _EKS),
    applies=_applies,
    causes=("beanstalk.deploy-failed", "eks.deploy-failed", "lambda.invoke-failed", "s3deploy.denied"),
)
