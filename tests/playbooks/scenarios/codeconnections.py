"""Sources through a connection: pending, refused, branch gone, full clone."""

from __future__ import annotations

from typing import Any

from core.pipeline import ActionDecl, StageDecl
from core.playbook import Subject
from tests.playbooks.corpus import Case
from tests.playbooks.recorded import absent, allows, denied, reply
from tests.playbooks.scene import CONNECTION, NOW, PIPELINE_ROLE, REGION, subject

NEW = CONNECTION.replace("codestar-connections", "codeconnections")
BUILD = StageDecl(
    "Build", (ActionDecl("Build", "Build", "CodeBuild", configuration={"ProjectName": "web"}, inputs=("Source",)),)
)


def _source(message: str = "", status: str = "Failed", connection: str = CONNECTION, **config: str) -> Subject:
    configuration = {
        "ConnectionArn": connection,
        "FullRepositoryId": "example/web",
        "BranchName": "main",
        "OutputArtifactFormat": "CODE_ZIP",
        **config,
    }
    more: dict[str, Any] = {"category": "Source", "outputs": ["Source"], "others": (BUILD,)}
    return subject("CodeStarSourceConnection", configuration=configuration, status=status, message=message, **more)


RUNS = reply(
    "codepipeline",
    "ListPipelineExecutions",
    {
        "pipelineExecutionSummaries": [
            {"pipelineExecutionId": "e-1", "startTime": NOW - 60, "trigger": {"triggerType": "WebhookV2"}}
        ]
    },
)


def _connection(status: str, service: str = "codestar-connections") -> Any:
    value = {"ConnectionName": "github", "ProviderType": "GitHub", "ConnectionStatus": status}
    return reply(service, "GetConnection", {"Connection": value})


CASES = [
    Case("connection-healthy", "source-codeconnections", _source(status="Succeeded"), [RUNS]),
    Case(
        "connection-healthy-clone",
        "source-codeconnections",
        _source(status="Succeeded", connection=NEW, OutputArtifactFormat="CODEBUILD_CLONE_REF"),
        [RUNS, _connection("AVAILABLE", "codeconnections")],
    ),
    Case(
        "connection-pending",
        "source-codeconnections",
        _source(f"[GitHub] Connection {CONNECTION} is not available"),
        [_connection("PENDING")],
        "source.connection-pending",
        "complete",
    ),
    Case(
        "connection-host-pending",
        "source-codeconnections",
        _source("[GitHubEnterpriseServer] the connection could not be used"),
        [
            reply(
                "codestar-connections",
                "GetConnection",
                {
                    "Connection": {
                        "ConnectionName": "ghes",
                        "ProviderType": "GitHubEnterpriseServer",
                        "ConnectionStatus": "PENDING",
                        "HostArn": f"arn:aws:codestar-connections:{REGION}:111122223333:host/ghes-1",
                    }
                },
            ),
            reply("codestar-connections", "GetHost", {"Name": "ghes", "Status": "VPC_CONFIG_FAILED_INITIALIZATION"}),
        ],
        "source.connection-pending",
    ),
    Case(
        "connection-gone",
        "source-codeconnections",
        _source("Connection could not be found"),
        [absent("codestar-connections", "GetConnection")],
        "source.connection-denied",
    ),
    Case(
        "connection-use-denied",
        "source-codeconnections",
        _source(
            f"Unable to use Connection: {NEW}. The provided role does not have sufficient permissions.",
            connection=NEW,
        ),
        [_connection("AVAILABLE", "codeconnections"), allows("codeconnections:UseConnection", role=PIPELINE_ROLE)],
        "source.connection-denied",
        "codeconnections:UseConnection",
        automatic=True,
    ),
    Case(
        "connection-branch-gone",
        "source-codeconnections",
        _source("[GitHub] No Branch [release] found for FullRepositoryName [example/web]", BranchName="release"),
        [],
        "source.branch-not-found",
    ),
    Case(
        "connection-not-allowed-to-look",
        "source-codeconnections",
        _source(f"[GitHub] Connection {CONNECTION} is not available"),
        [denied("codestar-connections", "GetConnection")],
        "source.connection-pending",
        proven=False,
    ),
]
