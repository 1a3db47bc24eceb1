"""Room for old and new tasks at once: addresses, container instances, Fargate's quota, the deployment's own limits."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import Any

from core.fact import Evidence, Fact
from core.finding import Answer
from core.playbook import Facts, Step, Subject
from playbooks._answers import failed, finding, healthy, not_applicable, passed, plural, unknown, unseen
from playbooks._ask import ask
from playbooks._ecs import DEFINITION_READS, cluster, containers_of, definition_of, read_definition, service_of
from playbooks._fixes import command, manual, retry_hint

from ._definition import said
from ._service import describe

__all__ = ["CAPACITY"]

_ID = "ecs"
_Map = Mapping[str, Any]
_ADDRESS = re.compile(r"address|network interface|\bENI\b|unable to place", re.IGNORECASE)
_PLACE = re.compile(
    r"unable to place|no container instance met|insufficient (?:cpu|memory|ports?)|closest matching|RESOURCE:",
    re.IGNORECASE,
)
_LIMIT = re.compile(r"reached the limit|limit on the number of|quota|LimitExceeded", re.IGNORECASE)
_UNITS = 1024  # CPU units of one vCPU


def _network(facts: Facts) -> _Map:
    found: _Map = (service_of(facts).get("networkConfiguration") or {}).get("awsvpcConfiguration") or {}
    return found


def _fargate(facts: Facts) -> bool:
    """Whether the service runs on Fargate, by its launch type or its capacity providers."""
    providers = [str(each.get("capacityProvider")) for each in service_of(facts).get("capacityProviderStrategy") or ()]
    return service_of(facts).get("launchType") == "FARGATE" or any(each.startswith("FARGATE") for each in providers)


async def _gather(subject: Subject, evidence: Evidence) -> Facts:
    facts = await read_definition(subject, evidence)
    text, reads = said(subject, facts), {}
    if subnets := list(_network(facts).get("subnets") or ()):
        reads["subnets"] = ask(subject, evidence, "ec2", "DescribeSubnets", {"SubnetIds": subnets})
    if _fargate(facts) and _LIMIT.search(text):
        params = {"ServiceCode": "fargate"}
        reads["quotas"] = ask(subject, evidence, "service-quotas", "ListServiceQuotas", params, pages=2)
    elif service_of(facts) and not _fargate(facts) and _PLACE.search(text):
        params = {"cluster": cluster(subject)}
        reads["listed"] = ask(subject, evidence, "ecs", "ListContainerInstances", params, pages=1)
    facts |= dict(zip(reads, await asyncio.gather(*reads.values()), strict=True))
    if "listed" in facts and (arns := list(facts["listed"].get("containerInstanceArns", default=()))[:100]):
        described = {"cluster": cluster(subject), "containerInstances": arns}
        facts["hosts"] = await ask(subject, evidence, "ecs", "DescribeContainerInstances", described)
    return facts


# --- container instances


def _left(host: _Map, name: str) -> int:
    found: Sequence[_Map] = host.get("remainingResources") or ()
    return next((int(each.get("integerValue") or 0) for each in found if each.get("name") == name), 0)


def _needs(facts: Facts) -> tuple[int, int]:
    """(CPU units, MiB) that one task takes."""
    task = definition_of(facts)
    cpu = int(task.get("cpu") or 0) or sum(int(each.get("cpu") or 0) for each in containers_of(facts))
    memory = int(task.get("memory") or 0) or sum(
        int(each.get("memoryReservation") or each.get("memory") or 0) for each in containers_of(facts)
    )
    return cpu, memory


def _host_lines(facts: Facts) -> list[tuple[int, str]]:
    fact = facts.get("hosts")
    found: Sequence[_Map] = fact.get("containerInstances", default=()) if fact else ()
    return [
        (
            fact.n if fact else 0,
            (
                f"{each.get('ec2InstanceId', '?')} {each.get('status', '?')}"
                f"{'' if each.get('agentConnected', True) else ', agent not connected'}: "
                f"{_left(each, 'CPU')} CPU units and {_left(each, 'MEMORY')} MiB left"
            ),
        )
        for each in found[:8]
    ]


def _no_host(facts: Facts) -> str:
    """Why no container instance takes a task; empty where one would, or where they are not known."""
    fact, listed = facts.get("hosts"), facts.get("listed")
    if listed is not None and listed.ok and listed.get("containerInstanceArns") == []:
        return "the cluster has no container instance"
    if fact is None or not fact.ok:
        return ""
    found: Sequence[_Map] = fact.get("containerInstances", default=())
    alive = [each for each in found if each.get("agentConnected", True) and each.get("status") == "ACTIVE"]
    if found and not alive:
        return f"none of {plural(len(found), 'container instance')} is ACTIVE with its agent connected"
    cpu, memory = _needs(facts)
    fits = [each for each in alive if _left(each, "CPU") >= cpu and _left(each, "MEMORY") >= memory]
    if alive and not fits:
        best = max(alive, key=lambda each: (_left(each, "CPU") >= cpu, _left(each, "MEMORY")))
        return (
            f"a task takes {cpu} CPU units and {memory} MiB; the best container instance has {_left(best, 'CPU')} and "
            f"{_left(best, 'MEMORY')} left"
        )
    return ""


# --- Fargate


def _quota_lines(facts: Facts) -> list[tuple[int, str]]:
    fact = facts.get("quotas")
    found: Sequence[_Map] = fact.get("Quotas", default=()) if fact else ()
    return [(fact.n if fact else 0, f"{each.get('QuotaName')}: {each.get('Value', 0):.0f}") for each in found[:6]]


def _over_quota(facts: Facts, wanted: int) -> str:
    """How the service and its tasks stand to Fargate's quota of vCPUs; empty where that is not known."""
    fact = facts.get("quotas")
    spot = any(
        "SPOT" in str(each.get("capacityProvider")) for each in service_of(facts).get("capacityProviderStrategy") or ()
    )
    found: Sequence[_Map] = fact.get("Quotas", default=()) if fact else ()
    kind = "spot" if spot else "on-demand"
    mine = next(
        (e for e in found if kind in str(e.get("QuotaName", "")).lower() and "vcpu" in str(e["QuotaName"]).lower()),
        None,
    )
    if mine is None:
        return ""
    each = _needs(facts)[0] / _UNITS
    return (
        f"the account may run {float(mine.get('Value') or 0):.0f} vCPUs of Fargate {kind} at once; this service wants "
        f"{wanted} tasks of {each:g}, and as many again while it is being replaced"
    )


# --- the answer


def _stalled(facts: Facts) -> str:
    """Why the deployment's own limits leave no task that may be started or stopped; empty where they do."""
    limits = service_of(facts).get("deploymentConfiguration") or {}
    least, most = limits.get("minimumHealthyPercent"), limits.get("maximumPercent")
    wanted = int(service_of(facts).get("desiredCount") or 0)
    if not isinstance(least, int) or not isinstance(most, int) or wanted < 1:
        return ""
    may_run, must_run = wanted * most // 100, -(-wanted * least // 100)
    if may_run > wanted or must_run < wanted:
        return ""
    return f"with {least} % healthy at least and {most} % at most, no task of {wanted} may be started or stopped"


def _judge(subject: Subject, facts: Facts) -> Answer:  # noqa: PLR0911 (one return an outcome)
    if cannot := unseen(facts.get("service")):
        return cannot
    if not service_of(facts):
        return not_applicable("Without the service there is nothing to place.")
    text, wanted = said(subject, facts), int(service_of(facts).get("desiredCount") or 1)
    lines = [*_host_lines(facts), *_quota_lines(facts)]
    if stalled := _stalled(facts):
        return _short(subject, facts, stalled, lines, sure=0.8, proven=False)
    if none := _no_host(facts):
        return _short(subject, facts, none, lines, sure=0.95, proven=True)
    if over := _over_quota(facts, wanted):
        return _short(subject, facts, over, lines, sure=0.92, proven=True)
    fact = facts.get("subnets")
    if fact is None:
        kind = service_of(facts).get("launchType") or "capacity providers"
        return passed(f"The service runs on {kind} without subnets of its own.", facts["service"], lines=lines)
    if cannot := unseen(fact):
        return cannot
    found: Sequence[_Map] = fact.get("Subnets", default=())
    if not found:
        return unknown(f"The service's subnets could not be found: {fact.error or fact.code}.", fact, lines=lines)
    free = {
        str(each.get("SubnetId")): int(each.get("AvailableIpAddressCount") or 0)
        for each in found
        if "AvailableIpAddressCount" in each
    }
    lines += [(fact.n, f"{subnet}: {count} addresses free") for subnet, count in free.items()]
    if not free or sum(free.values()) > wanted:
        many = plural(sum(free.values()), "address", "addresses")
        return passed(f"{many} free in {plural(len(found), 'subnet')}.", fact, lines=lines)
    left = plural(sum(free.values()), "address", "addresses")
    detail = f"only {left} left in the service's subnets, for {plural(wanted, 'task')}"
    told = _ADDRESS.search(text) is not None
    return _short(subject, facts, detail, lines, sure=0.9 if told else 0.6, proven=told)


def _short(
    subject: Subject, facts: Facts, detail: str, lines: Sequence[tuple[int, str]], *, sure: float, proven: bool
) -> Answer:
    """The answer where there is no room, with its finding."""
    text = detail[:1].upper() + detail[1:]
    names = ("service", "definition", "subnets", "listed", "hosts", "quotas")
    cited: list[Fact] = [facts[name] for name in names if name in facts]
    if healthy(subject):
        return unknown(f"{text}.", *cited, lines=lines)
    fix = manual(
        "ecs.room",
        "Make room for old and new tasks at once",
        [
            f"{text}.",
            "A rolling deployment runs both for a while: a Fargate task takes an address and its share of the quota.",
            "Add instances, subnets or quota; or let maximumPercent be more than 100 or minimumHealthyPercent less.",
            retry_hint(subject),
        ],
        commands=[describe(subject), command(subject, "service-quotas", "ListServiceQuotas", ServiceCode="fargate")],
    )
    one = finding(
        subject,
        _ID,
        "ecs.capacity",
        sure,
        text,
        f"{text}. New tasks cannot start, so the service never becomes stable.",
        cited,
        fixes=[fix],
        disproved_by="a new task of the service that was placed meanwhile",
        proven=proven,
    )
    return failed(f"{text}.", *cited, findings=[one], lines=lines)


CAPACITY = Step(
    id="capacity",
    question="Is there room for old and new tasks at once: instances, quota, addresses, the deployment's own limits?",
    why="A rolling deployment runs both for a while; without addresses or capacity the new ones never start.",
    reads=(
        *DEFINITION_READS,
        "ec2:DescribeSubnets",
        "ecs:ListContainerInstances",
        "ecs:DescribeContainerInstances",
        "servicequotas:ListServiceQuotas",
    ),
    gather=_gather,
    judge=_judge,
)
