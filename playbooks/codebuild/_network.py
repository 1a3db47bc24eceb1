"""A build in a VPC: whether its subnets lead anywhere."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import Any

from core.fact import Evidence, Fact, Outcome
from core.finding import Answer
from core.playbook import Facts, Step, Subject
from playbooks._answers import failed, finding, healthy, not_applicable, passed, unknown, unseen
from playbooks._ask import ask
from playbooks._fixes import command, manual, retry_hint
from playbooks._scan import Pattern, first

from ._log import message_of
from ._reads import LOG_READS, build_of, failed_phase, log_lines, phase_said, read_log, spoken

__all__ = ["NETWORK"]

_ID = "codebuild"
_Map = Mapping[str, Any]
_TROUBLE = Pattern(
    r"timed? ?out|ETIMEDOUT|ECONNREFUSED|EAI_AGAIN|ENOTFOUND|could not resolve|temporary failure in name resolution|"
    r"no route to host|network is unreachable|connect(?:ion)? (?:refused|timeout)|failed to connect|i/o timeout",
    "time",
    "econnrefused",
    "eai_again",
    "enotfound",
    "resol",
    "no route",
    "unreachable",
    "connect",
)


_ABOUT_VPC = re.compile(r"\bvpc\b|subnet|security group|network interface|\beni\b", re.IGNORECASE)


async def _gather(subject: Subject, evidence: Evidence) -> Facts:
    facts = await read_log(subject, evidence)
    vpc = build_of(facts).get("vpcConfig") or {}
    subnets, groups = list(vpc.get("subnets") or ()), list(vpc.get("securityGroupIds") or ())
    if not vpc.get("vpcId"):
        return facts
    in_vpc = [{"Name": "vpc-id", "Values": [vpc["vpcId"]]}]
    reads = {
        "subnets": ask(subject, evidence, "ec2", "DescribeSubnets", {"SubnetIds": subnets}),
        "routes": ask(subject, evidence, "ec2", "DescribeRouteTables", {"Filters": in_vpc}),
        "groups": ask(subject, evidence, "ec2", "DescribeSecurityGroups", {"GroupIds": groups}),
    }
    found = await asyncio.gather(*reads.values())
    return {**facts, **dict(zip(reads, found, strict=True))}


def way_out(routes: Fact, subnet: str) -> str:
    """Where a subnet's default route leads: ``nat``, ``igw``, another target's id, or empty for nowhere."""
    tables: Sequence[_Map] = routes.get("RouteTables", default=())
    mine = next((t for t in tables if any(a.get("SubnetId") == subnet for a in t.get("Associations") or ())), None)
    main = next((t for t in tables if any(a.get("Main") for a in t.get("Associations") or ())), None)
    for route in (mine or main or {}).get("Routes") or ():
        if route.get("DestinationCidrBlock") != "0.0.0.0/0" or route.get("State") == "blackhole":
            continue
        if route.get("NatGatewayId"):
            return "nat"
        gateway = str(route.get("GatewayId", ""))
        if gateway.startswith("igw-"):
            return "igw"
        return gateway or str(route.get("TransitGatewayId") or route.get("NetworkInterfaceId") or "other")
    return ""


def _opens(groups: Fact) -> bool:
    """Whether some group lets anything out."""
    found: Sequence[_Map] = groups.get("SecurityGroups", default=())
    return any(group.get("IpPermissionsEgress") for group in found)


def _trouble(subject: Subject, facts: Facts) -> str:
    found = first(_TROUBLE, [*message_of(subject, facts).splitlines(), *log_lines(facts)])
    return found[1].strip() if found else ""


def _problem(facts: Facts) -> tuple[str, str]:
    """(cause, sentence) of what is wrong with the VPC's set-up; empty for nothing."""
    vpc = build_of(facts).get("vpcConfig") or {}
    subnets, groups = facts["subnets"], facts["groups"]
    if subnets.outcome is Outcome.NO_DATA or groups.outcome is Outcome.NO_DATA:
        gone = subnets if subnets.outcome is Outcome.NO_DATA else groups
        return "build.vpc-config", f"The VPC settings name something that is gone: {gone.error or gone.code}."
    ways = {subnet: way_out(facts["routes"], subnet) for subnet in vpc.get("subnets") or ()}
    closed = [subnet for subnet, way in ways.items() if not way]
    public = [subnet for subnet, way in ways.items() if way == "igw"]
    if public:
        return (
            "build.network",
            (
                f"Subnet {', '.join(public)} leads straight to an internet gateway, and a build has no public "
                "address: it needs a subnet that leads to a NAT gateway."
            ),
        )
    if closed:
        return (
            "build.network",
            f"Subnet {', '.join(closed)} has no default route: nothing outside the VPC is reachable.",
        )
    if groups.ok and groups.get("SecurityGroups", 0) and not _opens(groups):
        return "build.network", "The security groups let nothing out."
    return "", ""


def _judge(subject: Subject, facts: Facts) -> Answer:
    if cannot := unseen(facts.get("build")):
        return cannot
    if "subnets" not in facts:
        where = "The build runs outside any VPC, with CodeBuild's own way to the internet."
        return not_applicable(where if build_of(facts) else "There is no build.", *spoken(facts))
    read = [facts["subnets"], facts["routes"], facts["groups"]]
    if cannot := unseen(*read):
        return cannot
    cause, problem = _problem(facts)
    cited = [*spoken(facts), *read]
    vpc = build_of(facts).get("vpcConfig") or {}
    if not problem:
        return passed(
            f"Every subnet of the build in {vpc.get('vpcId')} has a way out through a NAT or gateway.", *cited
        )
    trouble = _trouble(subject, facts) or (
        phase_said(failed_phase(build_of(facts))) if cause == "build.vpc-config" else ""
    )
    if cause == "build.vpc-config" and not _ABOUT_VPC.search(trouble):
        trouble = ""
    if healthy(subject) or build_of(facts).get("buildStatus") == "SUCCEEDED":
        return unknown(f"{problem} The build gets on without.", *cited)
    fix = manual(
        "codebuild.vpc",
        "Give the build a way out of its VPC",
        [
            problem,
            (
                "Use private subnets whose route table sends 0.0.0.0/0 to a NAT gateway, or add VPC endpoints for what "
                "the build talks to (S3, CloudWatch Logs, ECR, Secrets Manager, …)."
            ),
            retry_hint(subject),
        ],
        commands=[
            command(subject, "ec2", "DescribeRouteTables", Filters=[{"Name": "vpc-id", "Values": [vpc["vpcId"]]}])
        ],
    )
    one = finding(
        subject,
        _ID,
        cause,
        0.95 if trouble else 0.4,
        f"The build's subnets in {vpc.get('vpcId')} have no way to the internet"
        if cause == "build.network"
        else problem,
        f"{problem} {trouble}".strip(),
        cited,
        fixes=[fix],
        disproved_by="a route of those subnets to a NAT gateway, or endpoints for all that the build talks to",
        proven=bool(trouble),
    )
    return failed(problem, *cited, findings=[one], lines=[(0, trouble)] if trouble else [])


NETWORK = Step(
    id="network",
    question="If the build runs in a VPC, can it reach what it needs?",
    why="A build in a VPC has no public address: without a NAT gateway or endpoints, downloads hang and time out.",
    reads=(*LOG_READS, "ec2:DescribeSubnets", "ec2:DescribeRouteTables", "ec2:DescribeSecurityGroups"),
    gather=_gather,
    judge=_judge,
)
