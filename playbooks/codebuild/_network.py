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


_ABOUT_VPC = re.compile(r"\bvpc\b|subnet|security group|network interface|\beni\b|address", re.IGNORECASE)


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
    facts |= dict(zip(reads, await asyncio.gather(*reads.values()), strict=True))
    if _trouble(subject, facts):
        facts |= await _beyond(subject, evidence, facts, in_vpc, subnets)
    return facts


async def _beyond(
    subject: Subject, evidence: Evidence, facts: Facts, in_vpc: Sequence[_Map], subnets: Sequence[str]
) -> dict[str, Fact]:
    """What lies behind the routes: NAT gateways, and endpoints that do without them."""
    ids = [nat for subnet in subnets if (nat := str(_default_route(facts["routes"], subnet).get("NatGatewayId") or ""))]
    reads = {"endpoints": ask(subject, evidence, "ec2", "DescribeVpcEndpoints", {"Filters": in_vpc})}
    if ids:
        wanted = {"NatGatewayIds": list(dict.fromkeys(ids))}
        reads["nats"] = ask(subject, evidence, "ec2", "DescribeNatGateways", wanted)
    return dict(zip(reads, await asyncio.gather(*reads.values()), strict=True))


def _default_route(routes: Fact, subnet: str) -> _Map:
    """A subnet's route to everywhere, by its own table or the main one; empty for none."""
    tables: Sequence[_Map] = routes.get("RouteTables", default=())
    mine = next((t for t in tables if any(a.get("SubnetId") == subnet for a in t.get("Associations") or ())), None)
    main = next((t for t in tables if any(a.get("Main") for a in t.get("Associations") or ())), None)
    found = (mine or main or {}).get("Routes") or ()
    fits = (r for r in found if r.get("DestinationCidrBlock") == "0.0.0.0/0" and r.get("State") != "blackhole")
    return next(fits, {})


def way_out(routes: Fact, subnet: str) -> str:
    """Where a subnet's default route leads: ``nat``, ``igw``, another target's id, or empty for nowhere."""
    route = _default_route(routes, subnet)
    gateway = str(route.get("GatewayId", ""))
    if route.get("NatGatewayId"):
        return "nat"
    if gateway.startswith("igw-"):
        return "igw"
    return gateway or str(
        route.get("TransitGatewayId") or route.get("NetworkInterfaceId") or ("other" if route else "")
    )


# What nearly every build talks to; without a way to the internet each needs an endpoint.
_TALKS_TO = ("s3", "logs", "ecr.api", "ecr.dkr", "secretsmanager", "ssm", "codebuild", "sts")


def _endpoints(facts: Facts) -> list[tuple[int, str]]:
    """Which endpoints the VPC has, and which of the usual ones it has not."""
    fact = facts.get("endpoints")
    if fact is None or not fact.ok:
        return []
    found: Sequence[_Map] = fact.get("VpcEndpoints", default=())
    have = {".".join(str(each.get("ServiceName", "")).split(".")[3:]) for each in found if _usable(each)}
    down = [f"{each.get('ServiceName')} is {each.get('State')}" for each in found if not _usable(each)]
    lacking = [each for each in _TALKS_TO if each not in have]
    lines = [(fact.n, f"endpoints: {', '.join(sorted(have)) or 'none'}; not there: {', '.join(lacking) or 'none'}")]
    return [*lines, *((fact.n, each) for each in down)]


def _usable(endpoint: _Map) -> bool:
    return str(endpoint.get("State", "available")).lower() == "available"


def _nat_down(facts: Facts) -> str:
    """A NAT gateway that the routes lead to and that does not work; empty for none."""
    fact = facts.get("nats")
    for each in fact.get("NatGateways", default=()) if fact else ():
        if each.get("State") not in ("available", None):
            why = f": {each.get('FailureMessage')}" if each.get("FailureMessage") else ""
            return f"NAT gateway {each.get('NatGatewayId')} is {each.get('State')}{why}."
    return ""


def _full(subnets: Fact) -> list[str]:
    """Subnets without a free address."""
    return [
        str(each.get("SubnetId"))
        for each in subnets.get("Subnets", default=())
        if each.get("AvailableIpAddressCount") == 0
    ]


def _rules(groups: Fact) -> list[_Map]:
    """What the groups let out."""
    found: Sequence[_Map] = groups.get("SecurityGroups", default=())
    return [rule for group in found for rule in group.get("IpPermissionsEgress") or ()]


def _lets_https_out(rules: Sequence[_Map]) -> bool:
    """Whether some rule lets HTTPS out to everywhere."""
    for rule in rules:
        anywhere = any(each.get("CidrIp") == "0.0.0.0/0" for each in rule.get("IpRanges") or ())
        every = rule.get("IpProtocol") in ("-1", -1)
        first, last = rule.get("FromPort"), rule.get("ToPort")
        port = isinstance(first, int) and isinstance(last, int) and first <= 443 <= last
        if anywhere and (every or port):
            return True
    return False


def _trouble(subject: Subject, facts: Facts) -> str:
    found = first(_TROUBLE, [*message_of(subject, facts).splitlines(), *log_lines(facts)])
    return found[1].strip() if found else ""


def _problem(facts: Facts) -> tuple[str, str]:  # noqa: PLR0911 (one return a problem)
    """(cause, sentence) of what is wrong with the VPC's set-up; empty for nothing."""
    vpc = build_of(facts).get("vpcConfig") or {}
    subnets, groups = facts["subnets"], facts["groups"]
    if subnets.outcome is Outcome.NO_DATA or groups.outcome is Outcome.NO_DATA:
        gone = subnets if subnets.outcome is Outcome.NO_DATA else groups
        return "build.vpc-config", f"The VPC settings name something that is gone: {gone.error or gone.code}."
    shown = facts["routes"].get("RouteTables") is not None
    ways = {subnet: way_out(facts["routes"], subnet) for subnet in vpc.get("subnets") or () if shown}
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
    if groups.ok and groups.get("SecurityGroups", 0) and not _rules(groups):
        return "build.network", "The security groups let nothing out."
    if down := _nat_down(facts):
        return "build.network", down
    if (full := _full(subnets)) and len(full) == len(vpc.get("subnets") or ()):
        return "build.vpc-config", f"No address is free in subnet {', '.join(full)}: no network interface fits in."
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
    cited = [*spoken(facts), *read, *(facts[name] for name in ("endpoints", "nats") if name in facts)]
    vpc, lines = build_of(facts).get("vpcConfig") or {}, _endpoints(facts)
    if not problem:
        narrow = facts["groups"].ok and bool(_rules(facts["groups"])) and not _lets_https_out(_rules(facts["groups"]))
        note = " The security groups let HTTPS out to some addresses alone." if narrow else ""
        detail = f"Every subnet of the build in {vpc.get('vpcId')} has a way out through a NAT or gateway.{note}"
        return passed(detail, *cited, lines=lines)
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
        if cause == "build.network" and not _nat_down(facts)
        else problem.rstrip("."),
        f"{problem} {trouble}".strip(),
        cited,
        fixes=[fix],
        disproved_by="a route of those subnets to a NAT gateway, or endpoints for all that the build talks to",
        proven=bool(trouble),
    )
    return failed(problem, *cited, findings=[one], lines=[*([(0, trouble)] if trouble else []), *lines])


NETWORK = Step(
    id="network",
    question="If the build runs in a VPC, can it reach what it needs?",
    why="A build in a VPC has no public address: without a NAT gateway or endpoints, downloads hang and time out.",
    reads=(
        *LOG_READS,
        "ec2:DescribeSubnets",
        "ec2:DescribeRouteTables",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeVpcEndpoints",
        "ec2:DescribeNatGateways",
    ),
    gather=_gather,
    judge=_judge,
)
