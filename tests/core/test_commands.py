from __future__ import annotations

import shlex
import subprocess
import sys

import pytest

from core.commands import aws_command, kebab
from core.plan import Call


@pytest.mark.parametrize(
    ("name", "spelled"),
    [
        ("BatchGetBuilds", "batch-get-builds"), ("pipelineName", "pipeline-name"), ("PolicyARN", "policy-arn"),
        ("ListMFADevices", "list-mfa-devices"), ("DescribeDBInstances", "describe-db-instances"), ("name", "name"),
    ],
)  # fmt: skip
def test_names_are_spelled_as_the_aws_cli_spells_them(name: str, spelled: str) -> None:
    assert kebab(name) == spelled


def test_values_survive_a_shell() -> None:
    hostile = "it's; rm -rf / $(x) `y`\n"
    command = aws_command(Call("codepipeline", "DisableStageTransition", {"reason": hostile}), region="eu-west-1")
    assert shlex.split(command) == [
        "aws", "codepipeline", "disable-stage-transition", "--reason", hostile, "--region", "eu-west-1",
    ]  # fmt: skip


def test_lists_switches_and_structures_are_written_as_the_cli_reads_them() -> None:
    call = Call(
        "ecs",
        "UpdateService",
        {"forceNewDeployment": True, "enableExecuteCommand": False, "n": 60, "a": ["x", "y"], "m": {"k": 1}},
    )
    words = shlex.split(aws_command(call))
    assert words[3:] == [
        "--force-new-deployment", "--no-enable-execute-command", "--n", "60", "--a", "x", "y", "--m", '{"k": 1}',
    ]  # fmt: skip


def test_the_calls_own_region_wins_and_the_profile_is_named() -> None:
    call = Call("codedeploy", "StopDeployment", {"deploymentId": "d-1"}, region="us-east-1")
    assert aws_command(call, region="eu-west-1", profile="prod eu") == (
        "aws deploy stop-deployment --deployment-id d-1 --region us-east-1 --profile 'prod eu'"
    )


def test_the_aws_cli_knows_the_command() -> None:
    """The CLI itself parses it; it stops for want of a region or of a reachable endpoint, never over its words."""
    call = Call(
        "codepipeline",
        "RetryStageExecution",
        {
            "pipelineName": "billing",
            "stageName": "Build",
            "pipelineExecutionId": "00000000-0000-4000-8000-000000000000",
            "retryMode": "FAILED_ACTIONS",
        },
    )
    words = shlex.split(aws_command(call, region="eu-west-1"))
    done = subprocess.run(
        [sys.executable, "-m", "awscli", *words[1:], "--generate-cli-skeleton", "output"],
        capture_output=True, text=True, check=False,
        env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "AWS_EC2_METADATA_DISABLED": "true"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "pipelineExecutionId" in done.stdout
