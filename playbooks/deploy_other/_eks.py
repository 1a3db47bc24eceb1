"""Deployments to EKS: the cluster, its way in, and the files that are deployed."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Any

from core.fact import Evidence, Fact, Outcome
from core.finding import Answer
from core.playbook import Facts, Step, Subject
from playbooks._answers import not_applicable, passed, unseen
from playbooks._ask import ask
from playbooks._inside import INSIDE_READS
from playbooks._roles import label

from ._common import Show, config, deploys_to, lost_file, read_files, told_by

_Map = Mapping[str, Any]

__all__ = ["EKS"]


async def _gather_eks(subject: Subject, evidence: Evidence) -> Facts:
    name = config(subject, "ClusterName")
    if not deploys_to(subject, "EKS") or not name:
        return {}
    entry = {"clusterName": name, "principalArn": subject.role_arn}
    cluster, access, inside = await asyncio.gather(
        ask(subject, evidence, "eks", "DescribeCluster", {"name": name}),
        ask(subject, evidence, "eks", "DescribeAccessEntry", entry),
        read_files(subject, evidence, _files(subject)),
    )
    return {"cluster": cluster, "access": access, **inside}


def _files(subject: Subject) -> list[str]:
    """Charts, values and manifests that the action names, relative to its artifact."""
    named = (config(subject, name) for name in ("HelmChartLocation", "HelmValuesFiles", "ManifestFiles"))
    return [each.strip() for one in named for each in one.split(",") if each.strip() and "://" not in each]


_UNREACHED = re.compile(r"timed? ?out|timeout|unable to connect|no route|dial tcp|unreachable", re.IGNORECASE)
_KUBERNETES_DENIED = re.compile(r"unauthorized|forbidden|must be logged in|credentials", re.IGNORECASE)


def _judge_eks(subject: Subject, facts: Facts) -> Answer:  # noqa: PLR0911 (one return an outcome)
    cluster = facts.get("cluster")
    if cluster is None:
        return not_applicable("The action does not deploy to EKS.")
    if cannot := unseen(cluster):
        return cannot
    name = config(subject, "ClusterName")
    show: Show = ("eks", "DescribeCluster", {"name": name})
    if cluster.outcome is Outcome.NO_DATA:
        return told_by(subject, facts, "eks.deploy-failed", f"there is no EKS cluster {name} in {subject.region}", show)
    found: _Map = cluster.get("cluster", default={})
    if found.get("status") not in ("ACTIVE", "UPDATING", None):
        return told_by(subject, facts, "eks.deploy-failed", f"cluster {name} is {found.get('status')}", show)
    access: Fact = facts["access"]
    mode = (found.get("accessConfig") or {}).get("authenticationMode", "CONFIG_MAP")
    if cannot := unseen(access):
        return cannot
    lacks = access.outcome is Outcome.NO_DATA and mode != "CONFIG_MAP"
    if lacks and _KUBERNETES_DENIED.search(subject.action_state.error_message):
        who = label(subject.role_arn)
        entry: Show = ("eks", "CreateAccessEntry", {"clusterName": name, "principalArn": subject.role_arn})
        return told_by(subject, facts, "eks.deploy-failed", f"{who} has no access entry in cluster {name}", entry)
    if lost := lost_file(facts, _files(subject)):
        trouble = f"the artifact {subject.action.inputs[0]} has no {lost}, which the action deploys"
        return told_by(subject, facts, "artifact.missing", trouble, show, allied=["eks.deploy-failed"])
    public = (found.get("resourcesVpcConfig") or {}).get("endpointPublicAccess")
    closed = public is False and not config(subject, "Subnets")
    if closed and _UNREACHED.search(subject.action_state.error_message):
        trouble = f"the endpoint of cluster {name} is private, and the action names no Subnets to reach it from"
        return told_by(subject, facts, "eks.deploy-failed", trouble, show, allied=["build.network", "build.timeout"])
    note = " Its endpoint is private, and the action names no Subnets." if closed else ""
    return passed(f"Cluster {name} is {found.get('status', 'ACTIVE')}.{note}", *facts.values())


EKS = Step(
    id="eks",
    question="For EKS: is the cluster there, does it let the action's role in, and are the files to deploy there?",
    why="A cluster knows roles by access entries of its own; IAM alone opens nothing in it.",
    reads=("eks:DescribeCluster", "eks:DescribeAccessEntry", *INSIDE_READS),
    gather=_gather_eks,
    judge=_judge_eks,
)
