"""Subjects and AWS-shaped answers that several scenarios share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.diagnosis import Diagnosis, choose, diagnose
from core.fact import Evidence
from core.finding import Answer
from core.pipeline import (
    ActionDecl,
    ActionState,
    ArtifactStore,
    Definition,
    Execution,
    PipelineState,
    StageDecl,
    StageState,
)
from core.place import Identity, PipelineRef, Place
from core.playbook import Playbook, Subject
from core.runner import Run
from core.signatures import Failure, explain
from playbooks import discover
from tests.playbooks.recorded import Reply, allows, log, reply

ACCOUNT, REGION = "111122223333", "eu-west-1"
PIPELINE_ROLE = f"arn:aws:iam::{ACCOUNT}:role/service-role/web-pipeline"
BUILD_ROLE = f"arn:aws:iam::{ACCOUNT}:role/service-role/web-build"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
STORE = "codepipeline-artifacts-web"
BUILD_ID = "web:5f1c7d2e-0000-4000-8000-000000000001"
NOW = 1_700_000_000.0
GROUP, STREAM = "/custom/builds/web", "5f1c7d2e"
CONNECTION = f"arn:aws:codestar-connections:{REGION}:{ACCOUNT}:connection/aaaabbbb-1111-2222-3333-ccccddddeeee"

ENVIRONMENT = {
    "type": "LINUX_CONTAINER",
    "image": "aws/codebuild/amazonlinux-x86_64-standard:5.0",
    "computeType": "BUILD_GENERAL1_SMALL",
    "environmentVariables": [],
    "privilegedMode": False,
    "imagePullCredentialsType": "CODEBUILD",
}


def book(playbook_id: str) -> Playbook:
    """The playbook of that id."""
    return next(each for each in discover() if each.id == playbook_id)


def _definition(name: str, stages: tuple[StageDecl, ...], key: str) -> Definition:
    stores = {"": ArtifactStore(STORE, key)}
    return Definition(name, 3, PIPELINE_ROLE, stages, stores, pipeline_type="V2")


def subject(
    provider: str,
    *,
    category: str = "Build",
    configuration: Mapping[str, str] | None = None,
    status: str = "Failed",
    message: str = "",
    external_id: str = "",
    inputs: Sequence[str] = (),
    outputs: Sequence[str] = (),
    key: str = "",
    role_arn: str = "",
    region: str = "",
    others: Sequence[StageDecl] = (),
    state: ActionState | None = None,
    stage_state: StageState | None = None,
    execution: Execution | None = None,
    name: str = "web",
) -> Subject:
    """A pipeline with one stage of interest after the others given."""
    action = ActionDecl(
        name=f"{category}It",
        category=category,
        provider=provider,
        configuration=configuration or {},
        inputs=tuple(inputs),
        outputs=tuple(outputs),
        role_arn=role_arn,
        region=region,
    )
    stage = StageDecl(category, (action,))
    if inputs and not others:
        others = (StageDecl("Fetch", (ActionDecl("Fetch", "Source", "S3", outputs=tuple(inputs)),)),)
    definition = _definition(name, (*others, stage), key)
    acted = state or ActionState(
        name=action.name,
        status=status,
        error_message=message if status == "Failed" else "",
        external_id=external_id,
        changed_at=NOW - 300,
        action_execution_id="ae-1",
    )
    shown = stage_state or StageState(category, status=status, execution_id="e-1", actions=(acted,))
    hypotheses = explain(Failure(category, provider, message)) if message and status == "Failed" else ()
    return Subject(
        ref=PipelineRef(Place("", REGION), name),
        identity=Identity(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/oncall"),
        definition=definition,
        state=PipelineState(name, 3, (*(StageState(each.name) for each in others), shown)),
        now=NOW,
        stage=stage,
        action=action,
        action_state=acted,
        execution=execution or Execution("e-1", status, NOW - 900, NOW - 300),
        hypotheses=hypotheses,
    )


def trust(role: str, service: str, **extra: Any) -> Reply:
    """GetRole of a role that lets a service in."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole", **extra}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    name = role.rpartition("/")[2]
    return reply(
        "iam", "GetRole", {"Role": {"RoleName": name, "Arn": role, "AssumeRolePolicyDocument": document}}, RoleName=name
    )


def roles() -> list[Reply]:
    """Both roles, each with no inline policy and let in by its service."""
    return [
        trust(PIPELINE_ROLE, "codepipeline.amazonaws.com"),
        trust(BUILD_ROLE, "codebuild.amazonaws.com"),
        reply("iam", "ListRolePolicies", {"PolicyNames": []}),
        reply("iam", "ListAttachedRolePolicies", {"AttachedPolicies": []}),
    ]


def build_subject(status: str = "Failed", message: str = "Build terminated with state: FAILED", **more: Any) -> Subject:
    """A CodeBuild action of project `web`."""
    given: dict[str, Any] = {
        "configuration": {"ProjectName": "web"},
        "external_id": BUILD_ID,
        "inputs": ["SourceOutput"],
        "outputs": ["BuildOutput"],
        **more,
    }
    return subject("CodeBuild", status=status, message=message, **given)


def phases(
    failed: str = "", context: str = "", code: str = "COMMAND_EXECUTION_ERROR", status: str = "FAILED"
) -> list[dict[str, Any]]:
    """Phases of a build up to the failed one."""
    names = (
        "SUBMITTED",
        "QUEUED",
        "PROVISIONING",
        "DOWNLOAD_SOURCE",
        "INSTALL",
        "PRE_BUILD",
        "BUILD",
        "POST_BUILD",
        "UPLOAD_ARTIFACTS",
        "FINALIZING",
        "COMPLETED",
    )
    made = []
    for name in names:
        ended = name == failed
        contexts = [{"statusCode": code, "message": context}] if ended else []
        made.append(
            {
                "phaseType": name,
                "phaseStatus": status if ended else "SUCCEEDED",
                "durationInSeconds": 4,
                "contexts": contexts,
            }
        )
        if ended:
            made.append({"phaseType": "COMPLETED"})
            break
    return made


def build(status: str = "SUCCEEDED", **more: Any) -> Reply:
    """BatchGetBuilds with one build; members may be given or replaced."""
    value = {
        "id": BUILD_ID,
        "arn": f"arn:aws:codebuild:{REGION}:{ACCOUNT}:build/{BUILD_ID}",
        "buildNumber": 17,
        "projectName": "web",
        "buildStatus": status,
        "startTime": NOW - 600,
        "endTime": NOW - 300,
        "phases": phases(),
        "logs": {"groupName": GROUP, "streamName": STREAM, "cloudWatchLogs": {"status": "ENABLED", "groupName": GROUP}},
        "serviceRole": BUILD_ROLE,
        "timeoutInMinutes": 60,
        "queuedTimeoutInMinutes": 480,
        "environment": ENVIRONMENT,
        "source": {"type": "CODEPIPELINE"},
        **more,
    }
    return reply("codebuild", "BatchGetBuilds", {"builds": [value], "buildsNotFound": []})


def project(**more: Any) -> Reply:
    """BatchGetProjects with project `web`."""
    value = {
        "name": "web",
        "serviceRole": BUILD_ROLE,
        "source": {"type": "CODEPIPELINE"},
        "timeoutInMinutes": 60,
        "environment": ENVIRONMENT,
        **more,
    }
    return reply("codebuild", "BatchGetProjects", {"projects": [value], "projectsNotFound": []})


def build_log(*lines: str) -> Reply:
    """The build's log."""
    return log(lines, logGroupName=GROUP, logStreamName=STREAM)


def world(*special: Reply) -> list[Reply]:
    """The special replies, and after them an account in which everything is well."""
    return [
        *special,
        *roles(),
        allows(),
        build(),
        project(),
        build_log("[Container] Entering phase BUILD", "ok"),
        reply("s3", "GetBucketLocation", {"LocationConstraint": REGION}),
        reply("codepipeline", "GetPipeline", {"pipeline": {"name": "web"}}),
        reply("lambda", "GetFunctionConfiguration", {"FunctionName": "notify", "State": "Active"}),
        reply(
            "kms",
            "DescribeKey",
            {"KeyMetadata": {"Arn": KEY, "KeyState": "Enabled", "KeyManager": "CUSTOMER"}},
        ),
        reply(
            "codestar-connections",
            "GetConnection",
            {"Connection": {"ConnectionName": "github", "ProviderType": "GitHub", "ConnectionStatus": "AVAILABLE"}},
        ),
    ]


async def run(playbook_id: str, about: Subject, evidence: Evidence) -> Run:
    """A whole run of one playbook."""
    one = Run(book(playbook_id), about, evidence)
    async for _step, answer in one.all():
        assert not answer.detail.startswith("This check itself failed"), answer.detail
    return one


async def whole(about: Subject, evidence: Evidence) -> Diagnosis:
    """A diagnosis with every playbook that fits."""

    return await diagnose(about, choose(discover(), about), evidence, status="failed", clock=lambda: NOW)


def answer(one: Run, step: str) -> Answer:
    """A step's answer."""
    return one.answers[step]
