"""What stands in the artifacts themselves: buildspec, image definitions, AppSpec, templates. Messages say little."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.playbook import Subject
from tests.playbooks.corpus import Case
from tests.playbooks.recorded import Reply, archive, reply
from tests.playbooks.scenarios import codedeploy, ecs
from tests.playbooks.scene import ACCOUNT, REGION, STORE, build, build_log, build_subject, phases, subject

KEY = "web/Built/abc"
VAGUE = "The action failed."
SPEC = "version: 0.2\nphases:\n  prebuild:\n    commands:\n      - make\n"
APPSPEC = "version: 0.0\nos: linux\nfiles:\n  - source: /dist\n    destination: /srv\n"
TEMPLATE = "Parameters:\n  Env:\n    Type: String\nResources:\n  Queue:\n    Type: AWS::SQS::Queue\n"
TASK = '{"family": "shop", "containerDefinitions": []}'
ROLE = "  Worker:\n    Type: AWS::IAM::Role\n    Properties: {RoleName: worker}\n"


def _runs(stage: str, action: str, *artifacts: str) -> Reply:
    made = [{"name": each, "s3location": {"bucket": STORE, "key": KEY}} for each in artifacts]
    run = {"stageName": stage, "actionName": action, "status": "Failed", "input": {"inputArtifacts": made}}
    return reply("codepipeline", "ListActionExecutions", {"actionExecutionDetails": [run]})


def _built(message: str, spec: str = "") -> Reply:
    return build(
        "FAILED",
        phases=phases("DOWNLOAD_SOURCE", message, "YAML_FILE_ERROR"),
        source={"type": "CODEPIPELINE", **({"buildspec": spec} if spec else {})},
        sourceVersion=f"arn:aws:s3:::{STORE}/web/Source/abc",
    )


def _deploy(provider: str, configuration: Mapping[str, str], message: str = VAGUE, **more: Any) -> Subject:
    given = {"category": "Deploy", "configuration": configuration, "inputs": ["Built"], "message": message, **more}
    return subject(provider, **given)


def _stack(**config: str) -> Subject:
    given = {"ActionMode": "CREATE_UPDATE", "StackName": "web", "TemplatePath": "Built::web.yaml", **config}
    return _deploy("CloudFormation", given)


STACK = [
    _runs("Deploy", "DeployIt", "Built"),
    reply("cloudformation", "DescribeStacks", {"Stacks": [{"StackName": "web", "StackStatus": "UPDATE_COMPLETE"}]}),
    reply("cloudformation", "DescribeStackEvents", {"StackEvents": []}),
]
GREEN = {
    "ApplicationName": "shop",
    "DeploymentGroupName": "prod",
    "AppSpecTemplateArtifact": "Built",
    "TaskDefinitionTemplateArtifact": "Built",
    "Image1ArtifactName": "Built",
}
GROUP = reply("codedeploy", "GetDeploymentGroup", {"deploymentGroupInfo": {"computePlatform": "ECS"}})
ECS_SPEC = (
    "version: 0.0\nResources:\n  - TargetService:\n      Type: AWS::ECS::Service\n      Properties:\n"
    "        TaskDefinition: <TASK_DEFINITION>\n        LoadBalancerInfo:\n          ContainerName: web\n"
    "          ContainerPort: 80\n"
)
IMAGE = f'{{"ImageURI": "{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/shop@sha256:{"0" * 64}"}}'


def _docker(said: str) -> Reply:
    return build_log("[Container] Running command docker build -t web .", "#2 building", said)


BUILT = (
    build(
        "FAILED",
        phases=phases("BUILD", "Error while executing command: docker build -t web .. Reason: exit status 1"),
        source={"type": "CODEPIPELINE"},
        sourceVersion=f"arn:aws:s3:::{STORE}/web/Source/abc",
    ),
)

CASES = [
    Case(
        "inside-buildspec-line",
        "codebuild",
        build_subject(),
        [_built("Expected Commands[0] to be of string type"), archive({"buildspec.yml": SPEC}, "main.py")],
        "build.buildspec-invalid",
        "Correct line 3",
    ),
    Case(
        "inside-buildspec-elsewhere",
        "codebuild",
        build_subject(),
        [
            _built("stat /codebuild/output/src1/src/buildspec.yml: no such file or directory"),
            archive({}, "ci/buildspec.yml", "main.py"),
        ],
        "build.buildspec-missing",
        "ci/buildspec.yml",
    ),
    Case(
        "inside-images-name-another-container",
        "ecs",
        _deploy("ECS", {"ClusterName": "prod", "ServiceName": "shop"}),
        [
            _runs("Deploy", "DeployIt", "Built"),
            archive({"imagedefinitions.json": '[{"name": "app", "imageUri": "shop:1"}]'}),
            *ecs.WELL,
        ],
        "ecs.image-definitions",
        '"name": "web"',
    ),
    Case(
        "inside-images-absent",
        "ecs",
        _deploy("ECS", {"ClusterName": "prod", "ServiceName": "shop"}),
        [_runs("Deploy", "DeployIt", "Built"), archive({}, "out/imagedefinitions.json"), *ecs.WELL],
        "ecs.image-definitions",
        "root of the input artifact",
    ),
    Case(
        "inside-no-appspec",
        "codedeploy",
        _deploy(
            "CodeDeploy",
            {"ApplicationName": "shop", "DeploymentGroupName": "prod"},
            external_id=codedeploy.DEPLOYMENT,
        ),
        [
            codedeploy._deployment("Failed", "INVALID_REVISION", "The revision is not valid"),
            archive({}, "app/appspec.yml", "app/run.sh"),
            *codedeploy.WELL,
        ],
        "codedeploy.appspec-invalid",
        "artifacts.files",
    ),
    Case(
        "inside-appspec-names-what-is-not-there",
        "codedeploy",
        _deploy(
            "CodeDeploy",
            {"ApplicationName": "shop", "DeploymentGroupName": "prod"},
            external_id=codedeploy.DEPLOYMENT,
        ),
        [
            codedeploy._deployment("Failed", "INVALID_REVISION", "The revision is not valid"),
            archive({"appspec.yml": APPSPEC}, "run.sh"),
            *codedeploy.WELL,
        ],
        "codedeploy.appspec-invalid",
        "artifacts.files",
    ),
    Case(
        "inside-template-absent",
        "cloudformation",
        _stack(),
        [archive({}, "infra/web.yaml"), *STACK],
        "artifact.missing",
        "relative to the root",
    ),
    Case(
        "inside-parameter-not-declared",
        "cloudformation",
        _stack(ParameterOverrides='{"Env": "prod", "Size": "2"}'),
        [archive({"web.yaml": TEMPLATE}), *STACK],
        "cfn.template-invalid",
        "Size",
    ),
    Case(
        "inside-template-names-a-role",
        "cloudformation",
        _stack(ParameterOverrides='{"Env": "prod"}', Capabilities="CAPABILITY_IAM"),
        [archive({"web.yaml": TEMPLATE + ROLE}), *STACK],
        "cfn.capabilities",
        "CAPABILITY_NAMED_IAM",
    ),
    Case(
        "inside-configuration-is-no-json",
        "cloudformation",
        _stack(ParameterOverrides='{"Env": "prod"}', TemplateConfiguration="Built::prod.json"),
        [archive({"web.yaml": TEMPLATE, "prod.json": '{"Parameters": {"Env": "prod",}}'}), *STACK],
        "cfn.template-invalid",
        "prod.json",
    ),
    Case(
        "inside-image-detail-absent",
        "ecs-blue-green",
        _deploy("CodeDeployToECS", GREEN),
        [
            _runs("Deploy", "DeployIt", "Built"),
            archive({"appspec.yaml": ECS_SPEC, "taskdef.json": TASK}),
            GROUP,
        ],
        "ecs.image-definitions",
        "imageDetail.json",
    ),
    Case(
        "inside-green-appspec-malformed",
        "ecs-blue-green",
        _deploy("CodeDeployToECS", GREEN),
        [
            _runs("Deploy", "DeployIt", "Built"),
            archive({"appspec.yaml": "version: 0.0\n\tResources:", "taskdef.json": TASK, "imageDetail.json": IMAGE}),
            GROUP,
        ],
        "codedeploy.appspec-invalid",
        "Hand the file on",
    ),
    Case(
        "inside-dockerfile-hub-limit",
        "codebuild",
        build_subject(),
        [
            _docker(
                "ERROR: failed to solve: node:20: failed to copy: 429 Too Many Requests - toomanyrequests: You have "
                "reached your unauthenticated pull rate limit."
            ),
            *BUILT,
            archive({"Dockerfile": "FROM node:20\n"}),
        ],
        "build.registry-rate-limit",
        "ECR's public gallery",
    ),
    Case(
        "inside-dockerfile-copy",
        "codebuild",
        build_subject(),
        [
            _docker(
                'ERROR: failed to compute cache key: failed to calculate checksum of ref x::y: "/src/app.py": not found'
            ),
            *BUILT,
            archive({"Dockerfile": "FROM node:20\nCOPY src/app.py /srv/\n"}, "src/App.py"),
        ],
        "build.docker-build-failed",
        "src/app.py is src/App.py",
    ),
]
