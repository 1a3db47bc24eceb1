"""Builds and what stands around them: image, machine, batch, network."""

from __future__ import annotations

import json

from tests.playbooks.corpus import Case
from tests.playbooks.recorded import Reply, reply
from tests.playbooks.scenarios.codebuild import NPM_TEST, SECRET, environment, failed, variable
from tests.playbooks.scene import ACCOUNT, BUILD_ID, NOW, REGION, build, build_log, build_subject, phases

IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/builder:7"
BATCH_ARN = f"arn:aws:codebuild:{REGION}:{ACCOUNT}:build-batch/web:b1"
MEMBER = f"arn:aws:codebuild:{REGION}:{ACCOUNT}:build/{BUILD_ID}"
IN_VPC = {"vpcId": "vpc-1", "subnets": ["subnet-1"], "securityGroupIds": ["sg-1"]}
NAT_ROUTE = {"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1", "State": "active"}
VPC = [
    reply("ec2", "DescribeSubnets", {"Subnets": [{"SubnetId": "subnet-1", "AvailableIpAddressCount": 200}]}),
    reply("ec2", "DescribeRouteTables", {"RouteTables": [{"Associations": [{"Main": True}], "Routes": [NAT_ROUTE]}]}),
    reply(
        "ec2",
        "DescribeSecurityGroups",
        {"SecurityGroups": [{"IpPermissionsEgress": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]}]},
    ),
    reply("ec2", "DescribeVpcEndpoints", {"VpcEndpoints": [{"ServiceName": f"com.amazonaws.{REGION}.s3"}]}),
]


def _batch(*groups: dict[str, object], **more: object) -> Reply:
    return reply("codebuild", "BatchGetBuildBatches", {"buildBatches": [{"buildGroups": list(groups), **more}]})


def _member(identifier: str, status: str, arn: str) -> dict[str, object]:
    return {"identifier": identifier, "currentBuildSummary": {"arn": arn, "buildStatus": status}}


CASES = [
    Case(
        "build-image-of-another-architecture",
        "codebuild",
        build_subject(),
        [
            failed(
                "PROVISIONING", "no matching manifest", "BUILD_CONTAINER_UNABLE", environment=environment(image=IMAGE)
            ),
            reply("ecr", "DescribeImages", {"imageDetails": [{"imageDigest": "sha256:1", "imagePushedAt": NOW - 9e6}]}),
            reply(
                "ecr",
                "BatchGetImage",
                {
                    "images": [
                        {"imageManifest": json.dumps({"manifests": [{"platform": {"architecture": "arm64"}}]})},
                    ]
                },
            ),
        ],
        "build.image-pull-failed",
        "ARM_CONTAINER",
    ),
    Case(
        "build-bound-by-its-processors",
        "codebuild",
        build_subject(message="Build terminated with state: TIMED_OUT"),
        [
            build("TIMED_OUT", phases=phases("BUILD", "Build has timed out.", "TIMED_OUT", "TIMED_OUT")),
            reply("cloudwatch", "GetMetricStatistics", {"Datapoints": [{"Average": 97.0, "Maximum": 100.0}]}),
        ],
        "build.timeout",
        "more processors",
        automatic=True,
    ),
    Case(
        "build-of-a-batch-that-failed",
        "codebuild",
        build_subject(configuration={"ProjectName": "web", "BatchEnabled": "true"}, external_id="web:b1"),
        [
            _batch(
                _member("linux", "SUCCEEDED", "arn:aws:codebuild:eu-west-1:111122223333:build/web:other"),
                _member("windows", "FAILED", MEMBER),
            ),
            failed("BUILD", NPM_TEST),
            build_log("npm ERR! 404 Not Found - GET https://registry.npmjs.org/left-pad - Not found"),
        ],
        "build.dependency-failed",
        proven=False,
    ),
    Case(
        "build-batch-without-a-build",
        "codebuild",
        build_subject(
            message="Build batch failed",
            configuration={"ProjectName": "web", "BatchEnabled": "true"},
            external_id="web:b1",
        ),
        [
            _batch(
                phases=[
                    {
                        "phaseType": "DOWNLOAD_BATCHSPEC",
                        "phaseStatus": "FAILED",
                        "contexts": [{"statusCode": "YAML_FILE_ERROR", "message": "batch: unknown key build-lists"}],
                    }
                ]
            ),
        ],
        "build.buildspec-invalid",
        "batch:",
        proven=False,
    ),
    Case(
        "build-secret-without-a-value",
        "codebuild",
        build_subject(),
        [
            failed(
                "DOWNLOAD_SOURCE",
                "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
                "CLIENT_ERROR",
                environment=environment(environmentVariables=[variable("TOKEN", "web/npm", "SECRETS_MANAGER")]),
            ),
            reply("secretsmanager", "DescribeSecret", {"ARN": SECRET, "Name": "web/npm", "VersionIdsToStages": {}}),
        ],
        "build.env-secret",
        "web/npm",
    ),
    Case(
        "build-behind-a-broken-nat",
        "codebuild",
        build_subject(),
        [
            failed("BUILD", "Error while executing command: npm ci. Reason: exit status 1", vpcConfig=IN_VPC),
            build_log("npm ERR! network request to https://registry.npmjs.org failed, reason: connect ETIMEDOUT"),
            reply("ec2", "DescribeNatGateways", {"NatGateways": [{"NatGatewayId": "nat-1", "State": "deleted"}]}),
            *VPC,
        ],
        "build.network",
        "NAT",
    ),
    Case(
        "build-in-a-vpc-healthy",
        "codebuild",
        build_subject("Succeeded", message=""),
        [build(vpcConfig=IN_VPC), *VPC],
    ),
]
