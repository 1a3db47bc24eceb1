"""From a pipeline's name to its cause, over accounts that answer little more than what matters."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from aws.cloud import Cloud
from core.place import PipelineRef, Place
from tests.playbooks.accounts import REGION, UNSERVED, Account, Answers, accounts
from tui.triage import triage

PLACE = Place("", REGION)


@pytest.fixture
async def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Cloud]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    async with Cloud([PLACE], read_only=True, journal_dir=tmp_path) as opened:
        yield opened


async def diagnosed(cloud: Cloud, account: Account, unserved: str, monkeypatch: pytest.MonkeyPatch) -> str:
    answers = Answers(account, unserved)
    monkeypatch.setattr(cloud._caller, "read", answers.read)
    monkeypatch.setattr(cloud._caller, "paging", answers.paging)
    found = await triage(cloud, PipelineRef(Place("", account.region), account.pipeline))
    assert found.api_calls <= 40
    assert not [each for each in found.checks if each.answer.detail.startswith("This check itself failed")]
    return found.findings[0].cause if found.findings else ""


@pytest.mark.parametrize("account", accounts(), ids=lambda account: account.name)
async def test_the_cause_is_named_first(account: Account, cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await diagnosed(cloud, account, "unknown", monkeypatch) == account.cause


@pytest.mark.parametrize("unserved", [each for each in UNSERVED if each != "unknown"])
async def test_whatever_an_endpoint_says_of_what_it_lacks(
    unserved: str, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample = accounts()[::8]
    wrong = {
        account.name: named
        for account in sample
        if (named := await diagnosed(cloud, account, unserved, monkeypatch)) != account.cause
    }
    assert len(wrong) <= len(sample) * 0.04, wrong


async def test_who_asks_need_not_be_known(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    for account in accounts()[::20]:
        answers = {**account.answers, "sts.GetCallerIdentity": "UnknownOperationException:not served here"}
        assert await diagnosed(cloud, replace(account, answers=answers), "unknown", monkeypatch) == account.cause


@pytest.mark.parametrize("name", ["flow-stopped-reason", "flow-superseded", "b2-flow-stopping"])
async def test_an_execution_cut_short_is_seen_in_its_stage_alone(
    name: str, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = next(each for each in accounts() if each.name == name)
    answers = {**account.answers, "codepipeline.ListPipelineExecutions": "UnknownOperationException:not served here"}
    assert await diagnosed(cloud, replace(account, answers=answers), "unknown", monkeypatch) == account.cause
