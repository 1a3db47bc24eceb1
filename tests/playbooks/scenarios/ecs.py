"""ECS deployments: crash, image, secrets, health check, room, names, service gone."""

from __future__ import annotations

from typing import Any

from core.playbook import Subject
from tests.playbooks.corpus import Case
from tests.playbooks.recorded import Reply, absent, allows, denied, log, reply
from tests.playbooks.scene import ACCOUNT, NOW, REGION, subject, trust

EXECUTION_ROLE = f"arn:aws:iam::{ACCOUNT}:role/shop-execution"
DEFINITION = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/shop:42"
TARGET_GROUP = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:targetgroup/shop/1"
IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/shop:abc123"
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:shop/db-AbCdEf"
BREAKER = (
    "The Amazon ECS deployment ecs-svc/123 of service shop in cluster prod failed. ECS deployment circuit breaker: "
    "tasks "
    "failed to start."
)
TIMED_OUT = "The deployment exceeded its time limit waiting for the service to become stable"


def _subject(status: str = "Failed", message: str = BREAKER) -> Subject:
    return subject(
        "ECS",
        category="Deploy",
        configuration={"ClusterName": "prod", "ServiceName": "shop", "FileName": "imagedefinitions.json"},
        inputs=["Built"],
        status=status,
        message=message,
        external_id="ecs-svc/123",
    )


def _service(*events: str, **more: Any) -> Reply:
    value = {
        "serviceName": "shop",
        "status": "ACTIVE",
        "desiredCount": 2,
        "runningCount": 2,
        "pendingCount": 0,
        "launchType": "FARGATE",
        "taskDefinition": DEFINITION,
        "deploymentController": {"type": "ECS"},
        "healthCheckGracePeriodSeconds": 0,
        "loadBalancers": [{"targetGroupArn": TARGET_GROUP, "containerName": "web", "containerPort": 8080}],
        "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-1"]}},
        "deployments": [
            {
                "id": "ecs-svc/123",
                "status": "PRIMARY",
                "rolloutState": "COMPLETED",
                "taskDefinition": DEFINITION,
                "createdAt": NOW - 900,
                "runningCount": 2,
                "desiredCount": 2,
            }
        ],
        "events": [{"id": str(index), "createdAt": NOW - 300, "message": text} for index, text in enumerate(events)],
        **more,
    }
    return reply("ecs", "DescribeServices", {"services": [value], "failures": []})


def _task(reason: str, code: str, exit_code: int | None = None, container_reason: str = "") -> list[Reply]:
    container: dict[str, Any] = {"name": "web", "reason": container_reason}
    if exit_code is not None:
        container["exitCode"] = exit_code
    task = {
        "taskArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/prod/0a1b2c3d4e5f",
        "taskDefinitionArn": DEFINITION,
        "stoppedReason": reason,
        "stopCode": code,
        "stoppedAt": NOW - 200,
        "containers": [container],
    }
    return [
        reply("ecs", "ListTasks", {"taskArns": [task["taskArn"]]}),
        reply("ecs", "DescribeTasks", {"tasks": [task]}),
    ]


def _health(state: str = "healthy", reason: str = "") -> list[Reply]:
    group = {
        "TargetGroupArn": TARGET_GROUP,
        "TargetGroupName": "shop",
        "HealthCheckProtocol": "HTTP",
        "HealthCheckPath": "/healthz",
        "HealthCheckPort": "traffic-port",
        "HealthCheckIntervalSeconds": 10,
        "HealthCheckTimeoutSeconds": 5,
        "UnhealthyThresholdCount": 2,
        "HealthyThresholdCount": 2,
        "Matcher": {"HttpCode": "200"},
    }
    health = {"Target": {"Id": "10.0.3.7", "Port": 8080}, "TargetHealth": {"State": state, "Reason": reason}}
    return [
        reply("elbv2", "DescribeTargetGroups", {"TargetGroups": [group]}),
        reply("elbv2", "DescribeTargetHealth", {"TargetHealthDescriptions": [health]}),
    ]


def _definition(**more: Any) -> Reply:
    container = {
        "name": "web",
        "image": IMAGE,
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {"awslogs-group": "/ecs/shop", "awslogs-stream-prefix": "ecs", "awslogs-region": REGION},
        },
        "secrets": [{"name": "DB", "valueFrom": f"{SECRET}:url::"}],
        **more,
    }
    value = {"taskDefinitionArn": DEFINITION, "executionRoleArn": EXECUTION_ROLE, "containerDefinitions": [container]}
    return reply("ecs", "DescribeTaskDefinition", {"taskDefinition": value})


WELL = [
    _service("(service shop) has reached a steady state."),
    _definition(),
    *_health(),
    reply("ecs", "ListTasks", {"taskArns": []}),
    reply("ecr", "DescribeImages", {"imageDetails": [{"imageDigest": "sha256:1"}]}),
    reply("secretsmanager", "DescribeSecret", {"ARN": SECRET}),
    reply("ec2", "DescribeSubnets", {"Subnets": [{"SubnetId": "subnet-1", "AvailableIpAddressCount": 200}]}),
    trust(EXECUTION_ROLE, "ecs-tasks.amazonaws.com"),
]

CASES = [
    Case("ecs-healthy", "ecs", _subject("Succeeded", ""), WELL),
    Case(
        "ecs-healthy-with-old-stopped-tasks",
        "ecs",
        _subject("Succeeded", ""),
        [*_task("Essential container in task exited", "EssentialContainerExited", 1), *WELL],
    ),
    Case(
        "ecs-crash",
        "ecs",
        _subject(),
        [
            *_task("Essential container in task exited", "EssentialContainerExited", 1),
            log(
                ["Starting", "Error: Cannot find module 'express'", "    at Module._resolveFilename"],
                logGroupName="/ecs/shop",
                logStreamName="ecs/web/0a1b2c3d4e5f",
            ),
            *WELL,
        ],
        "ecs.task-crash",
        "describe-tasks",
    ),
    Case(
        "ecs-image-absent",
        "ecs",
        _subject(),
        [
            *_task(
                "CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref",
                "TaskFailedToStart",
            ),
            absent("ecr", "DescribeImages"),
            *WELL,
        ],
        "ecs.image-pull",
    ),
    Case(
        "ecs-secret-gone",
        "ecs",
        _subject(),
        [
            *_task(
                "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval "
                "failed: unable to retrieve secret from asm",
                "TaskFailedToStart",
            ),
            absent("secretsmanager", "DescribeSecret"),
            *WELL,
        ],
        "ecs.secrets",
    ),
    Case(
        "ecs-unhealthy",
        "ecs",
        _subject(message=TIMED_OUT),
        [*_health("unhealthy", "Target.ResponseCodeMismatch"), *WELL],
        "ecs.health-check",
        "modify-target-group",
        automatic=True,
    ),
    Case(
        "ecs-crash-makes-targets-unhealthy",
        "ecs",
        _subject(),
        [
            *_task("Essential container in task exited", "EssentialContainerExited", 1),
            *_health("unhealthy", "Target.Timeout"),
            *WELL,
        ],
        "ecs.task-crash",
    ),
    Case(
        "ecs-unhealthy-says-the-service",
        "ecs",
        _subject(),
        [
            _service(
                "(service shop) (port 8080) is unhealthy in (target-group arn:x) due to (reason Health checks failed "
                "with these codes: [404])."
            ),
            *WELL,
        ],
        "ecs.health-check",
    ),
    Case(
        "ecs-no-room",
        "ecs",
        _subject(message=TIMED_OUT),
        [
            _service(
                "(service shop) was unable to place a task because no container instance met all of its requirements."
            ),
            *WELL,
        ],
        "ecs.capacity",
    ),
    Case(
        "ecs-no-addresses",
        "ecs",
        _subject(message=TIMED_OUT),
        [
            _service("(service shop) failed to launch a task: subnet-1 has insufficient free addresses"),
            reply("ec2", "DescribeSubnets", {"Subnets": [{"SubnetId": "subnet-1", "AvailableIpAddressCount": 1}]}),
            *WELL,
        ],
        "ecs.capacity",
    ),
    Case(
        "ecs-service-gone",
        "ecs",
        _subject(message="Service not found: shop"),
        [reply("ecs", "DescribeServices", {"services": [], "failures": [{"reason": "MISSING"}]}), *WELL],
        "ecs.service-config",
        "list-services",
    ),
    Case(
        "ecs-wrong-controller",
        "ecs",
        _subject(message="The deployment controller of the service is not supported"),
        [_service(deploymentController={"type": "CODE_DEPLOY"}), *WELL],
        "ecs.service-config",
    ),
    Case(
        "ecs-container-renamed",
        "ecs",
        _subject(
            message="The image definitions file imagedefinitions.json names a container 'app' that does not exist"
        ),
        WELL,
        "ecs.image-definitions",
        "imageUri",
    ),
    Case(
        "ecs-execution-role-denied",
        "ecs",
        _subject(message=TIMED_OUT),
        [
            *_task(
                "ResourceInitializationError: unable to retrieve secret from asm: AccessDeniedException: not "
                "authorized "
                "to perform: secretsmanager:GetSecretValue",
                "TaskFailedToStart",
            ),
            allows("secretsmanager:GetSecretValue", role=EXECUTION_ROLE),
            *WELL,
        ],
        "ecs.secrets",
    ),
    Case(
        "ecs-not-allowed-to-look",
        "ecs",
        _subject(message=TIMED_OUT),
        [denied("ecs", "DescribeServices"), denied("ecs", "ListTasks"), *WELL],
        "ecs.not-stable",
        proven=False,
    ),
    Case(
        "ecs-fargate-quota",
        "ecs",
        _subject(message=TIMED_OUT),
        [
            _service("(service shop) was unable to place a task. You've reached the limit on the number of vCPUs"),
            reply(
                "service-quotas",
                "ListServiceQuotas",
                {
                    "Quotas": [
                        {"QuotaName": "Fargate Spot vCPU resource count", "Value": 64.0},
                        {"QuotaName": "Fargate On-Demand vCPU resource count", "Value": 6.0},
                    ]
                },
            ),
            *WELL,
        ],
        "ecs.capacity",
        "may run 6 vCPUs",
    ),
    Case(
        "ecs-no-instance-has-room",
        "ecs",
        _subject(message=TIMED_OUT),
        [
            _service(
                "(service shop) was unable to place a task because no container instance met all of its requirements",
                launchType="EC2",
                networkConfiguration={},
            ),
            _definition(cpu=1024, memory=2048),
            reply("ecs", "ListContainerInstances", {"containerInstanceArns": ["ci-1"]}),
            reply(
                "ecs",
                "DescribeContainerInstances",
                {
                    "containerInstances": [
                        {
                            "ec2InstanceId": "i-1",
                            "status": "ACTIVE",
                            "agentConnected": True,
                            "remainingResources": [
                                {"name": "CPU", "integerValue": 512},
                                {"name": "MEMORY", "integerValue": 900},
                            ],
                        }
                    ]
                },
            ),
            *WELL,
        ],
        "ecs.capacity",
        "512 and 900 left",
    ),
    Case(
        "ecs-limits-leave-no-task-to-move",
        "ecs",
        _subject(message=TIMED_OUT),
        [_service(deploymentConfiguration={"minimumHealthyPercent": 100, "maximumPercent": 100}), *WELL],
        "ecs.capacity",
        "maximumPercent",
        proven=False,
    ),
    Case(
        "ecs-port-that-nothing-maps",
        "ecs",
        _subject(message=TIMED_OUT),
        [_definition(portMappings=[{"containerPort": 3000}]), *WELL],
        "ecs.service-config",
        "maps 3000",
        proven=False,
    ),
]
