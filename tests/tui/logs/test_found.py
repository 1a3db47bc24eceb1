"""Logs of an action, found from what AWS says of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.logs import LogGroup
from core.pipeline import ActionDecl, ActionExecution
from core.playbook import Subject
from tests.builders import action, subject
from tests.playbooks.recorded import Recorded, Reply, denied, reply
from tui.logs.found import Offer, attempts, sources_of
from tui.logs.source import SourceKind
from tui.logs.sources import event_reader

REGION = "eu-west-1"
RUN = f"arn:aws:states:{REGION}:111122223333:execution:migrate:one"
MACHINE = f"arn:aws:states:{REGION}:111122223333:stateMachine:migrate"
F = f"arn:aws:lambda:{REGION}:111122223333:function:copy"


def of(provider: str, external_id: str = "", **configuration: str) -> Subject:
    found = subject()
    declared: ActionDecl = replace(found.action, provider=provider, configuration=configuration)
    return replace(found, action=declared, action_state=replace(action("Build"), external_id=external_id))


async def sources(asked: Subject, *replies: Reply, runs: tuple[ActionExecution, ...] = ()) -> list[Offer]:
    return await sources_of(asked, Recorded(*replies), runs)


def build(identity: str, status: str = "SUCCEEDED") -> dict[str, Any]:
    return {
        "id": identity,
        "arn": f"arn:aws:codebuild:{REGION}:111122223333:build/{identity}",
        "buildStatus": status,
        "endTime": 1.0,
        "logs": {"groupName": "/aws/codebuild/web", "streamName": identity.partition(":")[2]},
    }


def builds(*held: dict[str, Any]) -> Reply:
    known = {each["id"]: each for each in held} | {each["arn"]: each for each in held}
    return reply(
        "codebuild", "BatchGetBuilds", lambda params: {"builds": [known[one] for one in params["ids"] if one in known]}
    )


def run(external_id: str, started_at: float, asked: Subject) -> ActionExecution:
    return ActionExecution(
        external_id, "e", asked.stage.name, asked.action.name, "Failed", started_at=started_at, external_id=external_id
    )


async def test_builds_before_and_after_a_retry_are_all_there() -> None:
    asked = of("CodeBuild", "web:2")
    runs = (run("web:1", 1.0, asked), run("web:2", 2.0, asked))
    assert attempts(asked, runs) == ["web:2", "web:1"]
    found = await sources(asked, builds(build("web:2"), build("web:1", "FAILED")), runs=runs)
    assert [(each.title, each.failed) for each in found] == [("attempt 2 of 2", False), ("attempt 1 of 2", True)]
    assert [each.source.stream for each in found if each.source] == ["2", "1"]


async def test_every_build_of_a_batch_is_there_with_the_ones_tried_before() -> None:
    one, two, before = build("web:a"), build("web:b", "FAILED"), build("web:c", "FAILED")
    groups = [
        {"identifier": "linux", "currentBuildSummary": {"arn": one["arn"]}},
        {
            "identifier": "windows",
            "currentBuildSummary": {"arn": two["arn"]},
            "priorBuildSummaryList": [{"arn": before["arn"]}],
        },
    ]
    batches = reply("codebuild", "BatchGetBuildBatches", {"buildBatches": [{"buildGroups": groups}]})
    found = await sources(of("CodeBuild", "web:batch"), builds(one, two, before), batches)
    assert [(each.title, each.failed) for each in found] == [
        ("build, linux", False),
        ("build, windows", True),
        ("build, windows, tried before", True),
    ]


async def test_a_build_that_logs_to_s3_alone_is_there_and_one_that_is_gone_is_told() -> None:
    bucket = {"status": "ENABLED", "location": "logs/web"}
    only = build("web:1") | {
        "logs": {
            "cloudWatchLogs": {"status": "DISABLED"},
            "s3Logs": bucket,
            "s3LogsArn": "arn:aws:s3:::logs/web/1.gz",
        }
    }
    asked = of("CodeBuild", "web:1")
    found = await sources(asked, builds(only), runs=(run("web:0", 0.0, asked),))
    assert found[0].source
    assert found[0].source.kind is SourceKind.OBJECT
    assert found[0].source.s3_arn == "arn:aws:s3:::logs/web/1.gz"
    gone = await sources(of("CodeBuild", "web:9"), builds(), reply("codebuild", "BatchGetBuildBatches", {}))
    assert gone[0].source is None
    assert "is gone" in gone[0].detail


async def test_a_functions_log_group_is_the_one_it_names_and_a_request_narrows_it() -> None:
    function = reply(
        "lambda", "GetFunctionConfiguration", {"FunctionName": "smoke", "LoggingConfig": {"LogGroup": "/shared/smoke"}}
    )
    found = await sources(of("Lambda", "11111111-2222", FunctionName="smoke"), function)
    assert [each.source.log_group for each in found if each.source] == [
        LogGroup("/shared/smoke", REGION),
        LogGroup("/shared/smoke", REGION, pattern='"11111111-2222"'),
    ]
    refused = await sources(of("Lambda", FunctionName="smoke"), denied("lambda", "GetFunctionConfiguration"))
    assert refused[0].source is None
    assert "denied" in refused[0].detail


@pytest.mark.parametrize(
    ("configuration", "group", "said"),
    [
        (
            {"logDriver": "awslogs", "options": {"awslogs-group": "/ecs/web", "awslogs-stream-prefix": "web"}},
            LogGroup("/ecs/web", REGION, prefix="web/app/"),
            "/ecs/web",
        ),
        ({"logDriver": "splunk"}, None, "goes to splunk"),
        ({"logDriver": "awsfirelens", "options": {"Name": "datadog"}}, None, "through FireLens to datadog"),
        (
            {"logDriver": "awsfirelens", "options": {"Name": "cloudwatch", "log_group_name": "/fire/web"}},
            LogGroup("/fire/web", REGION),
            "by FireLens",
        ),
        ({}, None, "no log configuration"),
    ],
)
async def test_a_containers_log_is_where_its_definition_sends_it(
    configuration: dict[str, Any], group: LogGroup | None, said: str
) -> None:
    service = reply("ecs", "DescribeServices", {"services": [{"taskDefinition": "web:7", "events": []}]})
    container = {"name": "app", "logConfiguration": configuration}
    task = reply("ecs", "DescribeTaskDefinition", {"taskDefinition": {"containerDefinitions": [container]}})
    found = await sources(of("ECS", ServiceName="web", ClusterName="shop"), service, task)
    assert found[0].source  # the service's own events come first
    assert found[0].source.kind is SourceKind.EVENTS
    shown = found[1].source
    assert (shown.log_group if shown else None) == group
    assert said in found[1].detail


async def test_the_agents_log_is_found_where_it_is_shipped() -> None:
    targets = reply("codedeploy", "ListDeploymentTargets", {"targetIds": ["i-0abc", "shop:web"]})
    groups = reply("logs", "DescribeLogGroups", {"logGroups": [{"logGroupName": "/servers/codedeploy-agent"}]})
    streams = reply("logs", "DescribeLogStreams", {"logStreams": [{"logStreamName": "i-0abc/agent.log"}]})
    found = await sources(of("CodeDeploy", "d-1"), targets, groups, streams)
    assert [each.source.stream for each in found[1:] if each.source] == ["i-0abc/agent.log"]


async def test_the_history_of_an_execution_is_told_without_its_input() -> None:
    events = [
        {"id": 1, "timestamp": 10.0, "type": "ExecutionStarted", "executionStartedEventDetails": {"input": "secret"}},
        {"id": 2, "timestamp": 11.0, "type": "TaskStateEntered", "stateEnteredEventDetails": {"name": "Migrate"}},
        {
            "id": 3,
            "timestamp": 12.0,
            "type": "ExecutionFailed",
            "executionFailedEventDetails": {"error": "States.Timeout", "cause": "60 s"},
        },
    ]
    asked = of("StepFunctions", RUN)
    history = reply("stepfunctions", "GetExecutionHistory", {"events": events})
    told = event_reader(asked)
    assert told
    assert told[0] == "events of execution one"
    assert [event.text.split() for _, event in await told[1](Recorded(history))] == [
        ["ExecutionStarted"],
        ["TaskStateEntered", "Migrate"],
        ["ExecutionFailed", "States.Timeout:", "60", "s"],
    ]


async def test_a_state_machines_own_log_and_the_functions_that_it_called_are_there() -> None:
    scheduled = {"id": 2, "type": "LambdaFunctionScheduled", "lambdaFunctionScheduledEventDetails": {"resource": F}}
    history = reply("stepfunctions", "GetExecutionHistory", {"events": [scheduled, {**scheduled, "id": 3}]})
    run = reply("stepfunctions", "DescribeExecution", {"stateMachineArn": MACHINE})
    group = {"logGroupArn": f"arn:aws:logs:{REGION}:111122223333:log-group:/states/migrate:*"}
    logging = {"level": "ALL", "destinations": [{"cloudWatchLogsLogGroup": group}]}
    machine = reply("stepfunctions", "DescribeStateMachine", {"loggingConfiguration": logging})
    function = reply("lambda", "GetFunctionConfiguration", {"FunctionName": "copy"})
    found = await sources(of("StepFunctions", RUN), history, run, machine, function)
    assert [each.title for each in found] == ["events of execution one", "log of migrate", "function copy"]
    assert [each.source.log_group for each in found[1:] if each.source] == [
        LogGroup("/states/migrate", REGION, pattern=f'{{ $.execution_arn = "{RUN}" }}'),
        LogGroup("/aws/lambda/copy", REGION),
    ]
    off = reply("stepfunctions", "DescribeStateMachine", {"loggingConfiguration": {"level": "OFF"}})
    found = await sources(of("StepFunctions", RUN), reply("stepfunctions", "GetExecutionHistory", {}), run, off)
    assert found[1].source is None
    assert "switched off" in found[1].detail


async def test_of_a_run_long_over_a_group_shows_the_time_around_its_end() -> None:
    long_ago = of("Lambda", FunctionName="smoke")
    ended_at = long_ago.now - 86_400
    asked = replace(long_ago, action_state=replace(long_ago.action_state, status="Failed", changed_at=ended_at))
    found = await sources(asked, reply("lambda", "GetFunctionConfiguration", {"FunctionName": "smoke"}))
    assert found[0].source
    assert found[0].source.since_ms < ended_at * 1000 < found[0].source.until_ms


async def test_the_containers_of_a_service_that_codedeploy_deploys_are_there() -> None:
    targets = reply("codedeploy", "ListDeploymentTargets", {"targetIds": ["shop:web"]})
    service = reply("ecs", "DescribeServices", {"services": [{"taskDefinition": "web:7"}]})
    container = {"name": "app", "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "/ecs/web"}}}
    task = reply("ecs", "DescribeTaskDefinition", {"taskDefinition": {"containerDefinitions": [container]}})
    found = await sources(of("CodeDeployToECS", "d-1"), targets, service, task)
    assert [each.title for each in found] == ["events of deployment d-1", "container app"]
    assert found[1].source
    assert found[1].source.log_group == LogGroup("/ecs/web", REGION)
