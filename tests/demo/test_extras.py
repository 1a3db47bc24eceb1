"""Pipelines that are there only where they are asked for, and what they need of the account."""

from __future__ import annotations

import gzip
import json

import pytest
from botocore.exceptions import ClientError

from demo.process import DemoAccount, DemoStartError, start
from tests.demo.clients import Clients

PIPELINE = "nightly-import"


@pytest.fixture(scope="session")
def extra(extra_account: DemoAccount) -> Clients:
    return Clients(extra_account)


def test_a_build_that_logs_to_s3_alone_leaves_its_log_there(extra: Clients) -> None:
    logs = extra.build(PIPELINE, "Build", "Build")["logs"]
    assert logs["cloudWatchLogs"]["status"] == "DISABLED"
    assert "groupName" not in logs
    bucket, _, key = logs["s3LogsArn"].removeprefix("arn:aws:s3:::").partition("/")
    body = extra("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    assert "Phase complete: BUILD State: SUCCEEDED" in gzip.decompress(body).decode()


def test_an_action_runs_a_batch_whose_builds_have_logs_of_their_own(extra: Clients) -> None:
    identity = extra.action(PIPELINE, "Test", "Matrix")["externalExecutionId"]
    codebuild = extra("codebuild")
    assert codebuild.batch_get_builds(ids=[identity])["builds"] == []
    batch = codebuild.batch_get_build_batches(ids=[identity])["buildBatches"][0]
    assert (batch["buildBatchStatus"], batch["initiator"]) == ("SUCCEEDED", f"codepipeline/{PIPELINE}")
    assert [group["identifier"] for group in batch["buildGroups"]] == ["linux", "arm"]
    arns = [group["currentBuildSummary"]["arn"] for group in batch["buildGroups"]]
    builds = codebuild.batch_get_builds(ids=arns)["builds"]
    assert len({build["logs"]["streamName"] for build in builds}) == 2
    assert codebuild.list_build_batches_for_project(projectName="import-matrix")["ids"] == [identity]


def test_a_function_writes_into_its_group(extra: Clients) -> None:
    request = extra.action(PIPELINE, "Smoke", "Smoke")["externalExecutionId"]
    found = extra("lambda").get_function_configuration(FunctionName="import-smoke")
    assert found["FunctionArn"].endswith(":function:import-smoke")
    events = extra("logs").filter_log_events(logGroupName="/aws/lambda/import-smoke")["events"]
    assert events[0]["message"].startswith(f"START RequestId: {request}")
    assert events[0]["logStreamName"].partition("[$LATEST]")[1]


def test_an_execution_tells_its_history_and_its_state_machine_logs(extra: Clients) -> None:
    states = extra("stepfunctions")
    run = extra.action(PIPELINE, "Import", "Import")["externalExecutionId"]
    found = states.describe_execution(executionArn=run)
    assert (found["status"], found["error"]) == ("FAILED", "FileNotFoundError")
    first = states.get_execution_history(executionArn=run, maxResults=3)
    rest = states.get_execution_history(executionArn=run, nextToken=first["nextToken"])["events"]
    events = [*first["events"], *rest]
    assert [event["id"] for event in events] == list(range(1, len(events) + 1))
    assert events[-1]["type"] == "ExecutionFailed"
    reversed_ = states.get_execution_history(executionArn=run, reverseOrder=True)["events"]
    assert [event["id"] for event in reversed_] == [event["id"] for event in reversed(events)]
    machine = states.describe_state_machine(stateMachineArn=found["stateMachineArn"])
    assert list(json.loads(machine["definition"])["States"]) == ["List", "Copy"]
    group = machine["loggingConfiguration"]["destinations"][0]["cloudWatchLogsLogGroup"]["logGroupArn"]
    told = extra("logs").filter_log_events(logGroupName=group.partition("log-group:")[2].removesuffix(":*"))["events"]
    assert {json.loads(event["message"])["execution_arn"] for event in told} == {run}
    with pytest.raises(ClientError, match="ExecutionDoesNotExist"):
        states.describe_execution(executionArn=run + "x")
    with pytest.raises(ClientError, match="StateMachineDoesNotExist"):
        states.describe_state_machine(stateMachineArn=found["stateMachineArn"] + "x")


def test_no_answer_ever_left_the_model_and_the_usual_account_has_none_of_it(
    extra_account: DemoAccount, extra: Clients, demo_account: DemoAccount
) -> None:
    extra("codepipeline").get_pipeline_state(name=PIPELINE)
    assert extra_account.calls()["mismatches"] == []
    assert PIPELINE in {story["name"] for story in extra_account.stories()}
    assert PIPELINE not in {story["name"] for story in demo_account.stories()}


def test_a_name_that_is_none_is_told() -> None:
    with pytest.raises(DemoStartError, match="no_such"):
        start(extras=("no-such",))
