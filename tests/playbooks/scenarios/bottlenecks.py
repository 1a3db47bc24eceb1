"""Pipelines that work, but slowly: a run that is late, and what its past shows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.pipeline import ActionState, ArtifactStore, Definition, Execution, PipelineState, StageState
from core.playbook import Subject
from tests.playbooks.corpus import Case
from tests.playbooks.recorded import Reply, reply
from tests.playbooks.scene import NOW, STORE, subject
from tests.profile.made import Player, act, made, source, structure_of

HOUR = 3600.0
IN = ("Src",)


def _about(definition: Definition, *, ran_s: float = 2 * HOUR) -> Subject:
    """A run of the definition that began long ago, in its last action for a minute."""
    definition = replace(definition, name="web", stores={"": ArtifactStore(STORE)})
    stage = definition.stages[-1]
    at_work = ActionState(stage.actions[0].name, "InProgress", changed_at=NOW - 60)
    states = tuple(
        StageState(each.name, "InProgress" if each is stage else "Succeeded", "now", actions=(at_work,))
        for each in definition.stages
    )
    return replace(
        subject("Lambda", category="Invoke", status="InProgress"),
        definition=definition,
        state=PipelineState("web", 7, states),
        stage=stage,
        action=stage.actions[0],
        action_state=at_work,
        execution=Execution("now", "InProgress", NOW - ran_s, NOW - 60),
    )


def _past(player: Player, count: int = 20, ran_s: float = 2 * HOUR) -> list[Reply]:
    """What AWS answers of its past: the run under way and the executions before it."""
    history = player.history(count)
    shift = NOW - 2 * HOUR - ran_s - history.runs[0].started_at
    executions: list[dict[str, Any]] = [
        {"pipelineExecutionId": "now", "status": "InProgress", "startTime": NOW - ran_s, "lastUpdateTime": NOW - 60}
    ]
    details: list[dict[str, Any]] = []
    for run in history.runs:
        ended = (run.ended_at or 0.0) + shift
        executions.append(
            {
                "pipelineExecutionId": run.id,
                "status": run.status,
                "startTime": run.started_at + shift,
                "lastUpdateTime": ended,
            }
        )
        details += [
            {
                "pipelineExecutionId": run.id,
                "actionExecutionId": action.id,
                "stageName": action.stage,
                "actionName": action.action,
                "status": action.status,
                "startTime": action.started_at + shift,
                "lastUpdateTime": (action.ended_at or 0.0) + shift,
                "input": {"actionTypeId": {"category": action.category, "provider": action.provider}},
                "output": {"executionResult": {"externalExecutionId": action.external_id}},
            }
            for action in reversed(run.actions)
        ]
    builds = [
        {
            "id": build.id,
            "projectName": build.project,
            "buildStatus": build.status,
            "startTime": (build.started_at or 0.0) + shift,
            "endTime": (build.ended_at or 0.0) + shift,
            "phases": [{"phaseType": name, "durationInSeconds": seconds} for name, seconds in build.phases],
            "environment": {"computeType": build.compute, "type": build.environment},
            "cache": {"type": build.cache},
        }
        for build in history.builds.values()
    ]
    structure = structure_of(replace(player.definition, name="web"))
    states = [
        {"stageName": stage.name, "latestExecution": {"pipelineExecutionId": "now", "status": "Succeeded"}}
        for stage in player.definition.stages
    ]
    return [
        reply("codepipeline", "ListPipelineExecutions", {"pipelineExecutionSummaries": executions}),
        reply("codepipeline", "ListActionExecutions", {"actionExecutionDetails": details}),
        reply("codebuild", "BatchGetBuilds", {"builds": builds, "buildsNotFound": []}),
        reply("codepipeline", "GetPipeline", {"pipeline": structure}),
        reply("codepipeline", "GetPipelineState", {"pipelineName": "web", "stageStates": states}),
    ]


_SERIAL = made(
    ("Source", [source()]),
    ("Test", [act(name, "Test", order=order, inputs=IN) for order, name in enumerate(("Unit", "Lint", "E2E"), 1)]),
    ("Notify", [act("Notify", "Invoke", inputs=IN)]),
)
_SECONDS = {"Source": 3.0, "Unit": 150.0, "Lint": 100.0, "E2E": 170.0, "Notify": 20.0}
_GATED = made(
    ("Source", [source()]),
    ("Build", [act("Unit", "Test", inputs=IN)]),
    ("Gate", [act("Approve", "Approval")]),
    ("Notify", [act("Notify", "Invoke", inputs=IN)]),
)
_GATED_SECONDS = {"Source": 3.0, "Unit": 60.0, "Approve": 1800.0 * 2, "Notify": 20.0}
_SIDE = made(
    ("Source", [source()]),
    ("Test", [act(name, "Test", inputs=IN) for name in ("Unit", "Lint")]),
    ("Notify", [act("Notify", "Invoke", inputs=IN)]),
)
_SIDE_SECONDS = {"Source": 3.0, "Unit": 100.0, "Lint": 80.0, "Notify": 20.0}

CASES = [
    Case("bottlenecks-healthy", "bottlenecks", _about(_SIDE), _past(Player(_SIDE, _SIDE_SECONDS))),
    Case(
        "bottlenecks-long-but-not-late",
        "bottlenecks",
        _about(_GATED, ran_s=HOUR),
        _past(Player(_GATED, _GATED_SECONDS), ran_s=HOUR),
    ),
    Case(
        "bottlenecks-serial-tests",
        "bottlenecks",
        _about(_SERIAL),
        _past(Player(_SERIAL, _SECONDS)),
        "perf.sequential-actions",
        "runOrder",
        automatic=True,
        proven=False,
    ),
    Case(
        "bottlenecks-approval",
        "bottlenecks",
        _about(_GATED, ran_s=3 * HOUR),
        _past(Player(_GATED, _GATED_SECONDS), ran_s=3 * HOUR),
        "perf.approval-wait",
        "SNS topic",
        proven=False,
    ),
]
