"""Every operation served here is called with boto3, and the model's shapes hold in both directions."""

import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from botocore.exceptions import ClientError

from demo.process import DemoAccount
from demo.services import _FOLDERS
from tests.demo.clients import Clients

Ask = Callable[[Clients], Any]
BUILD = "arn:aws:codebuild:eu-west-1:111122223333:report-group/search-index-unit"


def _report(aws: Clients) -> str:
    return str(aws.build("search-index", "Build", "Build")["reportArns"][0])


def _deployment(aws: Clients) -> str:
    return str(aws.action("inventory", "Deploy", "Servers", "us-east-1")["externalExecutionId"])


def _execution(aws: Clients, pipeline: str) -> str:
    return str(aws.latest(pipeline)["pipelineExecutionId"])


def _group(aws: Clients) -> str:
    return str(aws("elbv2").describe_target_groups(Names=["checkout-api"])["TargetGroups"][0]["TargetGroupArn"])


def _connection(aws: Clients) -> str:
    return str(aws("codeconnections").list_connections()["Connections"][0]["ConnectionArn"])


def _query(aws: Clients) -> str:
    """A query over the last hour of a build's log."""
    now = int(time.time())
    began = aws("logs").start_query(
        logGroupName="/aws/codebuild/billing", startTime=now - 3600, endTime=now, queryString="fields @message"
    )
    return str(began["queryId"])


def _target(aws: Clients) -> str:
    deployment = _deployment(aws)
    return str(aws("codedeploy", "us-east-1").list_deployment_targets(deploymentId=deployment)["targetIds"][0])


GROUP = {"applicationName": "inventory", "deploymentGroupName": "inventory-prod"}
ROLE = "arn:aws:iam::111122223333:role/service-role/codebuild-billing-service-role"

# Reads: what is asked, and a path to something that must be in the answer.
READS: list[tuple[str, str, Ask, str]] = [
    ("codepipeline", "list_pipelines", lambda a: {}, "pipelines"),
    ("codepipeline", "get_pipeline", lambda a: {"name": "web"}, "pipeline"),
    ("codepipeline", "get_pipeline_state", lambda a: {"name": "web"}, "stageStates"),
    ("codepipeline", "list_pipeline_executions", lambda a: {"pipelineName": "web"}, "pipelineExecutionSummaries"),
    (
        "codepipeline",
        "get_pipeline_execution",
        lambda a: {"pipelineName": "web", "pipelineExecutionId": _execution(a, "web")},
        "pipelineExecution",
    ),
    ("codepipeline", "list_action_executions", lambda a: {"pipelineName": "billing"}, "actionExecutionDetails"),
    ("codepipeline", "list_rule_executions", lambda a: {"pipelineName": "billing"}, "ResponseMetadata"),
    (
        "codepipeline",
        "list_tags_for_resource",
        lambda a: {"resourceArn": "arn:aws:codepipeline:eu-west-1:111122223333:web"},
        "tags",
    ),
    ("codepipeline", "list_webhooks", lambda a: {}, "webhooks?"),
    ("codebuild", "batch_get_builds", lambda a: {"ids": [a.build("billing", "Build", "Build")["id"]]}, "builds"),
    ("codebuild", "batch_get_projects", lambda a: {"names": ["billing", "absent"]}, "projects"),
    ("codebuild", "list_projects", lambda a: {}, "projects"),
    ("codebuild", "list_builds", lambda a: {}, "ids"),
    ("codebuild", "batch_get_build_batches", lambda _: {"ids": ["billing:none"]}, "buildBatchesNotFound"),
    ("codebuild", "list_builds_for_project", lambda a: {"projectName": "billing"}, "ids"),
    ("codebuild", "list_reports", lambda a: {}, "reports"),
    ("codebuild", "list_report_groups", lambda a: {}, "reportGroups"),
    ("codebuild", "list_reports_for_report_group", lambda a: {"reportGroupArn": BUILD}, "reports"),
    ("codebuild", "batch_get_reports", lambda a: {"reportArns": [_report(a)]}, "reports"),
    ("codebuild", "describe_test_cases", lambda a: {"reportArn": _report(a)}, "testCases"),
    ("codeconnections", "list_connections", lambda a: {}, "Connections"),
    ("codeconnections", "get_connection", lambda a: {"ConnectionArn": _connection(a)}, "Connection"),
    ("codeconnections", "list_hosts", lambda a: {}, "Hosts?"),
    ("codeconnections", "list_tags_for_resource", lambda a: {"ResourceArn": _connection(a)}, "Tags?"),
    ("codestar-connections", "get_connection", lambda a: {"ConnectionArn": _connection(a)}, "Connection"),
    ("codestar-connections", "list_connections", lambda a: {}, "Connections"),
    (
        "iam",
        "simulate_principal_policy",
        lambda a: {"PolicySourceArn": ROLE, "ActionNames": ["s3:GetObject"]},
        "EvaluationResults",
    ),
    (
        "iam",
        "simulate_custom_policy",
        lambda a: {"PolicyInputList": ['{"Statement": []}'], "ActionNames": ["s3:GetObject"]},
        "EvaluationResults",
    ),
    ("cloudtrail", "lookup_events", lambda a: {}, "Events"),
    ("sts", "get_caller_identity", lambda a: {}, "Arn"),
    ("ecs", "list_clusters", lambda a: {}, "clusterArns"),
    ("ecs", "describe_clusters", lambda a: {"clusters": ["shop-prod", "absent"]}, "clusters"),
    ("ecs", "list_services", lambda a: {"cluster": "shop-prod"}, "serviceArns"),
    (
        "ecs",
        "describe_services",
        lambda a: {"cluster": "shop-prod", "services": ["checkout-api", "absent"]},
        "services",
    ),
    ("ecs", "list_task_definitions", lambda _: {"familyPrefix": "checkout-api"}, "taskDefinitionArns"),
    ("ecs", "list_tasks", lambda a: {"cluster": "shop-prod"}, "taskArns"),
    (
        "ecs",
        "describe_tasks",
        lambda a: {"cluster": "shop-prod", "tasks": a("ecs").list_tasks(cluster="shop-prod")["taskArns"]},
        "tasks",
    ),
    ("ecs", "describe_task_definition", lambda a: {"taskDefinition": "checkout-api"}, "taskDefinition"),
    ("elbv2", "describe_target_groups", lambda a: {}, "TargetGroups"),
    ("elbv2", "describe_target_health", lambda a: {"TargetGroupArn": _group(a)}, "TargetHealthDescriptions"),
    ("elbv2", "describe_target_group_attributes", lambda a: {"TargetGroupArn": _group(a)}, "Attributes"),
    ("elbv2", "describe_load_balancers", lambda a: {}, "LoadBalancers"),
    ("elbv2", "describe_listeners", lambda a: {}, "Listeners"),
    (
        "elbv2",
        "describe_rules",
        lambda a: {"ListenerArn": a("elbv2").describe_listeners()["Listeners"][0]["ListenerArn"]},
        "Rules",
    ),
    ("codedeploy", "list_applications", lambda a: {}, "applications"),
    ("codedeploy", "get_application", lambda a: {"applicationName": "inventory"}, "application"),
    ("codedeploy", "batch_get_applications", lambda a: {"applicationNames": ["inventory"]}, "applicationsInfo"),
    ("codedeploy", "list_deployment_groups", lambda a: {"applicationName": "inventory"}, "deploymentGroups"),
    ("codedeploy", "get_deployment_group", lambda a: GROUP, "deploymentGroupInfo"),
    (
        "codedeploy",
        "batch_get_deployment_groups",
        lambda a: {"applicationName": "inventory", "deploymentGroupNames": ["inventory-prod"]},
        "deploymentGroupsInfo",
    ),
    (
        "codedeploy",
        "get_deployment_config",
        lambda a: {"deploymentConfigName": "CodeDeployDefault.OneAtATime"},
        "deploymentConfigInfo",
    ),
    ("codedeploy", "list_deployment_configs", lambda a: {}, "deploymentConfigsList"),
    ("codedeploy", "list_deployments", lambda a: GROUP, "deployments"),
    ("codedeploy", "get_deployment", lambda a: {"deploymentId": _deployment(a)}, "deploymentInfo"),
    ("codedeploy", "batch_get_deployments", lambda a: {"deploymentIds": [_deployment(a)]}, "deploymentsInfo"),
    ("codedeploy", "list_deployment_targets", lambda a: {"deploymentId": _deployment(a)}, "targetIds"),
    (
        "codedeploy",
        "batch_get_deployment_targets",
        lambda a: {"deploymentId": _deployment(a), "targetIds": [_target(a)]},
        "deploymentTargets",
    ),
    (
        "codedeploy",
        "get_deployment_target",
        lambda a: {"deploymentId": _deployment(a), "targetId": _target(a)},
        "deploymentTarget",
    ),
    ("cloudformation", "describe_stacks", lambda a: {}, "Stacks"),
    ("cloudformation", "list_stacks", lambda a: {}, "StackSummaries"),
    ("cloudformation", "describe_stack_events", lambda a: {"StackName": "data-platform"}, "StackEvents"),
    ("cloudformation", "list_stack_resources", lambda a: {"StackName": "data-platform"}, "StackResourceSummaries"),
    ("cloudformation", "describe_stack_resources", lambda a: {"StackName": "data-platform"}, "StackResources"),
    ("cloudformation", "get_template", lambda a: {"StackName": "data-platform"}, "TemplateBody"),
    ("codecommit", "list_repositories", lambda a: {}, "repositories"),
    ("codecommit", "get_repository", lambda a: {"repositoryName": "reporting"}, "repositoryMetadata"),
    ("codecommit", "list_branches", lambda a: {"repositoryName": "reporting"}, "branches"),
    ("codecommit", "get_branch", lambda a: {"repositoryName": "reporting", "branchName": "main"}, "branch"),
    (
        "codecommit",
        "get_commit",
        lambda a: {
            "repositoryName": "reporting",
            "commitId": a("codecommit").get_branch(repositoryName="reporting", branchName="main")["branch"]["commitId"],
        },
        "commit",
    ),
    ("logs", "describe_log_streams", lambda a: {"logGroupName": "/aws/codebuild/billing"}, "logStreams"),
    (
        "logs",
        "filter_log_events",
        lambda a: {"logGroupName": "/aws/codebuild/billing", "filterPattern": "AccessDenied"},
        "events",
    ),
    (
        "logs",
        "get_log_events",
        lambda a: {
            "logGroupName": "/aws/codebuild/billing",
            "logStreamName": a.build("billing", "Build", "Build")["logs"]["streamName"],
        },
        "events",
    ),
    # What moto serves.
    ("iam", "get_role", lambda a: {"RoleName": "codebuild-billing-service-role"}, "Role"),
    ("s3", "list_buckets", lambda a: {}, "Buckets"),
    ("kms", "list_keys", lambda a: {}, "Keys?"),
    ("ssm", "describe_parameters", lambda a: {}, "Parameters"),
    ("secretsmanager", "list_secrets", lambda a: {}, "SecretList"),
    ("events", "list_rules", lambda a: {}, "Rules"),
    ("ecr", "describe_repositories", lambda a: {}, "repositories"),
    ("logs", "describe_log_groups", lambda a: {}, "logGroups"),
    ("logs", "get_query_results", lambda a: {"queryId": _query(a)}, "status"),
    ("codestar-notifications", "list_notification_rules", lambda a: {}, "NotificationRules"),
    ("iam", "get_service_last_accessed_details", lambda a: {"JobId": _job(a)}, "JobStatus"),
    ("codestar-notifications", "describe_notification_rule", lambda a: {"Arn": _notice(a)}, "Targets"),
]


def _job(shared: Clients) -> str:
    role = "arn:aws:iam::111122223333:role/service-role/codebuild-billing-service-role"
    return str(shared("iam").generate_service_last_accessed_details(Arn=role)["JobId"])


def _notice(shared: Clients) -> str:
    rules = shared("codestar-notifications").list_notification_rules()["NotificationRules"]
    return str(rules[0]["Arn"])


@pytest.mark.parametrize(("service", "operation", "ask", "wanted"), READS, ids=[f"{r[0]}-{r[1]}" for r in READS])
def test_a_read_is_answered_with_something(
    shared: Clients, service: str, operation: str, ask: Ask, wanted: str
) -> None:
    region = "us-east-1" if service in {"codedeploy", "ssm"} else "eu-west-1"
    answer = getattr(shared(service, region), operation)(**ask(shared))
    assert wanted.removesuffix("?") in answer
    if not wanted.endswith("?"):
        assert answer[wanted]
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_no_answer_ever_left_the_model(demo_account: DemoAccount, shared: Clients) -> None:
    for name in [item["name"] for item in shared("codepipeline").list_pipelines()["pipelines"]]:
        shared("codepipeline").get_pipeline_state(name=name)
        shared("codepipeline").list_action_executions(pipelineName=name)
    assert demo_account.calls()["mismatches"] == []


def test_every_read_operation_of_ours_is_in_the_list() -> None:
    asked = {(service, operation.replace("_", "")) for service, operation, _, _ in READS}
    names = {"elasticloadbalancing": "elbv2"}
    for service, folder in _FOLDERS.items():
        for operation in import_module(f"demo.services.{folder}").OPERATIONS:
            if operation.startswith(("Get", "List", "Describe", "BatchGet", "Lookup", "Simulate", "Filter")):
                if service == "codestar-connections" or operation == "GetHost":
                    continue  # the same handlers as codeconnections; and there is no host
                if service == "states":
                    continue  # no story of the usual account has a state machine (tests/demo/test_extras.py asks one)
                if operation == "ListBuildBatchesForProject":
                    continue  # no story runs batches (tests/aws/changes/test_acting.py makes one)
                assert (names.get(service, service), operation.lower()) in asked, f"{service}:{operation}"


@pytest.mark.parametrize(
    ("service", "operation", "ask", "code"),
    [
        ("codepipeline", "get_pipeline_state", {"name": "absent"}, "PipelineNotFoundException"),
        ("codepipeline", "get_pipeline_state", {"name": "not a name!"}, "ValidationException"),
        (
            "codepipeline",
            "get_pipeline_execution",
            {"pipelineName": "web", "pipelineExecutionId": "11111111-2222-4333-8444-555555555555"},
            "PipelineExecutionNotFoundException",
        ),
        (
            "codepipeline",
            "retry_stage_execution",
            {
                "pipelineName": "web",
                "stageName": "Absent",
                "pipelineExecutionId": "11111111-2222-4333-8444-555555555555",
                "retryMode": "FAILED_ACTIONS",
            },
            "StageNotFoundException",
        ),
        ("codepipeline", "list_pipelines", {"nextToken": "never-given"}, "InvalidNextTokenException"),
        ("codebuild", "list_builds_for_project", {"projectName": "absent"}, "ResourceNotFoundException"),
        ("codedeploy", "get_deployment", {"deploymentId": "d-ABSENT000"}, "DeploymentDoesNotExistException"),
        ("codedeploy", "get_application", {"applicationName": "absent"}, "ApplicationDoesNotExistException"),
        (
            "codeconnections",
            "get_connection",
            {"ConnectionArn": "arn:aws:codeconnections:eu-west-1:111122223333:connection/absent"},
            "ResourceNotFoundException",
        ),
        ("cloudformation", "describe_stacks", {"StackName": "absent"}, "ValidationError"),
        ("elbv2", "describe_target_groups", {"Names": ["absent"]}, "TargetGroupNotFound"),
        ("ecs", "describe_services", {"cluster": "absent", "services": ["x"]}, "ClusterNotFoundException"),
        (
            "iam",
            "simulate_principal_policy",
            {"PolicySourceArn": "arn:aws:iam::111122223333:role/absent", "ActionNames": ["s3:GetObject"]},
            "NoSuchEntity",
        ),
        ("logs", "get_log_events", {"logGroupName": "/absent", "logStreamName": "x"}, "ResourceNotFoundException"),
    ],
)
def test_a_refusal_carries_the_code_aws_uses(
    shared: Clients, service: str, operation: str, ask: dict[str, Any], code: str
) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(shared(service), operation)(**ask)
    assert refused.value.response["Error"]["Code"] == code


def test_an_unknown_parameter_is_refused(demo_account: DemoAccount, shared: Clients) -> None:
    client = shared("codepipeline")

    def add(params: dict[str, Any], **_: Any) -> None:
        params["body"] = b'{"name": "web", "colour": "red"}'

    client.meta.events.register("before-call.codepipeline.GetPipelineState", add)
    try:
        with pytest.raises(ClientError, match="Unknown parameter 'colour'"):
            client.get_pipeline_state(name="web")
    finally:
        client.meta.events.unregister("before-call.codepipeline.GetPipelineState", add)


def test_there_are_enough_pipelines_in_two_regions_and_none_in_the_third(shared: Clients) -> None:
    names = {
        region: [item["name"] for item in shared("codepipeline", region).list_pipelines()["pipelines"]]
        for region in ("eu-west-1", "us-east-1", "eu-central-1")
    }
    assert len(names["eu-west-1"]) >= 16
    assert 3 <= len(names["us-east-1"]) <= 4
    assert names["eu-central-1"] == []


def test_histories_are_long_enough_to_be_paged(shared: Clients) -> None:
    pages = (
        shared("codepipeline")
        .get_paginator("list_pipeline_executions")
        .paginate(pipelineName="warehouse-etl", PaginationConfig={"PageSize": 50})
    )
    found = [item["pipelineExecutionId"] for page in pages for item in page["pipelineExecutionSummaries"]]
    assert len(found) > 100
    assert len(set(found)) == len(found)
    oldest = shared("codepipeline").list_action_executions(
        pipelineName="warehouse-etl", filter={"pipelineExecutionId": found[-1]}
    )["actionExecutionDetails"]
    build = next(item for item in oldest if item["actionName"] == "Transform")
    identity = build["output"]["executionResult"]["externalExecutionId"]
    assert shared("codebuild").batch_get_builds(ids=[identity])["builds"][0]["buildStatus"] in {"SUCCEEDED", "FAILED"}


def test_the_stories_name_every_pipeline(demo_account: DemoAccount, shared: Clients) -> None:
    told = {(story["region"], story["name"]) for story in demo_account.stories()}
    listed = {
        (region, item["name"])
        for region in ("eu-west-1", "us-east-1")
        for item in shared("codepipeline", region).list_pipelines()["pipelines"]
    }
    assert told == listed


def test_a_test_report_counts_the_failures_the_log_shows(shared: Clients) -> None:
    report = shared("codebuild").batch_get_reports(reportArns=[_report(shared)])["reports"][0]
    assert report["testSummary"]["statusCounts"]["FAILED"] == 2
    failed = shared("codebuild").describe_test_cases(reportArn=report["arn"], filter={"status": "FAILED"})["testCases"]
    log = "".join(shared.log(shared.build("search-index", "Build", "Build")))
    assert all(case["name"] in log for case in failed)


def test_artifacts_lie_in_the_store(shared: Clients) -> None:
    build = shared.build("checkout-api", "Build", "Build")
    bucket, _, key = build["sourceVersion"].partition(":::")[2].partition("/")
    assert shared("s3").head_object(Bucket=bucket, Key=key)["ContentLength"] > 100
