"""Every story ends well: the cause is put right through the API, the retry goes green, nothing else is touched."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.demo.clients import Clients


def _allow(aws: Clients, role: str, action: str, resource: str) -> None:
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    aws("iam").put_role_policy(RoleName=role, PolicyName="put-right", PolicyDocument=document)


def _goes_green(aws: Clients, pipeline: str, stage: str, region: str = "eu-west-1") -> None:
    execution = aws.retry(pipeline, stage, region)
    assert aws.status(pipeline, execution, region) == "InProgress"
    aws.account.advance(1800)
    assert aws.status(pipeline, execution, region) == "Succeeded"


def _fails_again(aws: Clients, pipeline: str, stage: str, region: str = "eu-west-1") -> str:
    execution = aws.retry(pipeline, stage, region)
    aws.account.advance(1800)
    assert aws.status(pipeline, execution, region) == "Failed"
    return execution


def test_stopping_the_hung_build_frees_the_stage_for_the_next_execution(aws: Clients) -> None:
    stage = aws.stage("mobile-ios", "Build")
    assert len(stage["inboundExecutions"]) == 2
    build = aws.build("mobile-ios", "Build", "Build")
    assert build["buildStatus"] == "IN_PROGRESS"
    stopped = aws("codebuild").stop_build(id=build["id"])["build"]
    assert stopped["buildStatus"] == "STOPPED"
    aws.account.advance(7200)
    statuses = [
        item["status"]
        for item in aws("codepipeline").list_pipeline_executions(pipelineName="mobile-ios", maxResults=3)[
            "pipelineExecutionSummaries"
        ]
    ]
    assert statuses == ["Succeeded", "Succeeded", "Failed"]


def test_a_retry_without_a_fix_fails_for_the_same_reason(aws: Clients) -> None:
    before = aws.action("billing", "Build", "Build")["errorDetails"]["message"]
    _fails_again(aws, "billing", "Build")
    after = aws.action("billing", "Build", "Build")["errorDetails"]["message"]
    assert "s3:GetObject" in before
    assert (
        after.split(" on resource")[0].rpartition("assumed-role")[2].split("/")[1] == "codebuild-billing-service-role"
    )
    assert "because no identity-based policy allows the s3:GetObject action" in after


def test_billing_goes_green_when_the_role_may_read_the_artifacts(aws: Clients) -> None:
    build = aws.build("billing", "Build", "Build")
    phase = next(item for item in build["phases"] if item.get("phaseStatus") == "FAILED")
    assert (phase["phaseType"], phase["contexts"][0]["statusCode"]) == ("DOWNLOAD_SOURCE", "CLIENT_ERROR")
    assert any("AccessDenied" in line for line in aws.log(build))
    bucket = build["sourceVersion"].split(":::")[1].split("/")[0]
    _allow(aws, "codebuild-billing-service-role", "s3:GetObject", f"arn:aws:s3:::{bucket}/*")
    _goes_green(aws, "billing", "Build")
    assert aws.stage("billing", "Smoke")["latestExecution"]["status"] == "Succeeded"


def test_fraud_scoring_goes_green_when_the_pipeline_may_start_builds(aws: Clients) -> None:
    error = aws.action("fraud-scoring", "Build", "Build")["errorDetails"]
    assert error["code"] == "PermissionError"
    assert "codebuild:StartBuild" in error["message"]
    role = "AWSCodePipelineServiceRole-eu-west-1-fraud-scoring"
    _allow(aws, role, "codebuild:StartBuild", "arn:aws:codebuild:eu-west-1:111122223333:project/fraud-scoring*")
    _goes_green(aws, "fraud-scoring", "Build")


def test_orders_goes_green_when_its_connection_is_confirmed(aws: Clients) -> None:
    definition = aws("codepipeline").get_pipeline(name="orders")["pipeline"]
    used = definition["stages"][0]["actions"][0]["configuration"]["ConnectionArn"]
    connection = aws("codeconnections").get_connection(ConnectionArn=used)["Connection"]
    assert connection["ConnectionStatus"] == "PENDING"
    _fails_again(aws, "orders", "Source")
    aws.account.set_connection(used)
    _goes_green(aws, "orders", "Source")


def test_catalog_goes_green_when_the_definition_names_a_branch_that_is_there(aws: Clients) -> None:
    assert "No Branch [release/2026-10]" in aws.action("catalog", "Source", "Source")["errorDetails"]["message"]
    definition = aws("codepipeline").get_pipeline(name="catalog")["pipeline"]
    definition["stages"][0]["actions"][0]["configuration"]["BranchName"] = "main"
    version = definition["version"]
    assert aws("codepipeline").update_pipeline(pipeline=definition)["pipeline"]["version"] == version + 1
    _goes_green(aws, "catalog", "Source")


def test_recommendations_goes_green_with_more_memory(aws: Clients) -> None:
    assert any("Killed" in line for line in aws.log(aws.build("recommendations", "Build", "Build")))
    environment = aws("codebuild").batch_get_projects(names=["recommendations"])["projects"][0]["environment"]
    environment["computeType"] = "BUILD_GENERAL1_MEDIUM"
    aws("codebuild").update_project(name="recommendations", environment=environment)
    _goes_green(aws, "recommendations", "Build")


def test_identity_goes_green_when_the_secret_is_there(aws: Clients) -> None:
    assert "can't find the specified secret" in aws.action("identity", "Build", "Build")["errorDetails"]["message"]
    aws("secretsmanager").create_secret(Name="identity/signing-key", SecretString='{"private": "made-up"}')
    _goes_green(aws, "identity", "Build")


def test_loyalty_goes_green_when_the_parameter_is_there(aws: Clients) -> None:
    error = aws.action("loyalty", "Build", "Build", "us-east-1")["errorDetails"]["message"]
    assert "parameter does not exist: /loyalty/prod/partner-token" in error
    aws("ssm", "us-east-1").put_parameter(
        Name="/loyalty/prod/partner-token", Value="made-up", Type="SecureString", Overwrite=False
    )
    _goes_green(aws, "loyalty", "Build", "us-east-1")


def test_checkout_goes_green_when_the_health_check_asks_for_the_right_path(aws: Clients) -> None:
    service = aws("ecs").describe_services(cluster="shop-prod", services=["checkout-api"])["services"][0]
    assert service["deployments"][0]["rolloutState"] == "FAILED"
    group = service["loadBalancers"][0]["targetGroupArn"]
    assert any(f"is unhealthy in (target-group {group})" in event["message"] for event in service["events"])
    stopped = aws("ecs").list_tasks(cluster="shop-prod", serviceName="checkout-api", desiredStatus="STOPPED")
    tasks = aws("ecs").describe_tasks(cluster="shop-prod", tasks=stopped["taskArns"])["tasks"]
    assert {task["stoppedReason"] for task in tasks} == {f"Task failed ELB health checks in (target-group {group})"}
    aws("elbv2").modify_target_group(TargetGroupArn=group, HealthCheckPath="/health")
    _goes_green(aws, "checkout-api", "Deploy")
    health = aws("elbv2").describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
    assert {item["TargetHealth"]["State"] for item in health} == {"healthy"}


def test_data_platform_goes_green_when_the_stack_role_may_create_the_queue(aws: Clients) -> None:
    events = aws("cloudformation").describe_stack_events(StackName="data-platform")["StackEvents"]
    failed = [event for event in events if event["ResourceStatus"] == "CREATE_FAILED"]
    assert [event["LogicalResourceId"] for event in failed] == ["ExportsQueue"]
    assert "HandlerErrorCode: AccessDenied" in failed[0]["ResourceStatusReason"]
    _allow(aws, "cfn-data-platform", "sqs:CreateQueue", "*")
    _goes_green(aws, "data-platform", "Deploy")
    stack = aws("cloudformation").describe_stacks(StackName="data-platform")["Stacks"][0]
    assert stack["StackStatus"] == "UPDATE_COMPLETE"


@pytest.mark.parametrize(
    ("pipeline", "repository", "change", "region"),
    [
        ("search-index", "example-shop/search-index", {"failing_tests": None}, "eu-west-1"),
        ("partner-gateway", "example-shop/partner-gateway", {"missing_dependency": None}, "eu-west-1"),
        ("inventory", "example-shop/inventory", {"hook_fails": None}, "us-east-1"),
    ],
)
def test_a_corrected_revision_starts_by_itself_and_goes_green(
    aws: Clients, pipeline: str, repository: str, change: dict[str, Any], region: str
) -> None:
    assert aws.latest(pipeline, region)["status"] == "Failed"
    revision = aws.account.push(repository, "Put it right", facts=change)
    aws.account.advance(3600)
    newest = aws.latest(pipeline, region)
    assert newest["status"] == "Succeeded"
    assert newest["sourceRevisions"][0]["revisionId"] == revision
    assert newest["trigger"]["triggerType"] == "WebhookV2"


def test_a_buildspec_that_parses_makes_notifications_green(aws: Clients) -> None:
    assert "YAML_FILE_ERROR" in aws.action("notifications", "Build", "Build")["errorDetails"]["message"]
    good = "version: 0.2\nphases:\n  build:\n    commands:\n      - pytest -v\n"
    aws.account.push("example-shop/notifications", "Quote the colon", files={"buildspec.yml": good})
    aws.account.advance(1800)
    assert aws.latest("notifications")["status"] == "Succeeded"


def test_an_approval_lets_payments_go_on_once(aws: Clients) -> None:
    waiting = aws.action("payments", "Approve", "GoLive")
    execution = aws.stage("payments", "Approve")["latestExecution"]["pipelineExecutionId"]
    client = aws("codepipeline")
    answer = {
        "pipelineName": "payments",
        "stageName": "Approve",
        "actionName": "GoLive",
        "result": {"summary": "finance agrees", "status": "Approved"},
    }
    with pytest.raises(client.exceptions.InvalidApprovalTokenException):
        client.put_approval_result(**answer, token="11111111-2222-4333-8444-555555555555")
    client.put_approval_result(**answer, token=waiting["token"])
    with pytest.raises(client.exceptions.ApprovalAlreadyCompletedException):
        client.put_approval_result(**answer, token=waiting["token"])
    aws.account.advance(1800)
    assert aws.status("payments", execution) == "Succeeded"


def test_enabling_the_transition_lets_search_prod_go_on(aws: Clients) -> None:
    stage = aws.stage("search-prod", "Prod")
    assert "Index freeze" in stage["inboundTransitionState"]["disabledReason"]
    execution = stage["inboundExecution"]["pipelineExecutionId"]
    aws("codepipeline").enable_stage_transition(pipelineName="search-prod", stageName="Prod", transitionType="Inbound")
    aws.account.advance(1800)
    assert aws.status("search-prod", execution) == "Succeeded"


def test_a_push_starts_reporting_only_after_its_rule_is_enabled(aws: Clients) -> None:
    before = aws.latest("reporting")["pipelineExecutionId"]
    aws.account.push("reporting", "Nobody notices")
    aws.account.advance(600)
    assert aws.latest("reporting")["pipelineExecutionId"] == before
    rule = aws("events").describe_rule(Name="codepipeline-reporting-main")
    assert rule["State"] == "DISABLED"
    aws("events").enable_rule(Name="codepipeline-reporting-main")
    revision = aws.account.push("reporting", "Somebody notices")
    aws.account.advance(1800)
    newest = aws.latest("reporting")
    assert newest["sourceRevisions"][0]["revisionId"] == revision
    assert newest["trigger"]["triggerType"] == "CloudWatchEvent"
    assert newest["status"] == "Succeeded"


def test_a_pipeline_that_is_made_runs_at_once_and_can_be_deleted(aws: Clients) -> None:
    structure = aws("codepipeline").get_pipeline(name="mailer")["pipeline"] | {"name": "made-by-hand"}
    aws("codepipeline").create_pipeline(pipeline=structure, tags=[{"key": "team", "value": "night"}])
    listed = {each["name"] for each in aws("codepipeline").list_pipelines()["pipelines"]}
    assert "made-by-hand" in listed
    (execution,) = aws("codepipeline").list_pipeline_executions(pipelineName="made-by-hand")[
        "pipelineExecutionSummaries"
    ]
    assert execution["trigger"]["triggerType"] == "CreatePipeline"
    with pytest.raises(ClientError, match="already exists"):
        aws("codepipeline").create_pipeline(pipeline=structure)
    aws("codepipeline").delete_pipeline(name="made-by-hand")
    with pytest.raises(ClientError, match="made-by-hand"):
        aws("codepipeline").get_pipeline(name="made-by-hand")
