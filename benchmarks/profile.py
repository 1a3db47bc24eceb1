"""The profile of a pipeline with 1,000 executions: reading the models, all figures, all advice. Limit: 3 s."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from typing import Any

from benchmarks.measure import ROUNDS, Result, Spin, row
from core.pipeline import ActionDecl, Definition, StageDecl
from core.place import PipelineRef, Place
from core.profile.api import action_run, assemble, past_build, past_run
from core.profile.case import Case
from core.profile.model import History
from core.profile.profile import profile_of
from core.profile.to_json import to_json

LIMIT_S = 3.0
_START, _EVERY = 1_700_000_000.0, 6 * 3600.0
_PHASES = (
    "SUBMITTED",
    "QUEUED",
    "PROVISIONING",
    "DOWNLOAD_SOURCE",
    "INSTALL",
    "PRE_BUILD",
    "BUILD",
    "UPLOAD_ARTIFACTS",
)


def _definition(tests: int) -> Definition:
    source = ActionDecl("Source", "Source", "CodeStarSourceConnection", outputs=("Src",))
    build = ActionDecl("Build", "Build", "CodeBuild", inputs=("Src",), outputs=("App",))
    checks = tuple(
        ActionDecl(f"Test{number}", "Test", "CodeBuild", run_order=number, inputs=("Src",))
        for number in range(1, tests + 1)
    )
    ship = ActionDecl("Ship", "Deploy", "ECS", inputs=("App",))
    stages = (
        StageDecl("Source", (source,)),
        StageDecl("Build", (build,)),
        StageDecl("Test", checks),
        StageDecl("Deploy", (ship,)),
    )
    return Definition("shop", 3, "arn:aws:iam::111122223333:role/pipe", stages, {}, pipeline_type="V2")


def _answers(definition: Definition, count: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """What AWS would answer, one execution, action or build at a time."""
    rng = random.Random(7)  # noqa: S311
    for number in range(count):
        began = now = _START + number * _EVERY
        status = "Failed" if rng.random() < 0.1 else "Succeeded"
        for stage in definition.stages:
            for action in stage.actions:
                took = rng.uniform(60, 200)
                build = f"{action.name.lower()}:{number}"
                yield (
                    "action",
                    {
                        "pipelineExecutionId": f"e-{number}",
                        "actionExecutionId": f"{action.name}-{number}",
                        "stageName": stage.name,
                        "actionName": action.name,
                        "startTime": now,
                        "lastUpdateTime": now + took,
                        "status": "Succeeded",
                        "input": {"actionTypeId": {"category": action.category, "provider": action.provider}},
                        "output": {"executionResult": {"externalExecutionId": build}},
                    },
                )
                if action.provider == "CodeBuild":
                    phases = [
                        {"phaseType": name, "durationInSeconds": took / 8, "startTime": now, "endTime": now + took / 8}
                        for name in _PHASES
                    ]
                    yield (
                        "build",
                        {
                            "id": build,
                            "projectName": action.name,
                            "buildStatus": "SUCCEEDED",
                            "startTime": now,
                            "endTime": now + took,
                            "phases": phases,
                            "environment": {"computeType": "BUILD_GENERAL1_SMALL", "type": "LINUX_CONTAINER"},
                        },
                    )
                now += took + 2
        yield (
            "execution",
            {
                "pipelineExecutionId": f"e-{number}",
                "status": status,
                "startTime": began,
                "lastUpdateTime": now,
                "sourceRevisions": [{"actionName": "Source", "revisionId": f"c{number // 2}"}],
            },
        )


def _seconds(count: int = 1000, tests: int = 6) -> float:
    """The seconds that a profile of so many executions takes."""
    definition = _definition(tests)
    answers = list(_answers(definition, count))
    began = time.perf_counter()
    runs = [found for kind, each in answers if kind == "execution" and (found := past_run(each))]
    actions = [made for kind, each in answers if kind == "action" and (made := action_run(each))]
    builds = {build.id: build for kind, each in answers if kind == "build" and (build := past_build(each)).id}
    history = History("shop", assemble(runs, actions), builds, _START + count * _EVERY)
    case = Case(PipelineRef(Place("", "eu-west-1"), "shop"), "111122223333", definition, history)
    profile = profile_of(case)
    json.dumps(to_json(profile))
    took = time.perf_counter() - began
    assert profile.advice
    return took


def run() -> Result:
    """Measure a few rounds; the limit is that of the whole command without its reads."""
    spin = Spin()
    times = []
    for _ in range(ROUNDS):
        spin.turn()
        times.append(_seconds())
    return Result("profile", (row("profile of 1,000 executions", times, "s", target=LIMIT_S),), tuple(spin.times))
