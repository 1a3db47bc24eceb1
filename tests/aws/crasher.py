"""A program that starts executions one after another and dies by SIGKILL at a random moment; forked again and again.

``python -m tests.aws.crasher KILLS SEED FOLDER``. A job (start an execution after the newest one) is written down
before its change is tried, and taken up by the next fork if it was not finished: the same plan is then applied again.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aws.cloud import Cloud
from aws.journal import Journal
from core.place import PipelineRef, Place
from core.plan import ApplyOutcome
from core.plans.pipeline import start_execution

__all__ = ["POINTS", "REF"]

REF = PipelineRef(Place("", "eu-west-1"), "mailer")
# Where a fork may die: by a record of the journal, or at any time.
POINTS = ("before intent", "torn intent", "after intent", "before result", "torn result", "after result", "any time")
_LONGEST_S = 0.25


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class DeadlyJournal(Journal):
    """A journal in which the program dies at one point of one of its changes."""

    def __init__(self, folder: Path, point: str, after: int) -> None:
        super().__init__(folder)
        self.when, _, self.kind = point.partition(" ")
        self.after = after

    def append(self, kind: str, change_id: str, record: Mapping[str, Any]) -> None:
        mine = kind == self.kind and self._counted()
        if mine and self.when == "before":
            _die()
        if mine and self.when == "torn":
            with self.path.open("a") as file:
                file.write('{"v":1,"kind":"' + kind)
                file.flush()
                os.fsync(file.fileno())
            _die()
        super().append(kind, change_id, record)
        if mine and self.when == "after":
            _die()

    def _counted(self) -> bool:
        self.after -= 1
        return self.after < 0


async def work(folder: Path, journal: Journal, *, jobs: int) -> None:
    """Do jobs, each to its end."""
    job = folder / "job.json"
    async with Cloud([REF.place], journal_dir=folder) as cloud:
        cloud._journal = journal
        for _ in range(jobs):
            if not job.exists():
                page = await cloud.pipelines(REF.place).executions(REF.name, limit=5)
                fresh = folder / "job.tmp"
                fresh.write_text(json.dumps({"newest": page.items[0].id}))
                fresh.replace(job)
            newest = json.loads(job.read_text())["newest"]
            plan = start_execution(REF, "111122223333", newest=newest)
            steps = [step async for step in cloud.apply(plan)]
            # A conflict says that the execution is there: an earlier try has started it.
            if steps[-1].outcome not in (ApplyOutcome.VERIFIED, ApplyOutcome.CONFLICT):
                raise SystemExit(f"{steps[-1]}")
            with (folder / "done").open("a") as file:
                file.write(f"{newest}\n")
            job.unlink()


def _fork(folder: Path, journal: Journal, limit_s: float | None, jobs: int) -> int:
    child = os.fork()
    if child == 0:
        if limit_s is not None:
            timer = threading.Timer(limit_s, _die)
            timer.daemon = True
            timer.start()
        asyncio.run(work(folder, journal, jobs=jobs))
        os._exit(0)
    return os.waitpid(child, 0)[1]


async def _warm() -> None:
    async with Cloud([REF.place], read_only=True) as cloud:
        await cloud.warm_up()


def main(kills: int, seed: int, folder: Path) -> None:
    """Fork, die, fork again; at the end one fork that lives finishes the open job."""
    chance = random.Random(seed)  # noqa: S311 (where to die, no secret)
    asyncio.run(_warm())
    for number in range(kills):
        point = POINTS[number % len(POINTS)] if number < len(POINTS) else chance.choice(POINTS)
        limit_s = chance.uniform(0.05, _LONGEST_S) if point == "any time" else 5.0
        journal = DeadlyJournal(folder, "" if point == "any time" else point, chance.randrange(2))
        status = _fork(folder, journal, limit_s, 3)
        if not (os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0):
            raise SystemExit(f"fork {number} ({point}) ended with {status}")
        died = folder / "died"
        with died.open("a") as file:
            file.write(f"{point}: {os.WIFSIGNALED(status)}\n")
    if _fork(folder, Journal(folder), None, 1):
        raise SystemExit("the last fork failed")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
