"""Deployments that wait by their settings: bake time, batches, health checks, deregistration."""

from __future__ import annotations

import math
from collections.abc import Mapping
from statistics import median
from typing import Any

from core.age import duration
from core.fact import Fact
from core.finding import Fix
from core.plan import Plan
from core.plans.balancer import set_deregistration_delay, set_health_check
from core.plans.codedeploy import set_group
from core.plans.ecs import set_rollout
from core.profile.advice._words import advice_fix, regions_of, worth
from core.profile.case import Advice, Case
from core.profile.model import Node, label

__all__ = ["advise"]

_URL = "https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html"
_DELAY_URL = (
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html"
    "#deregistration-delay"
)
_DELAY_WANTED_S = 30.0
_HEALTHY_WANTED_S = 20.0
_BAKE_WANTED_S = 300.0
_SHIFT_WANTED_S = 300.0
# https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html
_CANARIES = {
    "ECS": "CodeDeployDefault.ECSCanary10Percent5Minutes",
    "Lambda": "CodeDeployDefault.LambdaCanary10Percent5Minutes",
}
_MANY_BATCHES = 3
_ROLLING_URL = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html"


def advise(case: Case) -> list[Advice]:
    """One piece of advice for each setting that a deployment waits for."""
    found: list[Advice] = []
    for node in case.actions:
        key = f"{node[0]}/{node[1]}"
        group, service = case.facts.get(f"group:{key}"), case.facts.get(f"service:{key}")
        if group is None and service is None:
            continue
        found += _delay(case, node, case.facts.get(f"attributes:{key}"), service)
        found += _health(case, node, case.facts.get(f"targets:{key}"))
        found += _bake(case, node, group, service)
        found += _one_by_one(case, node, group, case.facts.get(f"config:{key}"))
        found += _steps(case, node, group, case.facts.get(f"config:{key}"))
        found += _batches(case, node, service)
    return found


def _seconds(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return 0.0


def _advice(
    case: Case,
    node: Node,
    less_s: float,
    range_: tuple[float, float],
    words: tuple[str, str],
    facts: tuple[int, ...],
    fix: Fix,
) -> list[Advice]:
    less = min(less_s, case.usual_s(node))
    saving = case.saving({node: less}, *range_)
    if saving is None or not worth(case, saving.saved_s):
        return []
    title, summary = words
    return [
        Advice(
            cause="perf.slow-deploy",
            title=f"{title}: {duration(saving.saved_s)} saved",
            summary=summary,
            saving=saving,
            basis="estimated from settings; " + case.basis("replayed"),
            nodes=(node,),
            lines=(f"{label(node)} usually takes {duration(case.usual_s(node))}.",),
            facts=facts,
            fixes=(fix,),
        )
    ]


def _delay(case: Case, node: Node, fact: Fact | None, service: Fact | None) -> list[Advice]:
    """Old targets are kept for the deregistration delay, unless their last connection closes before.

    How long a deployment really waits for that shows in the service's events; where they do not tell and the action
    takes less than the delay, it evidently does not wait for it.
    """
    attributes = fact.get("Attributes", default=()) if fact and fact.ok else ()
    held = {str(each.get("Key")): each.get("Value") for each in attributes if isinstance(each, Mapping)}
    delay = _seconds(held.get("deregistration_delay.timeout_seconds"))
    if fact is None or delay <= _DELAY_WANTED_S:
        return []
    drained = draining_s(service.get("services", 0, "events", default=())) if service else None
    usual = case.usual_s(node)
    if drained is None and usual <= delay:
        return []
    arn = str(fact.params.get("TargetGroupArn", ""))
    name = arn.split("/")[1] if arn.count("/") >= 2 else arn
    plan = set_deregistration_delay(case.where, fact, int(_DELAY_WANTED_S), region=regions_of(case, node))
    fix = advice_fix(
        "perf.slow-deploy.deregistration",
        f"Lower the deregistration delay of {name} to {duration(_DELAY_WANTED_S)}",
        plan,
        ("Take the longest request that must not be cut as the least value.",),
        _DELAY_URL,
    )
    title = f"Wait less for old targets of {name} ({duration(delay)})"
    why = f"{name} keeps a target that was taken out for up to {duration(delay)} while a connection to it is open."
    if drained is None:
        words = (title, f"{why} How much of that a deployment waits for, nothing here tells: look at its events.")
        return _advice(case, node, (delay - _DELAY_WANTED_S) / 2, (0.0, 2.0), words, (fact.n,), fix)
    words = (title, f"{why} The service's events show {duration(drained)} between draining and the steady state.")
    cited = (fact.n, service.n) if service else (fact.n,)
    return _advice(case, node, min(drained, delay) - _DELAY_WANTED_S, (0.7, 1.0), words, cited, fix)


def draining_s(events: Any) -> float | None:
    """The median time (s) from a service's first draining to its next steady state, by ECS's events; None if unsaid.

    Source of the words: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html
    """
    told = [(_seconds(each.get("createdAt")), str(each.get("message"))) for each in events if isinstance(each, Mapping)]
    found: list[float] = []
    began: float | None = None
    for at, message in sorted(told):
        if "draining connections" in message:
            began = at if began is None else began
        elif began is not None and "steady state" in message:
            found.append(at - began)
            began = None
    return median(found) if found else None


def _health(case: Case, node: Node, fact: Fact | None) -> list[Advice]:
    """A new target counts as healthy after interval × threshold."""
    group = fact.get("TargetGroups", 0, default={}) if fact and fact.ok else {}
    interval = _seconds(group.get("HealthCheckIntervalSeconds"))
    times = _seconds(group.get("HealthyThresholdCount"))
    if fact is None or interval * times <= _HEALTHY_WANTED_S * 2 or times < 2:
        return []
    values = {"HealthCheckIntervalSeconds": 10, "HealthyThresholdCount": 2}
    timeout = _seconds(group.get("HealthCheckTimeoutSeconds"))
    if timeout >= values["HealthCheckIntervalSeconds"]:
        values["HealthCheckTimeoutSeconds"] = 5
    name = str(group.get("TargetGroupName", ""))
    title = f"Check targets of {name} every 10 s, two times"
    plan = set_health_check(case.where, fact, values, title=title, region=regions_of(case, node))
    fix = advice_fix("perf.slow-deploy.health", title, plan, ("Set interval 10 s and healthy threshold 2.",), _URL)
    words = (
        f"Let {name} find new targets healthy sooner ({interval:.0f} s × {times:.0f})",
        f"A new target waits {duration(interval * times)} until {name} sends it requests, and the deployment with it.",
    )
    return _advice(case, node, interval * times - _HEALTHY_WANTED_S, (0.7, 2.0), words, (fact.n,), fix)


def _bake(case: Case, node: Node, group: Fact | None, service: Fact | None) -> list[Advice]:
    """Blue/green keeps the old side for a while; the deployment is over only then."""
    fact = group or service
    if fact is None or not fact.ok:
        return []
    wait = fact.get(
        "deploymentGroupInfo",
        "blueGreenDeploymentConfiguration",
        "terminateBlueInstancesOnDeploymentSuccess",
        default={},
    )
    minutes = _seconds(wait.get("terminationWaitTimeInMinutes")) if wait.get("action") == "TERMINATE" else 0.0
    minutes = minutes or _seconds(fact.get("services", 0, "deploymentConfiguration", "bakeTimeInMinutes"))
    if minutes * 60.0 <= _BAKE_WANTED_S or case.usual_s(node) < minutes * 60.0:
        return []
    blue = fact.get("deploymentGroupInfo", "blueGreenDeploymentConfiguration", default={})
    shorter = {**wait, "terminationWaitTimeInMinutes": int(_BAKE_WANTED_S / 60)}
    values = {"blueGreenDeploymentConfiguration": {**blue, "terminateBlueInstancesOnDeploymentSuccess": shorter}}
    title = f"Keep the old side for {duration(_BAKE_WANTED_S)}"
    region, bake = regions_of(case, node), {"bakeTimeInMinutes": int(_BAKE_WANTED_S / 60)}
    note = "After that there is no old side to go back to at once: let alarms on the new side fire within that time."
    fix = advice_fix(
        "perf.slow-deploy.bake",
        title,
        _group_plan(case, node, fact, values, title, note)
        if wait
        else set_rollout(case.where, fact, bake, title=title, note=note, region=region),
        (
            "Let alarms on the new side roll back at once; then the wait need only cover the time in which they fire.",
            f"Lower the wait from {minutes:.0f} to 5 minutes.",
        ),
        _URL,
    )
    words = (
        f"Keep the old side of {label(node)} for less than {minutes:.0f} min",
        f"The deployment ends {minutes:.0f} minutes after all traffic has moved; the pipeline waits for that.",
    )
    return _advice(case, node, minutes * 60.0 - _BAKE_WANTED_S, (0.9, 1.0), words, (fact.n,), fix)


def _group_plan(
    case: Case, node: Node, group: Fact | None, values: Mapping[str, Any], title: str, note: str
) -> Plan | None:
    """The plan to set members of a deployment group, where it could be read."""
    if group is None or not group.get("deploymentGroupInfo", "deploymentGroupName"):
        return None
    return set_group(case.where, group, values, title=title, risk_note=note, region=regions_of(case, node))


def _one_by_one(case: Case, node: Node, group: Fact | None, fact: Fact | None) -> list[Advice]:
    """Instances one after another, or traffic in small steps."""
    info = fact.get("deploymentConfigInfo", default={}) if fact and fact.ok else {}
    name = str(info.get("deploymentConfigName", ""))
    if fact is None or not name.endswith("OneAtATime"):
        return []
    title = "Deploy to half of the instances at a time"
    note = "Half of the instances are out at a time: see that the others can carry the load."
    fix = advice_fix(
        "perf.slow-deploy.batch",
        title,
        _group_plan(case, node, group, {"deploymentConfigName": "CodeDeployDefault.HalfAtATime"}, title, note),
        (
            "Use CodeDeployDefault.HalfAtATime, or a configuration with a minimum of healthy hosts that still serves.",
            "See that the rest can carry the load while half of them are out.",
        ),
        _URL,
    )
    words = (
        f"Deploy to more than one instance at a time in {label(node)}",
        f"{name} takes instances one after another; two batches take as long as two instances.",
    )
    return _advice(case, node, case.usual_s(node) * 0.4, (0.3, 1.6), words, (fact.n,), fix)


def _steps(case: Case, node: Node, group: Fact | None, fact: Fact | None) -> list[Advice]:
    """Traffic that moves by the clock: its waits are the configuration's own."""
    info = fact.get("deploymentConfigInfo", default={}) if fact and fact.ok else {}
    routing = info.get("trafficRoutingConfig") or {}
    linear, canary = routing.get("timeBasedLinear") or {}, routing.get("timeBasedCanary") or {}
    share = max(_seconds(linear.get("linearPercentage")), 1.0)
    waits = math.ceil(100.0 / share) - 1 if linear else 1 if canary else 0
    whole = waits * _seconds(linear.get("linearInterval") or canary.get("canaryInterval")) * 60.0
    if fact is None or whole < 2 * _SHIFT_WANTED_S or case.usual_s(node) < whole:
        return []
    name = str(info.get("deploymentConfigName", ""))
    usual = _CANARIES.get(str(info.get("computePlatform", "")), "")
    note = "Nine tenths of the traffic move at once after five minutes: let alarms stop it within that time."
    values = {"deploymentConfigName": usual}
    fix = advice_fix(
        "perf.slow-deploy.shift",
        "Move the traffic in two steps",
        _group_plan(case, node, group, values, f"Move traffic as {usual} does", note) if usual else None,
        (
            f"Use {usual or 'a canary of the platform'}, or a configuration of your own.",
            "Let alarms stop the deployment, so that the first step is long enough for them to fire.",
        ),
        _URL,
    )
    title = f"Move traffic in fewer steps in {label(node)}"
    times = f"{waits} step{'s' if waits != 1 else ''}"
    why = f"{name} waits {duration(whole)} in {times} until all traffic has moved, whatever the new side does."
    return _advice(case, node, whole - _SHIFT_WANTED_S, (0.9, 1.0), (title, why), (fact.n,), fix)


def _batches(case: Case, node: Node, fact: Fact | None) -> list[Advice]:
    """A rolling ECS deployment replaces as many tasks at a time as minimum and maximum leave room for."""
    service = fact.get("services", 0, default={}) if fact and fact.ok else {}
    settings = service.get("deploymentConfiguration") or {}
    wanted = int(_seconds(service.get("desiredCount")))
    most, least = _seconds(settings.get("maximumPercent")), _seconds(settings.get("minimumHealthyPercent"))
    at_once = math.floor(wanted * most / 100.0) - math.ceil(wanted * least / 100.0)
    batches = math.ceil(wanted / at_once) if at_once > 0 else 0
    if fact is None or batches < _MANY_BATCHES:
        return []
    action, note = "Let more tasks start at once", "A deployment takes room for twice the tasks while it runs."
    region = regions_of(case, node)
    fix = advice_fix(
        "perf.slow-deploy.rolling",
        action,
        set_rollout(case.where, fact, {"maximumPercent": 200}, title=action, note=note, region=region),
        (
            f"Raise the service's maximumPercent from {most:.0f} to 200, where there is room for twice the tasks.",
            "Where it has not, lower minimumHealthyPercent as far as the load allows.",
        ),
        _ROLLING_URL,
    )
    title = f"Replace more tasks at a time in {label(node)}"
    why = (
        f"{wanted} tasks with minimum {least:.0f} % and maximum {most:.0f} % are replaced {at_once} at a time, "
        f"in {batches} batches that each start, become healthy and drain."
    )
    return _advice(case, node, case.usual_s(node) * (1 - 1 / batches) / 2, (0.3, 1.6), (title, why), (fact.n,), fix)
