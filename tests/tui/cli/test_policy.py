"""The printed policies: enough for what the program really calls, and nothing that writes for a reader."""

from __future__ import annotations

import ast
import asyncio
import json
from pathlib import Path

import pytest

from aws.changes import ALLOWED
from aws.cloud import Cloud
from aws.iam_actions import iam_action
from aws.permissions import PROOFS, operator_actions
from aws.profiles import resolve_places
from aws.reads import is_harmless, is_read
from core.errors import PipemedicError
from core.place import PipelineRef
from demo.process import DemoAccount
from tests.conftest import lead_to
from tests.policy_calls import action_of, uncovered
from tests.tui.cli.conftest import Run
from tui.cli.policy import reader_actions
from tui.triage import triage

ROOT = Path(__file__).parents[3]


def actions(text: str) -> set[str]:
    return {action for statement in json.loads(text)["Statement"] for action in statement["Action"]}


def test_a_reader_only_reads(bare: Run) -> None:
    done = bare("policy", "reader")
    assert done.returncode == 0
    assert actions(done.stdout) - {"kms:Decrypt"} == set(reader_actions())
    assert all(is_harmless(*action.split(":")) for action in actions(done.stdout) - {"kms:Decrypt"})
    (key,) = (each for each in json.loads(done.stdout)["Statement"] if "kms:Decrypt" in each["Action"])
    assert key["Action"] == ["kms:Decrypt"]
    assert key["Condition"] == {"StringLike": {"kms:ViaService": "s3.*.amazonaws.com"}}


def test_an_operator_may_also_make_every_change_on_the_list(bare: Run) -> None:
    found = actions(bare("policy", "operator").stdout)
    wanted = {iam_action(service, operation) for service, names in ALLOWED.items() for operation in names}
    assert wanted <= found
    assert set(reader_actions()) <= found


def test_it_is_narrowed_to_a_pipeline(pipemedic: Run) -> None:
    done = pipemedic("--region", "eu-west-1", "policy", "operator", "--pipeline", "billing")
    statements = {each["Sid"]: each for each in json.loads(done.stdout)["Statement"]}
    assert statements["Codepipeline"]["Resource"] == [
        "arn:aws:codepipeline:eu-west-1:111122223333:billing",
        "arn:aws:codepipeline:eu-west-1:111122223333:billing/*",
    ]
    assert statements["CodepipelineAll"]["Action"] == ["codepipeline:ListPipelines"]
    assert all("project/billing" in each for each in statements["Codebuild"]["Resource"])


def calls_in(folder: str) -> set[tuple[str, str]]:
    """Every (service, operation) that stands as a Call of two constants."""
    found: set[tuple[str, str]] = set()
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Call"):
                continue
            texts = [each.value for each in node.args[:2] if isinstance(each, ast.Constant)]
            if len(texts) == 2 and all(isinstance(each, str) for each in texts):
                found.add((str(texts[0]), str(texts[1])))
    return found


def test_every_call_of_a_plan_is_in_the_operators_policy() -> None:
    called = calls_in("core/plans") | calls_in("core/actions")
    reads = {each for each in called if is_read(*each)}
    assert reads <= set(PROOFS)
    writes = called - reads
    assert len(writes) > 20
    assert not [each for each in writes if each[1] not in ALLOWED.get(each[0], ())]
    assert {iam_action(*each) for each in called} <= set(operator_actions())


def test_what_plans_ask_for_is_in_the_operators_policy() -> None:
    texts = {
        node.value
        for path in (ROOT / "core" / "plans").rglob("*.py")
        for keyword in ast.walk(ast.parse(path.read_text()))
        if isinstance(keyword, ast.keyword) and keyword.arg == "permissions"
        for node in ast.walk(keyword.value)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and ":" in node.value
    }
    assert len(texts) > 30
    assert texts - {"codebuild:"} <= set(operator_actions())


def test_calls_without_a_policy_are_found() -> None:
    assert uncovered(["codepipeline:GetPipeline", "iam:PutRolePolicy", "sts:GetCallerIdentity"]) == []
    assert uncovered(["codepipeline:DeletePipeline", "monitoring:SetAlarmState", "ec2:DescribeHosts"]) == [
        "codepipeline:DeletePipeline",
        "ec2:DescribeHosts",
    ]


async def test_a_reader_may_make_every_call_of_a_diagnosis_of_the_whole_account(
    bare_home: Path, own_account: DemoAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead_to(own_account, monkeypatch)
    async with Cloud(resolve_places((), ("eu-west-1",)), read_only=True) as cloud:
        place = cloud.places[0]
        for name in await cloud.pipelines(place).names():
            try:
                await triage(cloud, PipelineRef(place, name))
            except PipemedicError as error:
                pytest.fail(f"{name}: {error}")
    told = await asyncio.to_thread(own_account.calls, 0)
    assert len(told["by_operation"]) > 20
    called = {action_of(each) for each in told["by_operation"] if not each.endswith(":")}
    assert called - {"sts:GetCallerIdentity"} <= set(reader_actions())
    assert told["mutating"] == 0
