"""Invoked work: functions, state machines, commands, workers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.playbook import Subject
from tests.playbooks.corpus import Case
from tests.playbooks.recorded import Reply, absent, allows, denied, log, reply
from tests.playbooks.scene import ACCOUNT, REGION, subject

ROLE = f"arn:aws:iam::{ACCOUNT}:role/notify"
EXECUTION = f"arn:aws:states:{REGION}:{ACCOUNT}:execution:migrate:run-1"
STREAM = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/codepipeline/web:log-stream:run-1"


def _lambda(message: str = "", status: str = "Failed") -> Subject:
    return subject(
        "Lambda", category="Invoke", configuration={"FunctionName": "notify"}, status=status, message=message
    )


def _machine(message: str = "", status: str = "Failed") -> Subject:
    configuration = {"StateMachineArn": f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:migrate"}
    return subject(
        "StepFunctions",
        category="Invoke",
        configuration=configuration,
        status=status,
        message=message,
        external_id=EXECUTION,
    )


def _jenkins(message: str = "", status: str = "Failed") -> Subject:
    about = subject("CiServer", category="Build", configuration={"ProjectName": "web"}, status=status, message=message)
    action = replace(about.action, owner="Custom")
    return replace(about, action=action, stage=replace(about.stage, actions=(action,)))


def _commands(message: str = "", status: str = "Failed") -> Subject:
    return subject("Commands", category="Compute", status=status, message=message)


def _function(**more: Any) -> Reply:
    value = {"FunctionName": "notify", "State": "Active", "Runtime": "python3.12", "Timeout": 3, "Role": ROLE, **more}
    return reply("lambda", "GetFunctionConfiguration", value)


def _events(*lines: str) -> Reply:
    return reply("logs", "FilterLogEvents", {"events": [{"message": line} for line in lines]})


def _types(provider: str = "CiServer") -> Reply:
    kind = {"category": "Build", "owner": "Custom", "provider": provider, "version": "1"}
    return reply("codepipeline", "ListActionTypes", {"actionTypes": [{"id": kind}]})


def _execution(status: str, **more: Any) -> list[Reply]:
    return [
        reply("stepfunctions", "DescribeExecution", {"executionArn": EXECUTION, "status": status, **more}),
        reply(
            "stepfunctions",
            "GetExecutionHistory",
            {"events": [{"type": "TaskFailed"}, {"stateEnteredEventDetails": {"name": "CopyTables"}}]},
        ),
    ]


def _state() -> Reply:
    stage = {
        "stageName": "Compute",
        "inboundTransitionState": {"enabled": True},
        "latestExecution": {"pipelineExecutionId": "e-1", "status": "Failed"},
        "actionStates": [
            {"actionName": "ComputeIt", "latestExecution": {"status": "Failed", "logStreamARN": STREAM}},
        ],
    }
    return reply("codepipeline", "GetPipelineState", {"stageStates": [stage]})


CASES = [
    Case("invoke-healthy", "invoke", _lambda(status="Succeeded"), [_function(), _events("START", "END")]),
    Case("invoke-machine-healthy", "invoke", _machine(status="Succeeded"), _execution("SUCCEEDED")),
    Case(
        "invoke-function-gone",
        "invoke",
        _lambda("The AWS Lambda function notify cannot be found"),
        [absent("lambda", "GetFunctionConfiguration")],
        "lambda.invoke-failed",
        "list-functions",
    ),
    Case(
        "invoke-function-timed-out",
        "invoke",
        _lambda("The AWS Lambda function notify failed to return a result. The action timed out"),
        [_function(), _events("START", "2026-01-01T00:00:00Z 1-2 Task timed out after 3.00 seconds")],
        "lambda.invoke-failed",
        "time-out",
    ),
    Case(
        "invoke-function-cannot-report",
        "invoke",
        _lambda(
            "The AWS Lambda function notify failed to return a result: it did not call PutJobSuccessResult in time"
        ),
        [
            _function(),
            _events("START", "END"),
            allows("codepipeline:PutJobSuccessResult", "codepipeline:PutJobFailureResult", role=ROLE),
        ],
        "lambda.invoke-failed",
        "PutJobSuccessResult",
        automatic=True,
    ),
    Case(
        "invoke-machine-failed",
        "invoke",
        _machine("The state machine execution failed"),
        _execution("FAILED", error="States.TaskFailed", cause="table orders is locked"),
        "stepfunctions.failed",
        "CopyTables",
    ),
    Case(
        "invoke-worker-unknown",
        "invoke",
        _jenkins("The action failed because no worker polled for the job: timed out"),
        [_types("OtherServer")],
        "thirdparty.job-failed",
        "PollForJobs",
    ),
    Case(
        "invoke-worker-failed",
        "invoke",
        _jenkins("Build #17 of job web failed"),
        [_types()],
        "thirdparty.job-failed",
    ),
    Case(
        "invoke-commands",
        "invoke",
        _commands("The command failed with exit code 127"),
        [
            _state(),
            log(
                ["+ terrafrom plan", "sh: terrafrom: command not found"],
                logGroupName="/aws/codepipeline/web",
                logStreamName="run-1",
            ),
        ],
        "build.command-not-found",
        proven=False,
    ),
    Case(
        "invoke-not-allowed-to-look",
        "invoke",
        _machine("The state machine execution failed with States.TaskFailed"),
        [denied("stepfunctions", "DescribeExecution"), *_execution("FAILED")[1:]],
        "stepfunctions.failed",
        proven=False,
    ),
]
