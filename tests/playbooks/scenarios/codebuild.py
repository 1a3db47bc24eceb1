"""Builds: healthy, refused, misconfigured, out of memory, stopped."""

from __future__ import annotations

from tests.playbooks.corpus import Case
from tests.playbooks.recorded import Reply, absent, allows, denied, reply
from tests.playbooks.scene import (
    ACCOUNT,
    BUILD_ID,
    BUILD_ROLE,
    KEY,
    NOW,
    REGION,
    STORE,
    build,
    build_log,
    build_subject,
    phases,
    project,
    trust,
)

REPORT = f"arn:aws:codebuild:{REGION}:{ACCOUNT}:report/web-unit:1"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/web-build/AWSCodeBuild-5f1c"


def failed(phase: str, context: str, code: str = "COMMAND_EXECUTION_ERROR", **more: object) -> Reply:
    return build("FAILED", phases=phases(phase, context, code), **more)


def environment(**more: object) -> dict[str, object]:
    return {
        "type": "LINUX_CONTAINER",
        "image": "aws/codebuild/amazonlinux-x86_64-standard:5.0",
        "computeType": "BUILD_GENERAL1_SMALL",
        "environmentVariables": [],
        "privilegedMode": False,
        **more,
    }


def variable(name: str, value: str, kind: str) -> dict[str, str]:
    return {"name": name, "value": value, "type": kind}


SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:web/npm-a1b2c3"
NPM_TEST = "Error while executing command: npm test. Reason: exit status 1"

CASES = [
    Case("build-healthy", "codebuild", build_subject("Succeeded", message="")),
    Case(
        "build-healthy-but-simulation-denies",
        "codebuild",
        build_subject("Succeeded", message="", key=KEY),
        [allows("s3:GetObject", "logs:CreateLogStream", "kms:Decrypt")],
    ),
    Case(
        "build-artifact-denied",
        "codebuild",
        build_subject(),
        [
            failed(
                "DOWNLOAD_SOURCE",
                "AccessDenied: Access Denied status code: 403, request id: 8N, host id: x= for primary source and "
                f"source version arn:aws:s3:::{STORE}/web/SourceOutp/8hXAbc",
                "CLIENT_ERROR",
            ),
            build_log("[Container] Waiting for agent ping"),
            allows("s3:GetObject", "s3:GetObjectVersion", role=BUILD_ROLE),
        ],
        "artifact.access-denied",
        "iam.add-action:web-build",
        automatic=True,
    ),
    Case(
        "build-command-denied",
        "codebuild",
        build_subject(),
        [
            failed("POST_BUILD", "Error while executing command: aws s3 sync . s3://site. Reason: exit status 1"),
            build_log(
                "[Container] Entering phase POST_BUILD",
                "[Container] Running command aws s3 sync dist s3://site-bucket",
                "upload failed: dist/index.html to s3://site-bucket/index.html An error occurred (AccessDenied) when "
                f"calling the PutObject operation: User: {SESSION} is not authorized to perform: s3:PutObject on "
                'resource: "arn:aws:s3:::site-bucket/index.html" because no identity-based policy allows the '
                "s3:PutObject action",
                "[Container] Command did not exit successfully aws s3 sync dist s3://site-bucket exit status 1",
            ),
            allows("s3:PutObject site-bucket", role=BUILD_ROLE),
        ],
        "permission.action-denied",
        "s3:PutObject",
        automatic=True,
    ),
    Case(
        "build-explicit-deny",
        "codebuild",
        build_subject(),
        [
            failed("BUILD", "Error while executing command: terraform apply. Reason: exit status 1"),
            build_log(
                f"Error: AccessDenied: User: {SESSION} is not authorized to perform: iam:CreateRole on resource: "
                f"arn:aws:iam::{ACCOUNT}:role/app with an explicit deny in a permissions boundary"
            ),
            allows(explicit=["iam:CreateRole"], role=BUILD_ROLE),
        ],
        "permission.explicit-deny",
    ),
    Case(
        "build-trust",
        "codebuild",
        build_subject(
            message="Error calling startBuild: CodeBuild is not authorized to perform: sts:AssumeRole on service role",
            external_id="",
        ),
        [trust(BUILD_ROLE, "ec2.amazonaws.com")],
        "permission.role-trust",
        "codebuild.amazonaws.com",
        automatic=True,
    ),
    Case(
        "build-project-missing",
        "codebuild",
        build_subject(
            message="Error calling startBuild: Project cannot be found: "
            f"arn:aws:codebuild:{REGION}:{ACCOUNT}:project/web "
            "(Service: AWSCodeBuild; Status Code: 400; Error Code: ResourceNotFoundException)",
            external_id="",
        ),
        [reply("codebuild", "BatchGetProjects", {"projects": [], "projectsNotFound": ["web"]})],
        "build.project-missing",
    ),
    Case(
        "build-buildspec-missing",
        "codebuild",
        build_subject(),
        [
            failed(
                "DOWNLOAD_SOURCE",
                "stat /codebuild/output/src1/src/ci/buildspec.yaml: no such file or directory",
                "YAML_FILE_ERROR",
                source={"type": "CODEPIPELINE", "buildspec": "ci/buildspec.yaml"},
            ),
            build_log("[Container] Phase context status code: YAML_FILE_ERROR Message: stat: no such file"),
        ],
        "build.buildspec-missing",
        "ci/buildspec.yaml",
    ),
    Case(
        "build-buildspec-invalid",
        "codebuild",
        build_subject(),
        [failed("DOWNLOAD_SOURCE", "YAML_FILE_ERROR: did not find expected key at line 12", "YAML_FILE_ERROR")],
        "build.buildspec-invalid",
        "line 12",
    ),
    Case(
        "build-parameter-missing",
        "codebuild",
        build_subject(),
        [
            failed(
                "DOWNLOAD_SOURCE",
                "Parameter Store: ParameterNotFound for /web/db-url",
                "Secrets Manager Error Message",
                environment=environment(environmentVariables=[variable("DB", "/web/db-url", "PARAMETER_STORE")]),
            ),
            reply("ssm", "DescribeParameters", {"Parameters": []}),
        ],
        "build.env-secret",
        "/web/db-url",
    ),
    Case(
        "build-secret-deleted",
        "codebuild",
        build_subject(),
        [
            failed(
                "DOWNLOAD_SOURCE",
                "ResourceNotFoundException: Secrets Manager can't find the specified secret.",
                "Secrets Manager Error Message",
                environment=environment(environmentVariables=[variable("NPM", f"{SECRET}:token::", "SECRETS_MANAGER")]),
            ),
            reply("secretsmanager", "DescribeSecret", {"ARN": SECRET, "Name": "web/npm", "DeletedDate": NOW - 9}),
        ],
        "build.env-secret",
    ),
    Case(
        "build-tests-failed",
        "codebuild",
        build_subject(),
        [
            failed("BUILD", NPM_TEST, reportArns=[REPORT]),
            build_log("[Container] Running command npm test", "1 failing", "  AssertionError: expected 3 to equal 4"),
            reply(
                "codebuild",
                "BatchGetReports",
                {"reports": [{"arn": REPORT, "testSummary": {"total": 40, "statusCounts": {"FAILED": 1}}}]},
            ),
            reply(
                "codebuild",
                "DescribeTestCases",
                {"testCases": [{"name": "cart adds up", "status": "FAILED", "message": "expected 3 to equal 4"}]},
            ),
        ],
        "build.test-failed",
        "cart adds up",
    ),
    Case(
        "build-out-of-memory",
        "codebuild",
        build_subject(),
        [
            failed("BUILD", "Error while executing command: npm run build. Reason: exit status 137"),
            build_log("[Container] Running command npm run build", "Killed", "npm ERR! code ELIFECYCLE"),
            reply("cloudwatch", "GetMetricStatistics", {"Datapoints": [{"Maximum": 99.2}]}),
        ],
        "build.out-of-memory",
        "BUILD_GENERAL1_MEDIUM",
        automatic=True,
    ),
    Case(
        "build-docker-daemon",
        "codebuild",
        build_subject(),
        [
            failed("BUILD", "Error while executing command: docker build . Reason: exit status 1"),
            build_log(
                "[Container] Running command docker build .",
                "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
            ),
        ],
        "build.docker-daemon",
        "privileged",
        automatic=True,
    ),
    Case(
        "build-image-absent",
        "codebuild",
        build_subject(),
        [
            failed(
                "PROVISIONING",
                "Unable to pull customer's container image. CannotPullContainerError: manifest unknown",
                "BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE",
                environment=environment(image=f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/ci:2024"),
            ),
            absent("ecr", "DescribeImages"),
        ],
        "build.image-pull-failed",
    ),
    Case(
        "build-timeout",
        "codebuild",
        build_subject(message="Build timed out"),
        [build("TIMED_OUT", phases=phases("BUILD", "Build has timed out.", "BUILD_TIMED_OUT", "TIMED_OUT"))],
        "build.timeout",
        "120 minutes",
        automatic=True,
    ),
    Case(
        "build-queue-timeout",
        "codebuild",
        build_subject(),
        [build("TIMED_OUT", phases=phases("QUEUED", "", "", "TIMED_OUT")), project(concurrentBuildLimit=1)],
        "build.queue-timeout",
    ),
    Case(
        "build-stopped",
        "codebuild",
        build_subject(),
        [
            build("STOPPED", phases=phases("BUILD", "", "", "STOPPED")),
            reply(
                "cloudtrail",
                "LookupEvents",
                {"Events": [{"Username": "sam", "CloudTrailEvent": f'{{"requestParameters":{{"id":"{BUILD_ID}"}}}}'}]},
            ),
        ],
        "build.stopped",
        "sam",
    ),
    Case(
        "build-no-way-out",
        "codebuild",
        build_subject(),
        [
            failed(
                "INSTALL",
                "Error while executing command: npm ci. Reason: exit status 1",
                vpcConfig={"vpcId": "vpc-1", "subnets": ["subnet-1"], "securityGroupIds": ["sg-1"]},
            ),
            build_log("npm ERR! code ETIMEDOUT", "npm ERR! network request to https://npm.example.com/x failed"),
            reply("ec2", "DescribeSubnets", {"Subnets": [{"SubnetId": "subnet-1"}]}),
            reply(
                "ec2",
                "DescribeRouteTables",
                {
                    "RouteTables": [
                        {
                            "Associations": [{"SubnetId": "subnet-1"}],
                            "Routes": [{"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1"}],
                        }
                    ]
                },
            ),
            reply("ec2", "DescribeSecurityGroups", {"SecurityGroups": [{"IpPermissionsEgress": [{}]}]}),
        ],
        "build.network",
    ),
    Case(
        "build-artifact-path",
        "codebuild",
        build_subject(),
        [
            failed(
                "UPLOAD_ARTIFACTS",
                "no matching artifact paths found",
                "CLIENT_ERROR",
            )
        ],
        "build.artifact-path",
    ),
    Case(
        "build-failed-beside-a-closed-transition",
        "codebuild",
        build_subject(),
        [
            failed("INSTALL", "Error while executing command: npm ci. Reason: exit status 1"),
            build_log(
                "[Container] Running command npm ci",
                "npm ERR! code ERESOLVE",
                "npm ERR! ERESOLVE unable to resolve dependency tree",
            ),
            reply(
                "codepipeline",
                "GetPipelineState",
                {
                    "stageStates": [
                        {
                            "stageName": "Build",
                            "inboundTransitionState": {"enabled": True},
                            "latestExecution": {"pipelineExecutionId": "e-1", "status": "Failed"},
                        },
                        {
                            "stageName": "Prod",
                            "inboundTransitionState": {"enabled": False, "disabledReason": "freeze"},
                            "inboundExecutions": [{"pipelineExecutionId": "e-0", "status": "InProgress"}],
                        },
                    ]
                },
            ),
        ],
        "build.dependency-failed",
        proven=False,
    ),
    Case(
        "build-refused-by-a-bucket",
        "codebuild",
        build_subject(),
        [
            failed("POST_BUILD", "Error while executing command: aws s3 cp x s3://site. Reason: exit status 1"),
            build_log(
                f"upload failed: User: {SESSION} is not authorized to perform: s3:PutObject on resource: "
                '"arn:aws:s3:::site/x" with an explicit deny in a resource-based policy'
            ),
        ],
        "permission.explicit-deny",
        proven=False,
    ),
    Case(
        "build-not-allowed-to-look",
        "codebuild",
        build_subject(
            message="Project cannot be found: arn:aws:codebuild:eu-west-1:111122223333:project/web",
            external_id="",
        ),
        [denied("codebuild", "BatchGetProjects"), denied("iam", "SimulatePrincipalPolicy")],
        "build.project-missing",
        proven=False,
    ),
]
