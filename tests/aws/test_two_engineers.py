"""Two engineers at once: both have seen the same state; one change is made, the other is told in plain words."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from core.plan import ApplyOutcome
from demo.process import DemoAccount
from tests.aws.acting import choose
from tests.aws.changing import apply, door
from tests.conftest import lead_to


@pytest.mark.parametrize(
    ("pipeline", "action", "operation"),
    [
        ("payments", "approve:", "PutApprovalResult"),
        ("billing", "retry-failed:", "RetryStageExecution"),
        ("billing", "retry-all:", "RetryStageExecution"),
    ],
)
async def test_the_second_is_told_and_nothing_is_done_twice(
    aws_home: Path,
    own_account: DemoAccount,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    pipeline: str,
    action: str,
    operation: str,
) -> None:
    lead_to(own_account, monkeypatch)
    await asyncio.to_thread(own_account.freeze)
    async with door(tmp_path / "one") as one, door(tmp_path / "two") as two:
        plans = [await choose(cloud, pipeline, action, comment="looks good") for cloud in (one, two)]
        ends = await asyncio.gather(*(apply(cloud, plan) for cloud, plan in zip((one, two), plans, strict=True)))
    outcomes = sorted(str(end.outcome) for end in ends)
    assert outcomes == ["conflict", "verified"], ends
    told = next(end.detail for end in ends if end.outcome is ApplyOutcome.CONFLICT)
    assert told.startswith("Nothing was changed")
    recent = (await asyncio.to_thread(own_account.calls))["recent"]
    done = [each for each in recent if each["operation"] == operation]
    assert sum(each["status"] == 200 for each in done) == 1
    if len(done) == 2:  # both looked before either had acted: AWS's own refusal, with what it means
        assert "Someone has answered this approval already" in told or "cannot be retried" in told
