"""Builds that find no room, caches and mounts, structures that AWS refuses, actions that CodePipeline runs itself."""

from __future__ import annotations

from core.playbook import Subject
from tests.playbooks.corpus import Case
from tests.playbooks.recorded import allows, log, reply
from tests.playbooks.scenarios import cloudformation, codedeploy, ecs
from tests.playbooks.scene import (
    ACCOUNT,
    BUILD_ID,
    BUILD_ROLE,
    ENVIRONMENT,
    NOW,
    PIPELINE_ROLE,
    REGION,
    STORE,
    build,
    build_subject,
    phases,
    project,
    subject,
)

SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/web-build/AWSCodeBuild-5f1c"
LOG_STREAM = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/codebuild/web:log-stream:5f1c"
FLEET = f"arn:aws:codebuild:{REGION}:{ACCOUNT}:fleet/macs:1"
OTHER = {"id": "web:other", "buildStatus": "IN_PROGRESS", "currentPhase": "BUILD", "startTime": NOW - 9000}
WAITS = build(
    "IN_PROGRESS", currentPhase="QUEUED", startTime=NOW - 4000, endTime=None, phases=[{"phaseType": "QUEUED"}]
)
LISTED = reply("codebuild", "ListBuildsForProject", {"ids": [BUILD_ID, "web:other"]})
STREAM = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/codepipeline/web:log-stream:abc"


def _declared(name: str, category: str, provider: str, configuration: dict[str, str], side: str) -> dict[str, object]:
    kind = {"category": category, "owner": "AWS", "provider": provider, "version": "1"}
    both = {"inputArtifacts": [], "outputArtifacts": [], side: [{"name": "Built"}]}
    return {"name": name, "actionTypeId": kind, "runOrder": 1, "configuration": configuration, **both}


BUCKET = {"S3Bucket": "inbox", "S3ObjectKey": "app.zip", "PollForSourceChanges": "false"}
STRUCTURE = {
    "name": "web",
    "roleArn": PIPELINE_ROLE,
    "version": 3,
    "pipelineType": "V2",
    "artifactStore": {"type": "S3", "location": STORE},
    "stages": [
        {"name": "Fetch", "actions": [_declared("Fetch", "Source", "S3", BUCKET, "outputArtifacts")]},
        {
            "name": "Deploy",
            "actions": [_declared("DeployIt", "Deploy", "ECS", {"ClusterName": "prod"}, "inputArtifacts")],
        },
    ],
}


def _waiting() -> Subject:
    return build_subject("InProgress", message="")


def _computed(provider: str) -> Subject:
    return subject(
        provider,
        message="The action failed",
        configuration={"ECRRepositoryName": "shop"},
        inputs=["SourceOutput"],
    )


CASES = [
    Case(
        "build-waits-for-its-own-limit",
        "codebuild",
        _waiting(),
        [
            reply("codebuild", "BatchGetBuilds", {"builds": [OTHER]}, ids=[BUILD_ID, "web:other"]),
            WAITS,
            project(concurrentBuildLimit=1),
            LISTED,
        ],
        "build.concurrency-limit",
        "concurrent build limit",
    ),
    Case(
        "build-waits-for-the-accounts-quota",
        "codebuild",
        _waiting(),
        [
            reply("codebuild", "ListBuilds", {"ids": ["web:1", "api:1", "api:2"]}),
            reply(
                "codebuild",
                "BatchGetBuilds",
                {"builds": [{**OTHER, "id": name, "environment": ENVIRONMENT} for name in ("api:1", "api:2")]},
                ids=["web:1", "api:1", "api:2"],
            ),
            WAITS,
            reply("codebuild", "ListBuildsForProject", {"ids": [BUILD_ID]}),
            reply(
                "service-quotas",
                "ListServiceQuotas",
                {
                    "Quotas": [
                        {"QuotaName": "Concurrently running builds for ARM/Small environment", "Value": 1.0},
                        {"QuotaName": "Concurrently running builds for Linux GPU/Small environment", "Value": 0.0},
                        {"QuotaName": "Concurrently running builds for Linux/Small environment", "Value": 2.0},
                    ]
                },
            ),
        ],
        "build.concurrency-limit",
        "list-service-quotas",
    ),
    Case(
        "build-waits-for-a-broken-fleet",
        "codebuild",
        _waiting(),
        [
            WAITS,
            project(environment={**ENVIRONMENT, "fleet": {"fleetArn": FLEET}}),
            reply("codebuild", "ListBuildsForProject", {"ids": [BUILD_ID]}),
            reply(
                "codebuild",
                "BatchGetFleets",
                {"fleets": [{"name": "macs", "status": {"statusCode": "UPDATE_FAILED", "message": "no capacity"}}]},
            ),
        ],
        "build.infrastructure",
        "room",
    ),
    Case(
        "build-refused-for-the-accounts-limit",
        "codebuild",
        build_subject(
            message="Error calling startBuild: Cannot have more than 1 builds in queue for the account (Error Code: "
            "AccountLimitExceededException)",
            external_id="",
        ),
        [LISTED],
        "build.concurrency-limit",
        "Service Quotas",
        proven=False,
    ),
    Case(
        "build-cache-refused",
        "codebuild",
        build_subject(),
        [
            build(
                "FAILED",
                phases=phases("DOWNLOAD_SOURCE", "Unable to download cache: AccessDenied: status 403", "CLIENT_ERROR"),
                cache={"type": "S3", "location": "cache-bucket/web"},
            )
        ],
        "build.cache-failed",
        "cache",
    ),
    Case(
        "build-mount-refused",
        "codebuild",
        build_subject(),
        [
            build(
                "FAILED",
                phases=phases("PROVISIONING", "mounting fs-1234:/ failed. connection timed out", "CLIENT_ERROR"),
                fileSystemLocations=[{"type": "EFS", "location": "fs-1234:/", "mountPoint": "/cache"}],
            )
        ],
        "build.mount-failed",
        "2049",
    ),
    Case(
        "computed-image-build",
        "invoke",
        _computed("ECRBuildAndPublish"),
        [
            reply(
                "codepipeline",
                "GetPipelineState",
                {
                    "stageStates": [
                        {
                            "stageName": "Build",
                            "actionStates": [
                                {
                                    "actionName": "BuildIt",
                                    "latestExecution": {"status": "Failed", "logStreamARN": STREAM},
                                }
                            ],
                        }
                    ]
                },
            ),
            log(["#9 ERROR: no space left on device", "write /layer.tar: no space left on device"]),
        ],
        "build.disk-full",
        proven=False,
    ),
    Case(
        "build-role-may-not-write-its-log",
        "codebuild",
        build_subject(),
        [
            build(
                "FAILED",
                phases=phases(
                    "SUBMITTED",
                    f"User: {SESSION} is not authorized to perform: logs:CreateLogStream on "
                    f"resource: {LOG_STREAM} because no identity-based policy allows the logs:CreateLogStream action",
                ),
                logs={"cloudWatchLogs": {"status": "ENABLED"}},
            ),
            allows("logs:CreateLogStream", role=BUILD_ROLE),
        ],
        "build.logs-denied",
        "logs:CreateLogStream",
        automatic=True,
    ),
    Case(
        "build-image-lacks-the-runtime",
        "codebuild",
        build_subject(),
        [
            build(
                "FAILED",
                phases=phases(
                    "INSTALL",
                    "Unknown runtime version named '12' of nodejs. This build image has the following versions: 18, 20",
                    "YAML_FILE_ERROR",
                ),
            )
        ],
        "build.runtime-unsupported",
        "runtime-versions",
    ),
    Case(
        "build-may-not-make-a-network-interface",
        "codebuild",
        build_subject(),
        [
            build(
                "FAILED",
                phases=phases(
                    "PROVISIONING",
                    f"User: {SESSION} is not authorized to perform: "
                    "ec2:CreateNetworkInterface because no identity-based policy allows the ec2:CreateNetworkInterface "
                    "action",
                    "VPC_CLIENT_ERROR",
                ),
                vpcConfig={"vpcId": "vpc-1", "subnets": ["subnet-1"], "securityGroupIds": ["sg-1"]},
            ),
            allows("ec2:CreateNetworkInterface", role=BUILD_ROLE),
        ],
        "build.vpc-config",
        "ec2:CreateNetworkInterface",
    ),
    Case(
        "servers-cannot-unpack",
        "codedeploy",
        codedeploy._subject(),
        [
            codedeploy.FAILED,
            *codedeploy._targets(
                codedeploy._event(
                    "DownloadBundle",
                    "Failed",
                    errorCode="UnknownError",
                    message="Zip end of central directory signature not found",
                )
            ),
            *codedeploy.WELL,
        ],
        "codedeploy.bundle-unpack",
        "deployment-root",
    ),
    Case(
        "breaker-without-a-reason",
        "ecs",
        ecs._subject(message="ECS deployment circuit breaker was triggered"),
        [
            ecs._service("(service shop) (deployment ecs-svc/1) deployment failed: tasks failed to start."),
            reply("ecs", "ListTasks", {"taskArns": []}),
            *ecs.WELL,
        ],
        "ecs.circuit-breaker",
        "stop reason",
        proven=False,
    ),
    Case(
        "stack-hits-a-quota",
        "cloudformation",
        cloudformation._subject(),
        [
            cloudformation._stack("UPDATE_ROLLBACK_COMPLETE"),
            cloudformation._events(
                cloudformation._begin(),
                cloudformation._event(
                    "Vpc",
                    "AWS::EC2::VPC",
                    "CREATE_FAILED",
                    "VpcLimitExceeded: the maximum number of VPCs has been reached, ask for a higher quota",
                ),
            ),
            *cloudformation.WELL,
        ],
        "flow.throttled",
        "quota",
    ),
    Case(
        "source-object-too-large",
        "source-s3",
        subject(
            "S3",
            category="Source",
            configuration={"S3Bucket": "inbox", "S3ObjectKey": "app.zip", "PollForSourceChanges": "true"},
            message="The action failed",
        ),
        [
            reply("s3", "GetBucketVersioning", {"Status": "Enabled"}),
            reply("s3", "HeadObject", {"ContentLength": 9 * 1024**3, "LastModified": NOW}),
        ],
        "source.artifact-too-large",
        "smaller",
    ),
    Case(
        "structure-without-what-the-action-needs",
        "flow",
        subject(
            "ECS",
            category="Deploy",
            configuration={"ClusterName": "prod"},
            inputs=["Built"],
            message="Action configuration for action 'DeployIt' is missing required configuration 'ServiceName'",
        ),
        [reply("codepipeline", "GetPipeline", {"pipeline": STRUCTURE})],
        "flow.structure-invalid",
        "Update the pipeline",
    ),
    Case(
        "no-registered-server",
        "codedeploy",
        codedeploy._subject(),
        [
            codedeploy._deployment("Failed", "NO_INSTANCES", "No instances were found for the group"),
            codedeploy._group(ec2TagSet={}, onPremisesInstanceTagFilters=[{"Key": "site", "Value": "north"}]),
            reply("codedeploy", "ListOnPremisesInstances", {"instanceNames": []}),
            reply("codedeploy", "ListDeploymentTargets", {"targetIds": []}),
            *codedeploy.WELL,
        ],
        "codedeploy.no-instances",
        "site = north",
    ),
]
