"""Deployments to servers: scripts, agents, profiles, traffic, alarms, groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.playbook import Subject
from tests.playbooks.corpus import Case
from tests.playbooks.recorded import Reply, absent, allows, denied, reply
from tests.playbooks.scene import ACCOUNT, NOW, REGION, STORE, subject, trust

DEPLOYMENT = "d-ABCDEF123"
SERVICE_ROLE = f"arn:aws:iam::{ACCOUNT}:role/codedeploy"
SERVER_ROLE = f"arn:aws:iam::{ACCOUNT}:role/shop-server"
PROFILE = f"arn:aws:iam::{ACCOUNT}:instance-profile/shop-server"
TARGET_GROUP = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:targetgroup/shop/1"
TOO_MANY = (
    "The overall deployment failed because too many individual instances failed deployment, too few healthy instances "
    "are available for deployment, or some instances in your deployment group are experiencing problems."
)


def _subject(status: str = "Failed", message: str = TOO_MANY, external_id: str = DEPLOYMENT) -> Subject:
    return subject(
        "CodeDeploy",
        category="Deploy",
        configuration={"ApplicationName": "shop", "DeploymentGroupName": "prod"},
        inputs=["Built"],
        status=status,
        message=message,
        external_id=external_id,
    )


def _deployment(status: str = "Succeeded", code: str = "", message: str = "", **more: Any) -> Reply:
    info: dict[str, Any] = {
        "applicationName": "shop",
        "deploymentGroupName": "prod",
        "deploymentId": DEPLOYMENT,
        "deploymentConfigName": "CodeDeployDefault.OneAtATime",
        "status": status,
        "deploymentOverview": {"Succeeded": 2 if status == "Succeeded" else 0, "Failed": int(status == "Failed")},
        "revision": {"revisionType": "S3", "s3Location": {"bucket": STORE, "key": "web/Built/abc"}},
        **more,
    }
    if code:
        info["errorInformation"] = {"code": code, "message": message}
    return reply("codedeploy", "GetDeployment", {"deploymentInfo": info})


def _group(**more: Any) -> Reply:
    info = {
        "applicationName": "shop",
        "deploymentGroupName": "prod",
        "serviceRoleArn": SERVICE_ROLE,
        "deploymentConfigName": "CodeDeployDefault.OneAtATime",
        "computePlatform": "Server",
        "ec2TagSet": {"ec2TagSetList": [[{"Key": "app", "Value": "shop", "Type": "KEY_AND_VALUE"}]]},
        **more,
    }
    return reply("codedeploy", "GetDeploymentGroup", {"deploymentGroupInfo": info})


def _event(name: str, status: str = "Succeeded", **diagnostics: Any) -> dict[str, Any]:
    return {"lifecycleEventName": name, "status": status, "endTime": NOW - 100, "diagnostics": diagnostics}


def _targets(*events: Mapping[str, Any], status: str = "Failed") -> list[Reply]:
    target = {"targetId": "i-0a1", "status": status, "lifecycleEvents": list(events)}
    return [
        reply("codedeploy", "ListDeploymentTargets", {"targetIds": ["i-0a1"]}),
        reply("codedeploy", "BatchGetDeploymentTargets", {"deploymentTargets": [{"instanceTarget": target}]}),
    ]


def _instances(state: str = "running", profile: str = PROFILE) -> Reply:
    instance = {
        "InstanceId": "i-0a1",
        "State": {"Name": state},
        **({"IamInstanceProfile": {"Arn": profile}} if profile else {}),
    }
    return reply("ec2", "DescribeInstances", {"Reservations": [{"Instances": [instance]}]})


def _well() -> Sequence[Reply]:
    return [
        _deployment(),
        _group(),
        *_targets(_event("ApplicationStart"), status="Succeeded"),
        _instances(),
        trust(SERVICE_ROLE, "codedeploy.amazonaws.com"),
        reply(
            "codedeploy",
            "GetDeploymentConfig",
            {"deploymentConfigInfo": {"minimumHealthyHosts": {"type": "HOST_COUNT", "value": 0}}},
        ),
        reply("codedeploy", "ListDeployments", {"deployments": []}),
        reply("iam", "GetInstanceProfile", {"InstanceProfile": {"Roles": [{"Arn": SERVER_ROLE}]}}),
    ]


WELL = _well()
FAILED = _deployment("Failed", "HEALTH_CONSTRAINTS", TOO_MANY)
BEHIND = _group(loadBalancerInfo={"targetGroupInfoList": [{"name": "shop"}]})
ALARMED = _group(alarmConfiguration={"enabled": True, "alarms": [{"name": "shop-5xx"}]})
SCALED = _group(autoScalingGroups=[{"name": "shop-asg"}], ec2TagSet={})

CASES = [
    Case("codedeploy-healthy", "codedeploy", _subject("Succeeded", ""), WELL),
    Case(
        "codedeploy-hook-failed",
        "codedeploy",
        _subject(),
        [
            FAILED,
            *_targets(
                _event("BeforeInstall"),
                _event(
                    "ApplicationStart",
                    "Failed",
                    errorCode="ScriptFailed",
                    scriptName="scripts/start.sh",
                    message="Script at specified location: scripts/start.sh run as user root failed with exit code 1",
                    logTail="LifecycleEvent - ApplicationStart\n[stderr]Failed to start shop.service: bad unit file",
                ),
            ),
            *WELL,
        ],
        "codedeploy.hook-failed",
        "scripts/start.sh",
    ),
    Case(
        "codedeploy-unknown-failure-leaves-others-unbegun",
        "codedeploy",
        _subject(),
        [
            FAILED,
            reply("codedeploy", "ListDeploymentTargets", {"targetIds": ["i-0a1", "i-0a2"]}),
            reply(
                "codedeploy",
                "BatchGetDeploymentTargets",
                {
                    "deploymentTargets": [
                        {
                            "instanceTarget": {
                                "targetId": "i-0a1",
                                "status": "Failed",
                                "lifecycleEvents": [
                                    _event("Install", "Failed", errorCode="UnknownError", message="odd")
                                ],
                            }
                        },
                        {
                            "instanceTarget": {
                                "targetId": "i-0a2",
                                "status": "Pending",
                                "lifecycleEvents": [_event("Install", "Pending")],
                            }
                        },
                    ]
                },
            ),
            *WELL,
        ],
        "codedeploy.health",
        proven=False,
    ),
    Case(
        "codedeploy-file-exists",
        "codedeploy",
        _subject(),
        [
            FAILED,
            *_targets(
                _event(
                    "Install",
                    "Failed",
                    errorCode="UnknownError",
                    message="The deployment failed because a specified file already exists at this location: /srv/x",
                )
            ),
            *WELL,
        ],
        "codedeploy.file-exists",
        "OVERWRITE",
    ),
    Case(
        "codedeploy-agent-silent",
        "codedeploy",
        _subject(),
        [
            FAILED,
            *_targets(_event("ApplicationStop", "Pending"), _event("DownloadBundle", "Pending"), status="Pending"),
            reply("ssm", "DescribeInstanceInformation", {"InstanceInformationList": []}),
            *WELL,
        ],
        "codedeploy.agent-missing",
        "codedeploy-agent",
    ),
    Case(
        "codedeploy-profile-denied",
        "codedeploy",
        _subject(),
        [
            FAILED,
            *_targets(_event("DownloadBundle", "Failed", errorCode="UnknownError", message="Access Denied")),
            allows("s3:GetObject", role=SERVER_ROLE),
            *WELL,
        ],
        "codedeploy.instance-profile",
        "s3:GetObject",
        automatic=True,
    ),
    Case(
        "codedeploy-no-profile",
        "codedeploy",
        _subject(),
        [
            FAILED,
            *_targets(
                _event(
                    "DownloadBundle", "Failed", errorCode="UnknownError", message="Missing credentials - please check"
                )
            ),
            _instances(profile=""),
            *WELL,
        ],
        "codedeploy.instance-profile",
    ),
    Case(
        "codedeploy-no-instances",
        "codedeploy",
        _subject(message="The deployment failed because no instances were found for your deployment group."),
        [
            _deployment("Failed", "NO_INSTANCES", "No instances were found for your deployment group."),
            _instances("stopped"),
            reply("codedeploy", "ListDeploymentTargets", {"targetIds": []}),
            *WELL,
        ],
        "codedeploy.no-instances",
        "app",
    ),
    Case(
        "codedeploy-target-unhealthy",
        "codedeploy",
        _subject(),
        [
            FAILED,
            BEHIND,
            *_targets(_event("AllowTraffic", "Failed", errorCode="UnknownError", message="")),
            reply(
                "elbv2",
                "DescribeTargetGroups",
                {
                    "TargetGroups": [
                        {"TargetGroupArn": TARGET_GROUP, "TargetGroupName": "shop", "HealthCheckPath": "/up"}
                    ]
                },
            ),
            reply(
                "elbv2",
                "DescribeTargetHealth",
                {
                    "TargetHealthDescriptions": [
                        {
                            "Target": {"Id": "i-0a1", "Port": 80},
                            "TargetHealth": {"State": "unhealthy", "Reason": "Target.ResponseCodeMismatch"},
                        }
                    ]
                },
            ),
            *WELL,
        ],
        "codedeploy.load-balancer",
    ),
    Case(
        "codedeploy-alarm",
        "codedeploy",
        _subject(message="The deployment was stopped because of alarms"),
        [
            _deployment("Failed", "ALARM_ACTIVE", "One or more alarms have been activated"),
            ALARMED,
            reply(
                "cloudwatch",
                "DescribeAlarms",
                {"MetricAlarms": [{"AlarmName": "shop-5xx", "StateValue": "ALARM", "StateReason": "12 > 5"}]},
            ),
            *WELL,
        ],
        "codedeploy.alarm-rollback",
    ),
    Case(
        "codedeploy-suspended",
        "codedeploy",
        _subject(message="Auto Scaling lifecycle hooks could not be completed"),
        [
            _deployment("Failed", "AUTO_SCALING_CONFIGURATION", "The Auto Scaling group could not be prepared"),
            SCALED,
            reply(
                "autoscaling",
                "DescribeAutoScalingGroups",
                {
                    "AutoScalingGroups": [
                        {
                            "AutoScalingGroupName": "shop-asg",
                            "SuspendedProcesses": [{"ProcessName": "Launch"}],
                            "Instances": [{"InstanceId": "i-0a1", "LifecycleState": "InService"}],
                        }
                    ]
                },
            ),
            *WELL,
        ],
        "codedeploy.autoscaling",
        "Resume the processes",
        automatic=True,
    ),
    Case(
        "codedeploy-too-few-hosts",
        "codedeploy",
        _subject(),
        [
            _deployment("Failed", "HEALTH_CONSTRAINTS", TOO_MANY, deploymentConfigName="keep-one"),
            *_targets(_event("ApplicationStop", "Skipped"), status="Skipped"),
            reply(
                "codedeploy",
                "GetDeploymentConfig",
                {"deploymentConfigInfo": {"minimumHealthyHosts": {"type": "HOST_COUNT", "value": 1}}},
            ),
            *WELL,
        ],
        "codedeploy.health",
        "OneAtATime",
    ),
    Case(
        "codedeploy-group-gone",
        "codedeploy",
        _subject(message="No Deployment Group found for name: prod", external_id=""),
        [absent("codedeploy", "GetDeploymentGroup"), *WELL],
        "codedeploy.configuration",
        "list-deployment-groups",
    ),
    Case(
        "codedeploy-busy",
        "codedeploy",
        _subject(
            message="The Deployment Group 'prod' already has an active Deployment 'd-OTHER1' (DeploymentLimitExceeded)",
            external_id="",
        ),
        [reply("codedeploy", "ListDeployments", {"deployments": ["d-OTHER1"]}), *WELL],
        "codedeploy.configuration",
        "d-OTHER1",
    ),
    Case(
        "codedeploy-not-allowed-to-look",
        "codedeploy",
        _subject(),
        [denied("codedeploy", "GetDeployment"), denied("codedeploy", "BatchGetDeploymentTargets"), *WELL],
        "codedeploy.health",
        proven=False,
    ),
    Case(
        "codedeploy-auto-scaling-took-the-server-away",
        "codedeploy",
        _subject(),
        [
            _deployment("Failed", "HEALTH_CONSTRAINTS", TOO_MANY, createTime=NOW - 900, completeTime=NOW - 300),
            SCALED,
            *_targets(_event("ApplicationStop", "Unknown")),
            reply(
                "autoscaling",
                "DescribeAutoScalingGroups",
                {
                    "AutoScalingGroups": [
                        {
                            "AutoScalingGroupName": "shop-asg",
                            "HealthCheckType": "ELB",
                            "HealthCheckGracePeriod": 30,
                            "Instances": [{"InstanceId": "i-0b2", "LifecycleState": "InService"}],
                        }
                    ]
                },
            ),
            reply("autoscaling", "DescribeLifecycleHooks", {"LifecycleHooks": []}),
            reply(
                "autoscaling",
                "DescribeScalingActivities",
                {
                    "Activities": [
                        {
                            "StartTime": NOW - 600,
                            "Description": "Terminating EC2 instance: i-0a1",
                            "Cause": "an instance was taken out of service in response to an ELB health check failure",
                        }
                    ]
                },
            ),
        ],
        "codedeploy.autoscaling",
        "grace period",
    ),
    Case(
        "codedeploy-draining-takes-too-long",
        "codedeploy",
        _subject(),
        [
            _deployment("Failed", "HEALTH_CONSTRAINTS", TOO_MANY),
            _group(loadBalancerInfo={"targetGroupInfoList": [{"name": "shop"}]}),
            *_targets(_event("BlockTraffic", "Failed", message="BlockTraffic timed out")),
            reply("elbv2", "DescribeTargetGroups", {"TargetGroups": [{"TargetGroupArn": TARGET_GROUP}]}),
            reply("elbv2", "DescribeTargetHealth", {"TargetHealthDescriptions": []}),
            reply(
                "elbv2",
                "DescribeTargetGroupAttributes",
                {"Attributes": [{"Key": "deregistration_delay.timeout_seconds", "Value": "3600"}]},
            ),
        ],
        "codedeploy.load-balancer",
        "BlockTraffic",
    ),
]
