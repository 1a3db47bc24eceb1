"""The program is killed between intent, call and result, again and again: the journal tells no lie, nothing is twice.

Two hundred times; PIPEMEDIC_KILLS says otherwise.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from aws.cloud import Cloud
from aws.journal import Journal
from core.journal import EntryState, entries
from demo.process import DemoAccount
from tests.aws.crasher import POINTS, REF
from tests.conftest import lead_to

KILLS = int(os.environ.get("PIPEMEDIC_KILLS", "200"))
ROOT = Path(__file__).parents[2]


def crash(folder: Path, account: DemoAccount, kills: int) -> None:
    environment = {**os.environ, **account.environment, "HOME": str(folder), "NO_PROXY": "127.0.0.1"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.aws.crasher", str(kills), "7", str(folder)],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


async def test_killed_at_any_point_the_journal_is_true_and_nothing_is_applied_twice(
    own_account: DemoAccount, tmp_path: Path, aws_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead_to(own_account, monkeypatch)
    own_account.freeze()  # what is started stays where it is
    before = await started()
    await asyncio.to_thread(crash, tmp_path, own_account, KILLS)
    new = [name for name in await started() if name not in before]
    jobs = set((tmp_path / "done").read_text().splitlines())
    died = Counter((tmp_path / "died").read_text().splitlines())
    assert sum(count for line, count in died.items() if line.endswith("True")) >= KILLS * 0.8, died
    assert {line.partition(":")[0] for line in died} == set(POINTS)

    # Each job was done once: every execution but the last is the one after which the next job started.
    assert len(jobs) == len(new)
    sent = own_account.calls(0)["by_operation"]["codepipeline:StartPipelineExecution"]
    assert sent == len(new)

    found = Counter(entry.state for entry in entries(Journal(tmp_path).records(), time.time()))
    accepted = found[EntryState.VERIFIED] + found[EntryState.UNCHECKED] + found[EntryState.NOT_VERIFIED]
    assert set(found) <= {EntryState.VERIFIED, EntryState.UNCHECKED, EntryState.UNKNOWN}, found
    assert accepted <= len(new) <= accepted + found[EntryState.UNKNOWN], found
    assert found[EntryState.UNKNOWN]
    assert found[EntryState.UNCHECKED]


async def started() -> list[str]:
    async with Cloud([REF.place], read_only=True) as cloud:
        reader, token, names = cloud.pipelines(REF.place), "", []
        while True:
            page = await reader.executions(REF.name, token=token, limit=100)
            names += [each.id for each in page.items]
            token = page.next_token
            if not token:
                return names
