from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from core.fact import Fact, Outcome
from core.pipeline import Definition
from core.profile.advice import (
    all_advice,
    approval,
    artifact,
    cache,
    compute,
    deploy,
    flaky,
    provisioning,
    queue,
    regression,
)
from core.profile.build_log import BuildLogFacts, Command
from core.profile.case import Advice, Case
from core.profile.extras import ArtifactSize, Extras, Usage, extras_of
from core.profile.model import History, Node, PastRun
from core.profile.profile import profile_of
from core.profile.spec import read_spec
from core.profile.to_json import to_json
from core.zip_list import Folder
from tests.profile.histories import KNOWN
from tests.profile.made import Player, act, case_of, made, source

IN = ("Src",)
SCHEMA = Draft202012Validator(json.loads((Path(__file__).parents[2] / "docs/profile.schema.json").read_text("utf-8")))
SIMPLE = made(
    ("Source", [source()]),
    ("Build", [act("Build", inputs=IN, outputs=("App",))]),
    ("Test", [act("Load", "Test", inputs=("App",))]),
    ("Deploy", [act("Ship", "Deploy", inputs=("App",))]),
)
SECONDS = {"Source": 3.0, "Build": 200.0, "Load": 100.0, "Ship": 120.0}


def phases(install: float = 60.0, **more: float) -> Any:
    def of(node: Node, _number: int) -> list[tuple[str, float]]:
        held = {"QUEUED": 1.0, "PROVISIONING": 8.0, "DOWNLOAD_SOURCE": 5.0, "INSTALL": install, "BUILD": 90.0}
        held |= {"UPLOAD_ARTIFACTS": 5.0} | more
        return list(held.items()) if node[1] == "Build" else [("BUILD", 100.0)]

    return of


def simple(count: int = 20, definition: Definition = SIMPLE, **more: Any) -> History:
    return Player(definition, SECONDS, **more).history(count)


def project(**more: Any) -> Fact:
    value = {"name": "build", "environment": {"computeType": "BUILD_GENERAL1_SMALL"}, "cache": {"type": "NO_CACHE"}}
    return Fact(5, "codebuild", "BatchGetProjects", {}, Outcome.OK, {"projects": [{**value, **more}]})


def ok(value: Mapping[str, Any], n: int = 9, **params: Any) -> Fact:
    return Fact(n, "any", "Any", params, Outcome.OK, value)


def test_a_cache_saves_what_builds_with_one_took_less() -> None:
    def some(node: Node, number: int) -> Any:
        return phases(12.0 if number < 8 else 80.0)(node, number)

    history = simple(20, phases=some, cache=lambda number: "S3" if number < 8 else "NO_CACHE")
    found = cache.advise(case_of(SIMPLE, history))
    assert [each.cause for each in found] == ["perf.no-cache"]
    assert found[0].saved_s == pytest.approx(68, rel=0.1)
    assert found[0].basis == "measured on 8 builds that had a cache"


def test_a_cache_is_judged_by_the_commands_in_the_log_and_offered_through_the_wizard() -> None:
    log = BuildLogFacts((Command("npm ci", 70.0, "INSTALL"), Command("npm test", 30.0, "BUILD")), 1, 0, 0, 7)
    extras = Extras({"build": project()}, {"build": log})
    found = cache.advise(case_of(SIMPLE, simple(phases=phases(72.0)), extras=extras))[0]
    assert found.saved_s == pytest.approx(70 * 0.65, rel=0.05)
    assert found.facts == (5, 7)
    plan = found.fixes[0].plan
    assert plan
    assert plan.call.params["cache"]["type"] == "LOCAL"
    assert "/root/.npm/**/*" in found.fixes[0].steps[0]


def test_the_buildspec_in_the_source_says_what_is_missing_for_a_cache_and_what_it_stores() -> None:
    spec = "version: 0.2\nartifacts:\n  files:\n    - '**/*'\nphases:\n  build:\n    commands:\n      - npm ci\n"
    inside = ok({"files": {"ci/build.yml": spec}}, 12)
    named = ok({"files": {"ci/build.yml": f"{spec}cache:\n  paths:\n    - '/root/.npm/**/*'\n"}}, 12)
    of = project(source={"type": "CODEPIPELINE", "buildspec": "ci/build.yml"})
    log = {"lines": ["[Container] 2026/01/15 03:12:00.1 Running command npm ci",
                     "[Container] 2026/01/15 03:13:10.1 Phase complete: INSTALL State: SUCCEEDED"]}  # fmt: skip
    size = {"size:App": ok({"ContentLength": 80_000_000}, 14)}
    history = simple(phases=phases(72.0, UPLOAD_ARTIFACTS=62.0))

    def case(fact: Fact) -> Case:
        facts = {"project:build": of, "spec:build": fact, "log:build": ok(log, 13), **size}
        return case_of(SIMPLE, history, extras=extras_of(facts))

    found = cache.advise(case(inside))[0]
    assert found.facts == (5, 13, 12)
    assert "Ci/build.yml in the source names nothing to be kept between builds." in found.lines
    assert found.fixes[0].steps[0] == "Add `cache: paths:` to ci/build.yml in the source: /root/.npm/**/*."
    assert cache.advise(case(named))[0].fixes[0].steps[0].startswith("Leave `cache: paths:` in ci/build.yml")
    stored = artifact.advise(case(inside))[0]
    assert stored.lines[0] == "ci/build.yml in the source, line 4, stores everything."
    assert stored.facts == (14, 12)


def test_tests_that_run_in_parts_already_are_not_split_again() -> None:
    long = Player(SIMPLE, {**SECONDS, "Load": 600.0}).history(10)
    text = "version: 0.2\nbatch:\n  build-fanout:\n    parallelism: 4\nphases:\n"
    assert [each.nodes for each in compute.advise(case_of(SIMPLE, long))] == [(("Test", "Load"),)]
    extras = Extras(specs={"load": read_spec(text, "the project's buildspec")})
    assert compute.advise(case_of(SIMPLE, long, extras=extras)) == []


def test_a_cache_that_is_hit_needs_no_advice() -> None:
    log = BuildLogFacts((Command("npm ci", 70.0, "INSTALL"),), 0, 3, 0)
    assert cache.advise(case_of(SIMPLE, simple(phases=phases(72.0)), extras=Extras({}, {"build": log}))) == []
    assert cache.advise(case_of(SIMPLE, simple(phases=phases(2.0)))) == []


def test_a_large_artifact_costs_what_packing_and_fetching_it_take() -> None:
    held = ArtifactSize("App", 80_000_000, (Folder("node_modules", 60_000_000, 9000),), (3, 4))
    history = simple(phases=phases(UPLOAD_ARTIFACTS=62.0))
    found = artifact.advise(case_of(SIMPLE, history, extras=Extras(artifacts={"App": held})))[0]
    assert found.cause == "perf.large-artifact"
    assert found.saved_s == pytest.approx(60 * 0.75, rel=0.05)
    assert "node_modules" in found.lines[0]
    small = ArtifactSize("App", 800_000)
    assert artifact.advise(case_of(SIMPLE, history, extras=Extras(artifacts={"App": small}))) == []


def test_a_machine_that_is_used_up_is_replaced_by_the_next_with_its_cost() -> None:
    extras = Extras({"build": project()}, usage={"build": Usage(93.0, 100.0, 60.0, 8)})
    found = compute.advise(case_of(SIMPLE, simple(phases=phases()), extras=extras))
    larger = next(each for each in found if each.nodes == (("Build", "Build"),))
    assert "general1.medium" in larger.title
    assert larger.saving
    assert larger.saving.low_s < larger.saved_s < larger.saving.high_s
    assert larger.cost_before
    assert larger.cost_after
    plan = larger.fixes[0].plan
    assert plan
    assert plan.call.params["environment"]["computeType"] == "BUILD_GENERAL1_MEDIUM"


def test_a_machine_that_idles_may_be_smaller_and_none_is_judged_without_figures() -> None:
    history = simple(phases=phases(), compute="BUILD_GENERAL1_LARGE")
    idle = Extras(usage={"build": Usage(8.0, 30.0, 20.0, 8)})
    found = compute.advise(case_of(SIMPLE, history, extras=idle))
    assert found[0].cost_after
    assert found[0].cost_before
    assert found[0].cost_after < found[0].cost_before
    assert not compute.advise(case_of(SIMPLE, history, extras=Extras(usage={"build": Usage(None, None, None, 8)})))


def test_a_late_machine_is_said_with_its_reason() -> None:
    history = simple(phases=phases(PROVISIONING=75.0))
    images = {
        key: replace(each, image="111122223333.dkr.ecr.eu-west-1.amazonaws.com/ci:7")
        for key, each in history.builds.items()
    }
    extras = Extras({"build": project(vpcConfig={"vpcId": "vpc-1"})})
    facts = {"image:build": ok({"imageDetails": [{"imageSizeInBytes": 3_420_000_000}]}, 21)}
    found = provisioning.advise(case_of(SIMPLE, replace(history, builds=images), extras=extras, facts=facts))
    assert found[0].lines[0].endswith("ci:7, 3.4 GB packed")
    assert found[0].facts == (21,)
    assert found[0].saved_s == pytest.approx(63, rel=0.05)
    assert any("VPC" in line for line in found[0].lines)
    assert any("image smaller" in step for step in found[0].fixes[0].steps)
    assert provisioning.advise(case_of(SIMPLE, simple(phases=phases()))) == []


def test_an_approval_that_waits_long_and_tells_nobody() -> None:
    known = next(each for each in KNOWN if each.name == "approval is a barrier")
    slow = Player(known.definition, {**known.seconds, "Approve": 5400.0})
    found = approval.advise(case_of(known.definition, slow.history(10)))
    assert found[0].cause == "perf.approval-wait"
    assert "NotificationArn" in found[0].fixes[0].steps[0]
    assert approval.advise(case_of(known.definition, known.player.history(10))) == []


def test_waiting_before_a_stage_is_told_with_the_mode() -> None:
    known = next(each for each in KNOWN if each.name == "queueing")
    found = queue.advise(case_of(known.definition, known.player.history(10)))
    assert found[0].saved_s == pytest.approx(175, abs=5)
    assert "most before Deploy" in found[0].title
    assert "QUEUED" in found[0].lines[0]


def test_builds_that_queue_are_told_with_the_projects_limit() -> None:
    extras = Extras({"build": project(concurrentBuildLimit=1)})
    found = queue.advise(case_of(SIMPLE, simple(phases=phases(QUEUED=50.0)), extras=extras))
    assert found[0].lines == ("The project's own limit is 1 builds at a time.",)


def test_an_action_that_became_slower_names_the_execution_and_the_phase() -> None:
    def some(node: Node, number: int) -> Any:
        return phases(20.0 if number < 20 else 95.0)(node, number)

    found = regression.advise(case_of(SIMPLE, simple(30, phases=some)))
    assert [each.nodes for each in found] == [(("Build", "Build"),)]
    assert found[0].saved_s == pytest.approx(75, rel=0.1)
    assert any("e-20" in line for line in found[0].lines)
    assert any("INSTALL" in line for line in found[0].lines)


def flipping() -> Case:
    """A test that failed, and passed when it was run again."""
    history = simple(6)
    first = history.runs[-1]
    load = first.actions[2]
    broken = replace(load, id="x", status="Failed", started_at=load.started_at - 50, ended_at=load.started_at - 5)
    flipped = replace(first, actions=(*first.actions[:2], broken, *first.actions[2:]))
    extras = Extras(flaky_tests={("Test", "Load"): ("cart adds twice",)})
    return case_of(SIMPLE, replace(history, runs=(*history.runs[:-1], flipped)), extras=extras)


def test_a_flaky_action_is_told_with_the_tests_that_failed() -> None:
    found = flaky.advise(flipping())
    assert found[0].nodes == (("Test", "Load"),)
    assert "Test that failed then: cart adds twice" in found[0].lines


def test_settings_that_a_deployment_waits_for() -> None:
    arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/1"
    delay = {"Attributes": [{"Key": "deregistration_delay.timeout_seconds", "Value": "300"}]}
    group = {"TargetGroupName": "web", "TargetGroupArn": arn, "HealthCheckIntervalSeconds": 30,
             "HealthyThresholdCount": 5, "HealthCheckTimeoutSeconds": 5}  # fmt: skip
    wait = {"action": "TERMINATE", "terminationWaitTimeInMinutes": 30}
    named = {
        "applicationName": "shop",
        "deploymentGroupName": "prod",
        "deploymentConfigName": "CodeDeployDefault.OneAtATime",
    }
    blue = {**named, "blueGreenDeploymentConfiguration": {"terminateBlueInstancesOnDeploymentSuccess": wait}}
    facts = {
        "group:Deploy/Ship": ok({"deploymentGroupInfo": blue}, 1),
        "attributes:Deploy/Ship": ok(delay, 2, TargetGroupArn=arn),
        "targets:Deploy/Ship": ok({"TargetGroups": [group]}, 3),
        "config:Deploy/Ship": ok({"deploymentConfigInfo": {"deploymentConfigName": "CodeDeployDefault.OneAtATime"}}, 4),
    }
    slow = Player(SIMPLE, {**SECONDS, "Ship": 2400.0}).history(10)
    found = {each.facts[0]: each for each in deploy.advise(case_of(SIMPLE, slow, facts=facts))}
    assert set(found) == {1, 2, 3, 4}
    assert found[1].saved_s == pytest.approx(1500, rel=0.05)
    baked, halved = found[1].fixes[0].plan, found[4].fixes[0].plan
    assert baked
    assert baked.call.params["blueGreenDeploymentConfiguration"] == {
        "terminateBlueInstancesOnDeploymentSuccess": {"action": "TERMINATE", "terminationWaitTimeInMinutes": 5}
    }
    assert halved
    assert halved.call.params["deploymentConfigName"] == "CodeDeployDefault.HalfAtATime"
    assert found[2].saved_s == pytest.approx(135, rel=0.05)
    assert found[2].saving
    assert found[2].saving.low_s == 0
    assert found[2].saving.high_s == pytest.approx(270, rel=0.05)
    delayed = found[2].fixes[0].plan
    assert delayed
    assert delayed.call.params == {
        "TargetGroupArn": arn,
        "Attributes": [{"Key": "deregistration_delay.timeout_seconds", "Value": "30"}],
    }
    assert found[3].saved_s == pytest.approx(130, rel=0.05)
    assert found[3].fixes[0].plan
    assert deploy.advise(case_of(SIMPLE, slow)) == []


def test_traffic_by_the_clock_and_tasks_a_few_at_a_time_are_told_with_their_waits() -> None:
    linear = {"type": "TimeBasedLinear", "timeBasedLinear": {"linearPercentage": 10, "linearInterval": 3}}
    config = "CodeDeployDefault.ECSLinear10PercentEvery3Minutes"
    info = {"deploymentConfigName": config, "trafficRoutingConfig": linear, "computePlatform": "ECS"}
    group = {"applicationName": "shop", "deploymentGroupName": "prod", "deploymentConfigName": config}
    rolling = {"maximumPercent": 125, "minimumHealthyPercent": 100}
    service = {"desiredCount": 12, "deploymentConfiguration": rolling}
    facts = {
        "group:Deploy/Ship": ok({"deploymentGroupInfo": group}, 1),
        "config:Deploy/Ship": ok({"deploymentConfigInfo": info}, 4),
        "service:Deploy/Ship": ok({"services": [service]}, 5),
    }
    slow = Player(SIMPLE, {**SECONDS, "Ship": 2000.0}).history(10)
    found = {each.facts[0]: each for each in deploy.advise(case_of(SIMPLE, slow, facts=facts))}
    assert set(found) == {4, 5}
    assert found[4].saved_s == pytest.approx(9 * 180 - 300, rel=0.05)
    assert "waits 27m in 9 steps" in found[4].summary
    shifted = found[4].fixes[0].plan
    assert shifted
    assert shifted.call.params["deploymentConfigName"] == "CodeDeployDefault.ECSCanary10Percent5Minutes"
    assert "replaced 3 at a time, in 4 batches" in found[5].summary
    rolled = found[5].fixes[0].plan
    assert rolled
    assert rolled.call.params["deploymentConfiguration"] == {"maximumPercent": 200, "minimumHealthyPercent": 100}
    assert found[5].saved_s == pytest.approx(2000 * 0.75 / 2, rel=0.05)
    quick = Player(SIMPLE, {**SECONDS, "Ship": 300.0}).history(10)
    assert [each.facts[0] for each in deploy.advise(case_of(SIMPLE, quick, facts=facts))] == [5]
    service["desiredCount"] = 2
    assert deploy.advise(case_of(SIMPLE, quick, facts=facts)) == []


def test_a_services_bake_time_is_shortened_through_the_wizard() -> None:
    service = {"serviceName": "web", "deploymentConfiguration": {"bakeTimeInMinutes": 25, "strategy": "BLUE_GREEN"}}
    facts = {"service:Deploy/Ship": ok({"services": [service]}, 5)}
    slow = Player(SIMPLE, {**SECONDS, "Ship": 2400.0}).history(10)
    (found,) = deploy.advise(case_of(SIMPLE, slow, facts=facts))
    assert found.saved_s == pytest.approx(1200, rel=0.05)
    plan = found.fixes[0].plan
    assert plan
    assert plan.call.params["deploymentConfiguration"] == {"bakeTimeInMinutes": 5, "strategy": "BLUE_GREEN"}
    assert plan.undo is not None


def test_a_deregistration_delay_counts_as_far_as_the_services_events_show_it() -> None:
    arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/1"
    delay = {"Attributes": [{"Key": "deregistration_delay.timeout_seconds", "Value": "300"}]}

    def found(seconds: float, *events: tuple[float, str]) -> list[Advice]:
        service = {"events": [{"createdAt": at, "message": f"(service web) {words}."} for at, words in events]}
        facts = {
            "attributes:Deploy/Ship": ok(delay, 2, TargetGroupArn=arn),
            "service:Deploy/Ship": ok({"services": [service]}, 1),
        }
        history = Player(SIMPLE, {**SECONDS, "Ship": seconds}).history(10)
        return deploy.advise(case_of(SIMPLE, history, facts=facts))

    assert found(180.0) == []  # three minutes cannot hold a wait of five
    drains = ((100.0, "has begun draining connections on 1 tasks"), (250.0, "has reached a steady state"))
    told = found(400.0, *drains)[0]
    assert told.saved_s == pytest.approx(120, rel=0.02)
    assert told.facts == (2, 1)
    assert "show 2m 30s between draining and the steady state" in told.summary
    assert found(400.0, (100.0, drains[0][1]), (104.0, drains[1][1])) == []


def test_shorter_builds_cost_less_and_the_figures_are_of_a_whole_execution() -> None:
    extras = Extras({"build": project()}, {"build": BuildLogFacts((Command("npm ci", 170.0, "INSTALL"),), 1, 0, 0, 7)})
    case = case_of(SIMPLE, simple(phases=phases(172.0)), extras=extras)
    found = next(each for each in all_advice(case) if each.cause == "perf.no-cache")
    assert found.cost_before
    assert found.cost_after
    # 281 s and 100 s are 5 and 2 minutes at half a cent; each action's minutes, 0.2 cents; 110 s are two minutes less.
    assert found.cost_before == pytest.approx(7 * 0.005 + (1 + 5 + 2 + 2) * 0.002, abs=0.003)
    assert found.cost_before - found.cost_after == pytest.approx(2 * (0.005 + 0.002), abs=0.001)
    unpriced = case_of(SIMPLE, simple(phases=phases(172.0), compute="BUILD_GENERAL9_HUGE"), extras=extras)
    assert next(each for each in all_advice(unpriced) if each.cause == "perf.no-cache").cost_before is None


def test_nothing_is_advised_without_a_history_or_on_a_quick_pipeline() -> None:
    assert all_advice(case_of(SIMPLE, History("shop"))) == ()
    quick = Player(SIMPLE, {"Source": 2.0, "Build": 20.0, "Load": 8.0, "Ship": 5.0}).history(20)
    assert all_advice(case_of(SIMPLE, quick)) == ()


@pytest.mark.parametrize("known", KNOWN, ids=lambda known: known.name)
def test_a_whole_profile_of_each_history_is_said_in_json(known: Any) -> None:
    profile = profile_of(case_of(known.definition, known.player.history(15)))
    told = json.loads(json.dumps(to_json(profile)))
    SCHEMA.validate(told)
    assert told["duration"]["count"] == 15
    assert sum(told["time_s"].values()) == pytest.approx(profile.whole.median_s, rel=0.1) if profile.whole else False
    assert told["critical_path"][0]["action"] == "Source"
    assert [each["saved_s"] or 0 for each in told["advice"]] == sorted(
        (each["saved_s"] or 0 for each in told["advice"]), reverse=True
    )


def test_json_of_what_never_ran_and_of_what_flips_keeps_to_the_schema() -> None:
    never = to_json(profile_of(case_of(SIMPLE, History("shop"))))
    SCHEMA.validate(never)
    assert (never["duration"], never["cost_usd"], never["stages"]) == (None, None, [])
    told = to_json(profile_of(flipping()))
    SCHEMA.validate(told)
    assert told["flaky"] == [
        {"stage": "Test", "action": "Load", "times": 1, "rate": 0.1429, "lost_s": 50.0, "tests": ["cart adds twice"]}
    ]
    with pytest.raises(ValidationError):
        SCHEMA.validate({**told, "more": 1})


def test_a_structure_that_was_changed_leaves_too_few_runs_and_says_so() -> None:
    old = simple(10)
    grown = made(*((stage.name, stage.actions) for stage in SIMPLE.stages), ("More", [act("Extra", "Test", inputs=IN)]))
    case: Case = case_of(grown, old)
    assert case.replayable == ()
    assert [each for each in all_advice(case) if each.saving] == []
    assert isinstance(old.runs[0], PastRun)
