"""ECS blue/green: hooks, task sets, listeners, alarms."""

from __future__ import annotations

from typing import Any

from core.playbook import Subject
from tests.playbooks.corpus import Case
from tests.playbooks.recorded import Reply, denied, reply
from tests.playbooks.scene import ACCOUNT, NOW, REGION, subject, trust

DEPLOYMENT = "d-BLUE12345"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/codedeploy-ecs"
LISTENER = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:listener/app/shop/1/2"
BLUE, GREEN = (f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:targetgroup/{name}/1" for name in ("blue", "green"))
SAID = "The deployment failed"
SMOKE = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:smoke:live"


def _subject(status: str = "Failed", message: str = SAID) -> Subject:
    return subject(
        "CodeDeployToECS",
        category="Deploy",
        configuration={"ApplicationName": "shop", "DeploymentGroupName": "prod"},
        inputs=["Built"],
        status=status,
        message=message,
        external_id=DEPLOYMENT,
    )


def _deployment(status: str = "Succeeded", code: str = "", message: str = "") -> Reply:
    info: dict[str, Any] = {"deploymentId": DEPLOYMENT, "status": status, "computePlatform": "ECS"}
    if code:
        info["errorInformation"] = {"code": code, "message": message}
    return reply("codedeploy", "GetDeployment", {"deploymentInfo": info})


def _group(**more: Any) -> Reply:
    info = {
        "serviceRoleArn": ROLE,
        "computePlatform": "ECS",
        "ecsServices": [{"clusterName": "prod", "serviceName": "shop"}],
        "loadBalancerInfo": {
            "targetGroupPairInfoList": [
                {
                    "targetGroups": [{"name": "blue"}, {"name": "green"}],
                    "prodTrafficRoute": {"listenerArns": [LISTENER]},
                }
            ]
        },
        **more,
    }
    return reply("codedeploy", "GetDeploymentGroup", {"deploymentGroupInfo": info})


def _events(name: str = "AllowTraffic", status: str = "Succeeded", message: str = "") -> list[Reply]:
    event = {"lifecycleEventName": name, "status": status, "endTime": NOW - 60, "diagnostics": {"message": message}}
    target = {"targetId": "prod:shop", "status": status, "lifecycleEvents": [event]}
    return [
        reply("codedeploy", "ListDeploymentTargets", {"targetIds": ["prod:shop"]}),
        reply("codedeploy", "BatchGetDeploymentTargets", {"deploymentTargets": [{"ecsTarget": target}]}),
    ]


def _listener(target: str = BLUE) -> Reply:
    listener = {"ListenerArn": LISTENER, "DefaultActions": [{"Type": "forward", "TargetGroupArn": target}]}
    return reply("elbv2", "DescribeListeners", {"Listeners": [listener]})


def _crash() -> list[Reply]:
    task = {
        "taskArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/prod/0a1b2c3d",
        "stoppedReason": "Essential container in task exited",
        "stopCode": "EssentialContainerExited",
        "stoppedAt": NOW - 100,
        "containers": [{"name": "web", "exitCode": 1}],
    }
    return [
        reply("ecs", "ListTasks", {"taskArns": [task["taskArn"]]}),
        reply("ecs", "DescribeTasks", {"tasks": [task]}),
    ]


WELL = [
    _deployment(),
    _group(),
    *_events(),
    _listener(),
    trust(ROLE, "codedeploy.amazonaws.com"),
    reply("ecs", "DescribeServices", {"services": [{"status": "ACTIVE", "taskSets": [{"id": "ecs-svc/1"}]}]}),
    reply("ecs", "ListTasks", {"taskArns": []}),
    reply(
        "elbv2",
        "DescribeTargetGroups",
        {"TargetGroups": [{"TargetGroupArn": arn, "TargetGroupName": arn[-7:]} for arn in (BLUE, GREEN)]},
    ),
    reply("elbv2", "DescribeTargetHealth", {"TargetHealthDescriptions": []}),
    reply("codedeploy", "ListDeployments", {"deployments": []}),
]
FAILED = _deployment("Failed", "ECS_UPDATE_ERROR", "The ECS service cannot be updated")

CASES = [
    Case("bluegreen-healthy", "ecs-blue-green", _subject("Succeeded", ""), WELL),
    Case(
        "bluegreen-hook",
        "ecs-blue-green",
        _subject(),
        [
            _deployment("Failed", "HOOK_EXECUTION_FAILURE", "A hook failed"),
            *_events("AfterAllowTestTraffic", "Failed", "The validation function reported Failed"),
            *WELL,
        ],
        "codedeploy.hook-failed",
        "PutLifecycleEventHookExecutionStatus",
    ),
    Case(
        "bluegreen-crash",
        "ecs-blue-green",
        _subject(),
        [FAILED, *_events("Install", "Failed", "The task set did not become stable"), *_crash(), *WELL],
        "ecs.task-crash",
    ),
    Case(
        "bluegreen-listener",
        "ecs-blue-green",
        _subject(),
        [
            FAILED,
            *_events("AllowTraffic", "Failed", "The listener could not be changed"),
            _listener(BLUE.replace("blue", "other")),
            *WELL,
        ],
        "codedeploy.blue-green",
        "describe-listeners",
    ),
    Case(
        "bluegreen-service-gone",
        "ecs-blue-green",
        _subject(),
        [
            _deployment("Failed", "INVALID_ECS_SERVICE", "The ECS service is not there"),
            reply("ecs", "DescribeServices", {"services": [], "failures": [{"reason": "MISSING"}]}),
            *WELL,
        ],
        "ecs.service-config",
    ),
    Case(
        "bluegreen-alarm",
        "ecs-blue-green",
        _subject(),
        [
            _deployment("Failed", "ALARM_ACTIVE", "One or more alarms have been activated"),
            _group(alarmConfiguration={"alarms": [{"name": "shop-5xx"}]}),
            reply("cloudwatch", "DescribeAlarms", {"MetricAlarms": [{"AlarmName": "shop-5xx", "StateValue": "ALARM"}]}),
            *WELL,
        ],
        "codedeploy.alarm-rollback",
        "shop-5xx",
    ),
    Case(
        "bluegreen-not-allowed-to-look",
        "ecs-blue-green",
        _subject(),
        [denied("ecs", "DescribeServices"), FAILED, *_events("Install", "Failed", "It did not become stable"), *WELL],
        "codedeploy.blue-green",
    ),
    Case(
        "blue-green-hook-function-broke",
        "ecs-blue-green",
        _subject(),
        [
            reply(
                "codedeploy",
                "GetDeployment",
                {
                    "deploymentInfo": {
                        "deploymentId": DEPLOYMENT,
                        "status": "Failed",
                        "computePlatform": "ECS",
                        "revision": {
                            "appSpecContent": {"content": f"version: 0.0\nHooks:\n  - AfterAllowTestTraffic: {SMOKE}\n"}
                        },
                    }
                },
            ),
            _group(),
            *_events("AfterAllowTestTraffic", "Failed", "The hook failed"),
            reply("lambda", "GetFunctionConfiguration", {"FunctionName": "smoke"}, FunctionName="smoke"),
            reply(
                "logs",
                "FilterLogEvents",
                {"events": [{"message": "[ERROR] AssertionError: GET /cart answered 500"}]},
                logGroupName="/aws/lambda/smoke",
            ),
            *WELL,
        ],
        "codedeploy.hook-failed",
        "GET /cart answered 500",
    ),
]
