"""The journal: every change with who, where and how it ended; undo through the wizard; what is unknown is looked up."""

from __future__ import annotations

import json
import os
import stat
import time
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from demo.process import DemoAccount
from tests.tui.actions.person import answer, apply, choose, go_to, menu, outcome
from tests.tui.walk import walking
from tui.cli import main
from tui.paths import journal_path


def shown(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["journal", *words], prog_name="pipemedic")
    return done.exit_code, done.output


async def test_a_change_is_told_and_taken_back(on_own: DemoAccount) -> None:
    async with walking() as walk:
        await walk.read()
        await go_to(walk, "mailer")
        await menu(walk)
        await choose(walk, "disable:Prod")
        await answer(walk, "freeze")
        await apply(walk)
        await walk.press("enter")
        await walk.press("J")
        await walk.on("JournalScreen")
        await walk.shows("Journal: 1 change ", "verified", "oncall", "disable-stage-transition")
        await walk.press("u")
        await walk.on("FixScreen")
        await apply(walk)
        assert outcome(walk) == "verified"
        place = walk.app.desk.places[0]
        state = await walk.app.desk.cloud.pipelines(place).state("mailer")
        prod = state.stage("Prod")
        assert prod
        assert prod.transition.enabled
        await walk.press("enter")
        await walk.on("JournalScreen")
        await walk.shows("Journal: 2 changes", "Undo: Disable the transition")
        # The first change no longer stands: taking it back once more is a conflict.
        await walk.press("down", "u")
        await walk.on("FixScreen")
        await apply(walk)
        assert outcome(walk) == "conflict"
    assert stat.S_IMODE(journal_path().stat().st_mode) == 0o600
    code, text = shown()
    assert code == 0
    assert "Disable the transition into Prod of mailer" in text
    changes = json.loads(shown("--format", "json", "--last", "1")[1])["changes"]
    assert [each["state"] for each in changes] == ["verified"]
    assert changes[0]["title"].startswith("Undo:")
    assert changes[0]["request_id"]


def write(path: Path, *records: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(record) + "\n" for record in records))


def intent(name: str, **more: Any) -> dict[str, Any]:
    params = {"pipelineName": name, "stageName": "Prod", "transitionType": "Inbound", "reason": "freeze"}
    return {
        "v": 1,
        "kind": "intent",
        "id": name,
        "at": time.time() - 60,
        "who": "arn:aws:iam::111122223333:user/oncall",
        "region": "eu-west-1",
        "plan": "pipeline.disable-transition",
        "title": f"Disable the transition into Prod of {name}",
        "pipeline": name,
        "service": "codepipeline",
        "operation": "DisableStageTransition",
        "params": params,
        "pid": 2**22 + 7,
        **more,
    }


async def test_a_change_without_a_result_is_told_at_the_start_and_looked_up(on_demo: DemoAccount) -> None:
    write(journal_path(), intent("search-prod"), intent("mailer", at=time.time() - 30))
    code, text = shown()
    assert code == 1
    assert text.count("unknown: check") == 2
    async with walking() as walk:
        await walk.shows("2 changes of an earlier run: unknown, check")
        await walk.press("J")
        await walk.on("JournalScreen")
        await walk.shows("2 unknown: check with c")
        await walk.press("c")
        await walk.shows("found absent")
        await walk.press("down", "c")
        await walk.shows("found there")
    assert shown()[0] == 0


async def test_a_change_of_a_program_that_still_runs_is_under_way(on_demo: DemoAccount) -> None:
    write(journal_path(), intent("mailer", pid=os.getpid()))
    code, text = shown()
    assert (code, "under way" in text) == (0, True)
