"""Clients that people have: the AWS CLI, aiobotocore."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from aiobotocore.session import get_session

from demo.process import DemoAccount

CLI = Path(sys.executable).with_name("aws")


def _aws(account: DemoAccount, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], **account.environment}
    return subprocess.run([CLI, *words], env=environment, capture_output=True, text=True, check=False, timeout=60)


def test_the_aws_cli_lists_pipelines_and_states(demo_account: DemoAccount) -> None:
    listed = json.loads(_aws(demo_account, "codepipeline", "list-pipelines").stdout)
    assert "billing" in {item["name"] for item in listed["pipelines"]}
    state = json.loads(_aws(demo_account, "codepipeline", "get-pipeline-state", "--name", "billing").stdout)
    assert state["stageStates"][1]["latestExecution"]["status"] == "Failed"


@pytest.mark.parametrize(
    "words",
    [
        ("s3", "ls"),
        ("logs", "filter-log-events", "--log-group-name", "/aws/codebuild/billing", "--max-items", "5"),
        ("iam", "list-role-policies", "--role-name", "codebuild-billing-service-role"),
        ("cloudformation", "describe-stacks", "--stack-name", "data-platform"),
    ],
    ids=lambda words: words[0],
)
def test_the_aws_cli_reads_other_services(demo_account: DemoAccount, words: tuple[str, ...]) -> None:
    answer = _aws(demo_account, *words)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.strip()


def test_the_aws_cli_shows_refusals_as_aws_words_them(demo_account: DemoAccount) -> None:
    answer = _aws(demo_account, "codepipeline", "get-pipeline", "--name", "absent")
    assert answer.returncode in {254, 255}
    assert "PipelineNotFoundException" in answer.stderr


async def test_aiobotocore_reads_the_fleet(demo_account: DemoAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in demo_account.environment.items():
        monkeypatch.setenv(name, value)
    async with get_session().create_client("codepipeline", region_name="eu-west-1") as client:
        pages = client.get_paginator("list_pipelines").paginate()
        names = [item["name"] async for page in pages for item in page["pipelines"]]
        states = [await client.get_pipeline_state(name=name) for name in names]
    assert [state["pipelineName"] for state in states] == names
