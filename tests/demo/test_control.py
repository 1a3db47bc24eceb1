"""Clock, faults, counters."""

import time

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from tests.demo.clients import Clients


def test_a_frozen_clock_stands_still_and_advances_by_hand(aws: Clients) -> None:
    before = aws.account.now()
    assert aws.account.now() == before
    aws.account.advance(90)
    assert aws.account.now() == before + 90


def test_time_lets_the_running_pipeline_go_on_and_brings_new_executions(aws: Clients) -> None:
    first = aws.latest("ledger")
    aws.account.advance(900)
    assert aws.status("ledger", first["pipelineExecutionId"]) == "Succeeded"
    newer = aws.latest("ledger")
    assert newer["pipelineExecutionId"] != first["pipelineExecutionId"]
    assert newer["startTime"] > first["startTime"]


@pytest.mark.parametrize("service", ["codepipeline", "iam", "s3", "logs"])
def test_an_expired_token_hits_every_service_until_it_is_cleared(aws: Clients, service: str) -> None:
    calls = {
        "codepipeline": lambda: aws("codepipeline").list_pipelines(),
        "iam": lambda: aws("iam").list_roles(),
        "s3": lambda: aws("s3").list_buckets(),
        "logs": lambda: aws("logs").describe_log_groups(),
    }
    aws.account.add_fault(code="ExpiredTokenException", message="The security token included in the request is expired")
    try:
        for _ in range(2):
            with pytest.raises(ClientError) as refused:
                calls[service]()
            assert refused.value.response["Error"]["Code"] == "ExpiredTokenException"
    finally:
        aws.account.clear_faults()
    assert calls[service]()["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_a_fault_may_hit_one_operation_in_one_region_a_number_of_times(aws: Clients) -> None:
    aws.account.add_fault(
        service="codepipeline",
        operation="ListPipelines",
        region="us-east-1",
        code="ThrottlingException",
        message="Rate exceeded",
        count=2,
    )
    far, near = aws("codepipeline", "us-east-1"), aws("codepipeline")
    for _ in range(2):
        assert near.list_pipelines()["pipelines"]
        with pytest.raises(ClientError, match="Rate exceeded"):
            far.list_pipelines()
    assert far.list_pipelines()["pipelines"]


def test_a_connection_can_be_reset(aws: Clients) -> None:
    aws.account.add_fault(service="codepipeline", reset=True, count=1)
    with pytest.raises(ConnectionClosedError):
        aws("codepipeline").list_pipelines()
    assert aws("codepipeline").list_pipelines()["pipelines"]


def test_calls_can_be_slow(aws: Clients) -> None:
    number = aws.account.add_fault(latency_ms=120)
    began = time.perf_counter()
    aws("codepipeline").list_pipelines()
    taken = time.perf_counter() - began
    aws.account.clear_faults(number)
    assert taken >= 0.12


def test_calls_are_counted_and_told_apart(aws: Clients) -> None:
    aws.account.clear_calls()
    aws("codepipeline").list_pipelines()
    aws("iam").get_role(RoleName="codebuild-billing-service-role")
    assert aws.account.calls()["mutating"] == 0
    aws("codepipeline").disable_stage_transition(
        pipelineName="mailer", stageName="Prod", transitionType="Inbound", reason="test"
    )
    aws("iam").tag_role(RoleName="codebuild-billing-service-role", Tags=[{"Key": "a", "Value": "b"}])
    seen = aws.account.calls()
    assert seen["total"] == 4
    assert [call["operation"] for call in seen["recent"] if call["mutating"]] == ["DisableStageTransition", "TagRole"]


def test_stopping_and_abandoning_an_execution(aws: Clients) -> None:
    client = aws("codepipeline")
    started = client.start_pipeline_execution(name="web", variables=[{"name": "LOCALES", "value": "de"}])
    identity = started["pipelineExecutionId"]
    aws.account.advance(15)
    client.stop_pipeline_execution(pipelineName="web", pipelineExecutionId=identity, abandon=True, reason="wrong one")
    assert aws.status("web", identity) == "Stopped"
    with pytest.raises(client.exceptions.PipelineExecutionNotStoppableException):
        client.stop_pipeline_execution(pipelineName="web", pipelineExecutionId=identity, abandon=True)
    details = client.list_action_executions(pipelineName="web", filter={"pipelineExecutionId": identity})
    assert "Abandoned" in {item["status"] for item in details["actionExecutionDetails"]}


def test_a_stage_can_be_rolled_back_to_a_good_execution(aws: Clients) -> None:
    client = aws("codepipeline")
    good = client.list_pipeline_executions(
        pipelineName="search-prod", filter={"succeededInStage": {"stageName": "Prod"}}, maxResults=5
    )["pipelineExecutionSummaries"][0]
    made = client.rollback_stage(
        pipelineName="search-prod", stageName="Staging", targetPipelineExecutionId=good["pipelineExecutionId"]
    )["pipelineExecutionId"]
    aws.account.advance(900)
    found = client.get_pipeline_execution(pipelineName="search-prod", pipelineExecutionId=made)["pipelineExecution"]
    assert found["status"] == "Succeeded"
    assert found["executionType"] == "ROLLBACK"
    assert found["rollbackMetadata"]["rollbackTargetPipelineExecutionId"] == good["pipelineExecutionId"]
