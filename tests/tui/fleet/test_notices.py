"""Notices: chosen transitions, by bell, terminal or command, and the mute."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from demo.process import DemoAccount
from tests.builders import HERE, HOSTILE, action, entry, execution, stage
from tests.tui.walk import walking
from tui.config import Config, ContextConfig, NoticeConfig, NoticeRule
from tui.fleet_book import Entry
from tui.fleet_notices import Notice, Notices, run_command, terminal_text
from tui.options import Options
from tui.rows import Where

EVERYTHING = NoticeConfig(("failed", "stuck", "approval", "recovered"), bell=True, desktop="osc9")
GREEN = entry(stage("Build", "Succeeded"), latest=execution("Succeeded", run="run-1"))
MOVING = entry(stage("Build", "InProgress"), latest=execution("InProgress", run="run-2"))
WAITING = entry(
    stage("Go", "InProgress", action("Ok", "InProgress", ago_s=5, token="t")), latest=execution("InProgress")
)


def red(run: str = "run-1", why: str = "exit status 1") -> Entry:
    broken = action("Build", "Failed", ago_s=60, error_message=why)
    return entry(stage("Build", "Failed", broken, run=run), latest=execution("Failed", run=run))


def kinds(*looks: Entry, config: NoticeConfig = EVERYTHING) -> list[str]:
    notices = Notices(config)
    return [notice.kind for look in looks for notice in notices.look([look])]


def test_a_transition_is_called_out_once_and_the_first_look_never() -> None:
    assert kinds(red(), red()) == []
    assert kinds(GREEN, red(), red(), MOVING, GREEN) == ["failed", "recovered"]
    assert kinds(MOVING, WAITING, WAITING) == ["approval"]
    assert kinds(red("run-1"), red("run-2")) == ["failed"]


def test_only_what_was_chosen_is_called_out() -> None:
    assert kinds(GREEN, red(), GREEN, config=NoticeConfig(("recovered",), bell=True)) == ["recovered"]
    assert kinds(GREEN, red(), config=NoticeConfig(("failed",), "name:other", bell=True)) == []
    assert not Notices(NoticeConfig(("failed",))).wanted
    assert not Notices(NoticeConfig(bell=True)).wanted


def test_a_mute_is_not_made_up_for() -> None:
    notices = Notices(EVERYTHING)
    notices.look([GREEN])
    notices.muted = True
    assert notices.look([red()]) == ()
    notices.muted = False
    assert notices.look([red()]) == ()
    assert [each.kind for each in notices.look([GREEN])] == ["recovered"]


def test_the_last_known_fleet_calls_nothing_out() -> None:
    notices = Notices(EVERYTHING)
    assert notices.look([GREEN], fresh=()) == ()
    assert notices.look([red()], fresh=[GREEN.ref.key]) == ()


@pytest.mark.parametrize(("desktop", "begins"), [("osc9", "\a\x1b]9;"), ("osc777", "\a\x1b]777;notify;pipemedic;")])
def test_hostile_text_drives_no_terminal(desktop: str, begins: str) -> None:
    notices = Notices(EVERYTHING)
    notices.look([GREEN])
    (notice,) = notices.look([red(why=HOSTILE)])
    bad = Notice("failed", notice.pipeline + ";x", notice.place)
    text = terminal_text((bad,), NoticeConfig(("failed",), bell=True, desktop=desktop))
    assert text.startswith(begins)
    assert text.removeprefix(begins) == "billing,x failed (eu-west-1)\x07"
    assert "\x1b" not in notice.detail


def test_many_at_once_become_one() -> None:
    many = tuple(Notice("failed", f"p{number}", "eu-west-1") for number in range(9))
    assert terminal_text(many, EVERYTHING).count("\x1b]9;") == 1


async def test_a_command_learns_what_happened_and_its_failure_is_told(tmp_path: Path) -> None:
    out = tmp_path / "out"
    code = f"import os, sys; open({str(out)!r}, 'w').write(os.environ['PIPEMEDIC_EVENT'] + '|' + sys.argv[1])"
    notice = Notice("failed", "$(touch x)", "eu-west-1", "why")
    assert await run_command((sys.executable, "-c", code), notice) == ""
    assert out.read_text() == "failed|$(touch x) failed (eu-west-1)"
    assert "ended with 3" in await run_command((sys.executable, "-c", "raise SystemExit(3)"), notice)
    assert "nowhere" in await run_command(("/nowhere/at-all",), notice)


async def test_a_pipeline_that_fails_runs_the_command_and_m_mutes(on_demo: DemoAccount, tmp_path: Path) -> None:
    out = tmp_path / "told"
    code = f"import os; open({str(out)!r}, 'a').write(os.environ['PIPEMEDIC_TEXT'] + chr(10))"
    notices = NoticeConfig(("failed",), bell=True, command=(sys.executable, "-c", code))
    async with walking(config=Config(notices=notices)) as walk:
        await walk.read()
        await walk.until(lambda: walk.app.notices and any("mailer" in key for key in walk.app.notices._seen))
        shot = walk.snapshot("mailer")
        assert shot is not None
        assert shot.state is not None
        assert not out.exists()
        broken = replace(shot.state.stages[-1], status="Failed", execution_id="run-x")
        state = replace(shot.state, stages=(*shot.state.stages[:-1], broken))
        latest = replace(shot.execution, id="run-x", status="Failed") if shot.execution else None
        walk.app.desk.book.read(replace(shot, state=state, execution=latest))
        walk.app._publish_soon()
        await walk.until(lambda: out.exists() and out.read_text() == "mailer failed (eu-west-1)\n")
        await walk.press("M")
        await walk.shows("Notices are muted.")
        await walk.until(lambda: "muted" in walk.lines[0])
        await walk.press("M")
        await walk.until(lambda: "muted" not in walk.lines[0])


def test_several_rules_each_with_pipelines_and_transitions_of_its_own() -> None:
    rules = (NoticeRule(("recovered",), "name:billing"), NoticeRule(("approval",), "name:other"))
    config = NoticeConfig(("failed",), "name:other", bell=True, rules=rules)
    assert kinds(GREEN, red(), GREEN, WAITING, config=config) == ["recovered"]
    assert Notices(NoticeConfig(bell=True, rules=rules)).wanted
    assert not Notices(config).uses_tags


def test_a_rule_may_name_the_context_the_account_and_a_tag() -> None:
    where = {HERE: Where("prod", account="111122223333")}
    tags = {GREEN.ref.key: {"team": "Shop"}}
    for rule, counts in (
        ("context:prod", True),
        ("context:test", False),
        ("account:111122223333 tag:team=shop", True),
        ("tag:team=ops", False),
    ):
        notices = Notices(NoticeConfig(("failed",), rule, bell=True))
        notices.look([GREEN], where=where, tags=tags)
        assert bool(notices.look([red()], where=where, tags=tags)) is counts, rule
    assert Notices(NoticeConfig(("failed",), "tag:team=shop")).uses_tags


async def test_a_notice_for_a_context_comes_with_the_program(on_demo: DemoAccount) -> None:
    prod = ContextConfig("prod", regions=("eu-west-1",))
    rules = (NoticeRule(("failed",), "context:prod name:mailer"),)
    config = Config(contexts=(prod,), notices=NoticeConfig(bell=True, rules=rules))
    async with walking(Options(contexts=("prod",)), config=config) as walk:
        await walk.read()
        await walk.until(lambda: walk.app.notices and any("mailer" in key for key in walk.app.notices._seen))
        shot = walk.snapshot("mailer")
        assert shot is not None
        assert shot.state is not None
        assert shot.execution is not None
        said: list[str] = []
        driver = walk.app._driver
        assert driver is not None
        driver.write = said.append  # type: ignore[method-assign, assignment]
        broken = replace(shot.state.stages[-1], status="Failed", execution_id="run-x")
        state = replace(shot.state, stages=(*shot.state.stages[:-1], broken))
        walk.app.desk.book.read(
            replace(shot, state=state, execution=replace(shot.execution, id="run-x", status="Failed"))
        )
        walk.app._publish_soon()
        await walk.until(lambda: "\a" in said)
