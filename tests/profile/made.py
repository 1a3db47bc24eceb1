"""Pipelines and histories made for tests: a structure in one line, and executions played through it group by group."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.pipeline import ActionDecl, Definition, StageDecl
from core.place import PipelineRef, Place
from core.profile.case import Case
from core.profile.model import ActionRun, History, Node, PastBuild, PastRun, StoredArtifact

START = 1_700_000_000.0
REF = PipelineRef(Place("", "eu-west-1"), "shop")


def act(name: str, category: str = "Build", provider: str = "", *, order: int = 1, **more: Any) -> ActionDecl:
    providers = {"Source": "CodeStarSourceConnection", "Build": "CodeBuild", "Test": "CodeBuild", "Deploy": "ECS"}
    given = {"run_order": order, **more}
    used = provider or providers.get(category, "Manual" if category == "Approval" else "Lambda")
    if used == "CodeBuild":
        given.setdefault("configuration", {"ProjectName": name.lower()})
    return ActionDecl(name, category, used, **given)


def source(name: str = "Source", output: str = "Src", **more: Any) -> ActionDecl:
    return act(name, "Source", outputs=(output,), **more)


def made(*stages: tuple[str, Sequence[ActionDecl]], mode: str = "SUPERSEDED", **more: Any) -> Definition:
    return Definition(
        "shop",
        7,
        "arn:aws:iam::111122223333:role/pipe",
        tuple(StageDecl(name, tuple(actions)) for name, actions in stages),
        {},
        pipeline_type=more.pop("pipeline_type", "V2"),
        execution_mode=mode,
        **more,
    )


def structure_of(definition: Definition) -> dict[str, Any]:
    """The definition as GetPipeline gives it."""
    return {
        "name": definition.name,
        "roleArn": definition.role_arn,
        "artifactStore": {"type": "S3", "location": "store"},
        "version": definition.version,
        "pipelineType": definition.pipeline_type,
        "executionMode": definition.execution_mode,
        "stages": [
            {
                "name": stage.name,
                "actions": [
                    {
                        "name": action.name,
                        "actionTypeId": {
                            "category": action.category,
                            "owner": "AWS",
                            "provider": action.provider,
                            "version": "1",
                        },
                        "runOrder": action.run_order,
                        "configuration": dict(action.configuration),
                        "inputArtifacts": [{"name": name} for name in action.inputs],
                        "outputArtifacts": [{"name": name} for name in action.outputs],
                        **({"namespace": action.namespace} if action.namespace else {}),
                        **({"region": action.region} if action.region else {}),
                    }
                    for action in stage.actions
                ],
                **{kind: {"conditions": [{"result": "FAIL"}]} for kind in stage.conditions},
            }
            for stage in definition.stages
        ],
    }


def with_raw(definition: Definition) -> Definition:
    return replace(definition, raw=json.dumps(structure_of(definition)))


Phases = Callable[[Node, int], Sequence[tuple[str, float]] | None]


@dataclass(frozen=True, slots=True)
class Player:
    """Plays executions: durations by action (with a spread), waits before stages, phases of builds."""

    definition: Definition
    seconds: Mapping[str, float]
    spread: float = 0.05
    waits: Mapping[str, float] | None = None
    gap_s: float = 1.5
    phases: Phases | None = None
    cache: Callable[[int], str] = lambda _number: "NO_CACHE"
    compute: str = "BUILD_GENERAL1_SMALL"
    every_s: float = 6 * 3600.0

    def history(self, count: int, seed: int = 1) -> History:
        rng = random.Random(seed)  # noqa: S311 (made-up durations)
        builds: dict[str, PastBuild] = {}
        runs = [self._run(number, rng, builds) for number in range(count)]
        return History("shop", tuple(reversed(runs)), builds, START + count * self.every_s)

    def _run(self, number: int, rng: random.Random, builds: dict[str, PastBuild]) -> PastRun:
        began = now = START + number * self.every_s
        actions: list[ActionRun] = []
        for stage in self.definition.stages:
            now += (self.waits or {}).get(stage.name, 0.0) + self.gap_s * (1 if actions else 0)
            orders = sorted({action.run_order for action in stage.actions})
            for index, order in enumerate(orders):
                now += self.gap_s if index else 0.0
                ends = []
                for action in stage.actions:
                    if action.run_order == order:
                        run = self._action(number, stage.name, action, now, rng, builds)
                        actions.append(run)
                        ends.append(run.ended_at or now)
                now = max(ends)
        return PastRun(
            f"e-{number}",
            "Succeeded",
            began,
            now,
            self.definition.execution_mode,
            revisions=(f"Source=c{number}",),
            actions=tuple(actions),
        )

    def _action(
        self,
        number: int,
        stage: str,
        declared: ActionDecl,
        now: float,
        rng: random.Random,
        builds: dict[str, PastBuild],
    ) -> ActionRun:
        took = self.seconds[declared.name] * rng.uniform(1 - self.spread, 1 + self.spread)
        build_id = f"{declared.name.lower()}:{number}"
        if declared.provider == "CodeBuild":
            phases = self.phases((stage, declared.name), number) if self.phases else None
            if phases is not None:
                took = sum(seconds for _, seconds in phases)
            builds[build_id] = PastBuild(
                build_id,
                declared.configuration["ProjectName"],
                "SUCCEEDED",
                now,
                now + took,
                tuple(phases or (("QUEUED", 1.0), ("PROVISIONING", 8.0), ("BUILD", max(took - 9.0, 0.0)))),
                self.compute,
                "LINUX_CONTAINER",
                cache=self.cache(number),
            )
        outputs = tuple(StoredArtifact(name, "store", f"{number}/{name}") for name in declared.outputs)
        return ActionRun(
            f"{declared.name}-{number}",
            stage,
            declared.name,
            "Succeeded",
            now,
            now + took,
            declared.category,
            declared.provider,
            declared.region,
            build_id if declared.provider == "CodeBuild" else "",
            outputs=outputs,
        )


def case_of(definition: Definition, history: History, **more: Any) -> Case:
    return Case(REF, "111122223333", definition, history, **more)
