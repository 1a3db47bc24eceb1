"""What holds a pipeline up without an error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from core.pipeline import ActionDecl, ActionState, Execution, StageDecl, StageState, Transition
from core.playbook import Subject
from tests.playbooks.corpus import Case
from tests.playbooks.recorded import Reply, denied, reply
from tests.playbooks.scene import NOW, build, subject

HOUR = 3600.0
SOURCE = StageDecl("Source", (ActionDecl("Fetch", "Source", "S3", outputs=("In",)),))


def _subject(status: str = "Succeeded", execution: str = "", **more: Any) -> Subject:
    run = Execution("e-2", execution or status, NOW - 2 * HOUR, NOW - HOUR)
    given: dict[str, Any] = {
        "configuration": {"FunctionName": "notify"},
        "category": "Invoke",
        "inputs": ["In"],
        **more,
    }
    return subject("Lambda", status=status, others=[SOURCE], execution=run, **given)


def _stage(name: str, execution: str, status: str, **more: Any) -> dict[str, Any]:
    return {
        "stageName": name,
        "inboundTransitionState": {"enabled": True},
        "latestExecution": {"pipelineExecutionId": execution, "status": status},
        "actionStates": [],
        **more,
    }


def _state(*stages: dict[str, Any]) -> Reply:
    return reply("codepipeline", "GetPipelineState", {"pipelineName": "web", "stageStates": list(stages)})


def _executions(*runs: tuple[str, str, float], **more: Any) -> Reply:
    listed = [
        {"pipelineExecutionId": run, "status": status, "startTime": NOW - ago, "lastUpdateTime": NOW - ago + 60, **more}
        for run, status, ago in runs
    ]
    return reply("codepipeline", "ListPipelineExecutions", {"pipelineExecutionSummaries": listed})


def _history(took: Sequence[float]) -> Reply:
    details = [
        {
            "stageName": "Invoke",
            "actionName": "InvokeIt",
            "status": "Succeeded",
            "startTime": NOW - 9 * HOUR,
            "lastUpdateTime": NOW - 9 * HOUR + seconds,
        }
        for seconds in took
    ]
    return reply("codepipeline", "ListActionExecutions", {"actionExecutionDetails": details})


def _working(ago: float) -> list[dict[str, Any]]:
    run = {"status": "InProgress", "lastStatusChange": NOW - ago, "externalExecutionId": "run-1"}
    return [{"actionName": "InvokeIt", "latestExecution": run}]


CLOSED = {
    "enabled": False,
    "lastChangedBy": "arn:aws:iam::111122223333:user/sam",
    "lastChangedAt": NOW - 9 * HOUR,
    "disabledReason": "sale",
}
PIPELINE = reply("codepipeline", "GetPipeline", {"pipeline": {"name": "web"}})
WELL = [
    _state(_stage("Source", "e-2", "Succeeded"), _stage("Invoke", "e-2", "Succeeded")),
    PIPELINE,
    _executions(("e-2", "Succeeded", 9.0)),
]


def _off(about: Subject) -> Subject:
    stages = (StageState("Source"), StageState("Invoke", transition=Transition(False, reason="sale"), inbound=("e-2",)))
    return replace(about, state=replace(about.state, stages=stages))


CASES = [
    Case("flow-healthy", "flow", _subject(), WELL),
    Case(
        "flow-healthy-closed-but-nothing-waits",
        "flow",
        _subject(),
        [
            _state(
                _stage("Source", "e-2", "Succeeded"),
                _stage("Invoke", "e-2", "Succeeded", inboundTransitionState=CLOSED),
            ),
            *WELL,
        ],
    ),
    Case(
        "flow-healthy-short-queue",
        "flow",
        _subject("InProgress", state=ActionState("InvokeIt", "InProgress", changed_at=NOW - 60)),
        [
            _state(
                _stage("Source", "e-2", "Succeeded"),
                _stage(
                    "Invoke",
                    "e-1",
                    "InProgress",
                    inboundExecutions=[{"pipelineExecutionId": "e-2"}],
                    actionStates=_working(60),
                ),
            ),
            _executions(("e-2", "InProgress", 90.0), ("e-1", "InProgress", 300.0)),
            _history([50, 60, 70, 80]),
            PIPELINE,
        ],
    ),
    Case(
        "flow-transition-disabled",
        "flow",
        _off(_subject()),
        [
            _state(
                _stage("Source", "e-2", "Succeeded"),
                _stage("Invoke", "e-1", "Succeeded", inboundTransitionState=CLOSED),
            ),
            *WELL,
        ],
        "flow.transition-disabled",
        "sam",
        automatic=True,
    ),
    Case(
        "flow-stage-busy",
        "flow",
        _subject("InProgress", state=ActionState("InvokeIt", "InProgress", changed_at=NOW - 3 * HOUR)),
        [
            _state(
                _stage("Source", "e-2", "Succeeded"),
                _stage(
                    "Invoke",
                    "e-1",
                    "InProgress",
                    inboundExecutions=[{"pipelineExecutionId": "e-2"}],
                    actionStates=_working(3 * HOUR),
                ),
            ),
            _executions(("e-2", "InProgress", 2 * HOUR), ("e-1", "InProgress", 4 * HOUR)),
            _history([50, 60, 70, 80]),
            PIPELINE,
        ],
        "flow.stage-busy",
        "run-1",
        automatic=True,
    ),
    Case(
        "flow-stuck",
        "flow",
        _subject("InProgress", state=ActionState("InvokeIt", "InProgress", changed_at=NOW - 3 * HOUR)),
        [
            _state(
                _stage("Source", "e-2", "Succeeded"),
                _stage("Invoke", "e-2", "InProgress", actionStates=_working(3 * HOUR)),
            ),
            _executions(("e-2", "InProgress", 3 * HOUR)),
            _history([50, 60, 70, 80]),
            PIPELINE,
        ],
        "flow.stuck",
        "run-1",
        proven=False,
    ),
    Case(
        "flow-superseded",
        "flow",
        _subject("Succeeded", "Superseded"),
        [_executions(("e-3", "Succeeded", 60.0), ("e-2", "Superseded", 2 * HOUR)), *WELL],
        "flow.superseded",
        "e-3",
    ),
    Case(
        "flow-stopped",
        "flow",
        _subject("Succeeded", "Stopped"),
        [
            _executions(("e-2", "Stopped", 2 * HOUR), stopTrigger={"reason": "wrong branch"}),
            reply(
                "cloudtrail",
                "LookupEvents",
                {"Events": [{"Username": "sam", "CloudTrailEvent": '{"pipelineExecutionId":"e-2"}'}]},
            ),
            *WELL,
        ],
        "flow.stopped",
        "sam",
    ),
    Case(
        "flow-condition-failed",
        "flow",
        _subject("Succeeded"),
        [
            _state(
                _stage("Source", "e-2", "Succeeded"),
                _stage(
                    "Invoke",
                    "e-1",
                    "Failed",
                    beforeEntryConditionState={
                        "latestExecution": {"status": "Failed"},
                        "conditionStates": [
                            {
                                "ruleStates": [
                                    {
                                        "ruleName": "no-alarm",
                                        "latestExecution": {"status": "Failed", "summary": "alarm web-5xx is ALARM"},
                                    }
                                ]
                            }
                        ],
                    },
                ),
            ),
            *WELL,
        ],
        "flow.condition-failed",
        "web-5xx",
        automatic=True,
    ),
    Case(
        "flow-variable",
        "flow",
        _subject(
            "Failed",
            configuration={"FunctionName": "notify", "UserParameters": "#{BuildVars.TAG}"},
            message="The action failed because a variable reference could not be resolved",
        ),
        [PIPELINE, *WELL],
        "flow.variable",
        "BuildVars",
    ),
    Case(
        "flow-not-allowed-to-look",
        "flow",
        _off(_subject()),
        [denied("codepipeline", "GetPipelineState"), _executions(("e-2", "Superseded", 99.0)), build()],
        "flow.superseded",
    ),
]
