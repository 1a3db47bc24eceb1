"""Read-only: every key of every screen and every action is tried, and the account counts no change."""

from __future__ import annotations

import asyncio
import pkgutil
from collections.abc import Awaitable, Callable
from importlib import import_module
from pathlib import Path

import pytest
from textual.widgets import Input

import tui.screens
from aws.cloud import Cloud
from core.actions import Action, Ask, Situation, actions_of
from core.attention import FocusPoint
from core.build import LogLocation
from core.errors import PipemedicError, ReadOnlyRefused
from core.fact import Fact, Outcome
from core.finding import Fix
from core.log_links import Link
from core.logs import LogGroup
from core.pipeline import Execution
from core.place import PipelineRef, Place
from core.plan import Plan
from core.plans.pipeline import retry_stage
from core.playbook import Subject
from demo.process import DemoAccount
from playbooks import discover
from playbooks.lint.correct import buildspec_repair
from tests.tui.actions.person import go_to, menu
from tests.tui.walk import WIDE, Walk, walking
from tui import navigation
from tui.options import Options
from tui.screens.accept import AcceptScreen
from tui.screens.ask import AskScreen
from tui.screens.batch import BatchScreen
from tui.screens.books import BooksScreen
from tui.screens.columns import ColumnsScreen
from tui.screens.comparison import ComparisonScreen
from tui.screens.contexts import ContextsScreen
from tui.screens.execution import ExecutionScreen
from tui.screens.log_groups import LogGroupsScreen
from tui.screens.log_line import LogLineScreen
from tui.screens.log_links import LogLinksScreen
from tui.screens.log_queries import LogQueriesScreen
from tui.screens.log_sources import LogSourcesScreen
from tui.screens.mfa import MfaScreen
from tui.screens.one_line import OneLineScreen
from tui.screens.pane_finder import PaneFinderScreen
from tui.screens.stream_log import FileLogScreen, GroupLogScreen, StreamLogScreen
from tui.screens.views import ViewsScreen
from tui.screens.who import WhoScreen
from tui.triage import subject_of

READ_ONLY = Options(regions=("eu-west-1",), read_only=True)
# They leave the program or the screen; what they lead to is opened by name below.
_SKIPPED = ("q", "ctrl+q", "ctrl+c", "escape", "ctrl+p", "colon")


async def every_key(walk: Walk, come: Callable[[], Awaitable[None]], done: set[str]) -> int:
    """Press each key that the screen and what has the focus bind, coming back to the screen after each.

    `done` holds the ids of bindings of shared widgets, which are pressed on the first screen that has them.
    """
    await come()
    name, keys, here = walk.screen_name, [], walk.app.screen
    for key, active in walk.app.screen.active_bindings.items():
        shared = active.binding.id if active.node is not walk.app.screen else None
        if key not in _SKIPPED and shared not in done:
            keys.append(key)
            done.update(filter(None, (shared,)))
    for key in keys:
        before = walk.app.focused
        await walk.press(key)
        if walk.screen_name == name and isinstance(walk.app.focused, Input) and walk.app.focused is not before:
            # A box that takes text opened: later keys would be typed into it.
            await walk.press("escape")
            walk.app.set_focus(before)
            await walk.pilot.pause()
        # What a key opened is left again; a screen that was left by the key is opened anew.
        while walk.app.screen is not here and here in walk.app.screen_stack:
            walk.app.pop_screen()
            await walk.pilot.pause()
        if walk.app.screen is not here:
            while len(walk.app.screen_stack) > 1:
                walk.app.pop_screen()
                await walk.pilot.pause()
            await come()
            here = walk.app.screen
    return len(keys)


def plan_of(ref: PipelineRef, walk: Walk) -> Plan:
    snapshot = walk.app.snapshot(ref)
    assert snapshot
    assert snapshot.state
    failed = next(stage for stage in snapshot.state.stages if stage.status == "Failed")
    return retry_stage(ref, "111122223333", failed.name, failed.execution_id)


FIX = Fix("codebuild.line:5", "Correct line 5", steps=("Quote it.",), repair=buildspec_repair(text="- a: b: c\n"))


def every_screen() -> set[str]:
    """The names of all screens that there are."""
    found: set[str] = set()
    for module in pkgutil.iter_modules(tui.screens.__path__, "tui.screens."):
        held = vars(import_module(module.name)).items()
        found |= {name for name, each in held if isinstance(each, type) and each.__module__ == module.name}
    return {name for name in found if name.endswith("Screen") and name not in _BASES}


# A base of other screens; the first frame, which is gone before a key is pressed.
_BASES = frozenset({"SourceLogScreen", "StartScreen"})


def screens(
    walk: Walk, ref: PipelineRef, execution: Execution, file: Path, subject: Subject
) -> dict[str, Callable[[], object]]:
    """How each screen is opened, but the list, which is there at first."""
    app, place, plan = walk.app, ref.place, plan_of(ref, walk)
    group = "/aws/codebuild/billing"
    fact = Fact(1, "codepipeline", "GetPipeline", {"name": ref.name}, Outcome.OK, {"pipeline": {}})
    return {
        "PipelineScreen": lambda: navigation.open_pipeline(app, ref),
        "ActionsScreen": lambda: navigation.open_actions(app, ref, FocusPoint("Build", "Build")),
        "ApprovalsScreen": lambda: navigation.open_approvals(app),
        "JournalScreen": lambda: navigation.open_journal(app),
        "PlaybookScreen": lambda: navigation.open_playbook(app, ref, None),
        "LogScreen": lambda: navigation.open_log(app, ref, None),
        "FixScreen": lambda: navigation.open_plan(app, ref, plan),
        "ByHandScreen": lambda: navigation.open_fix(app, ref, FIX),
        "BatchScreen": lambda: app.push_screen(BatchScreen("Retry them", [(ref, plan)])),
        "AskScreen": lambda: app.push_screen(AskScreen("Stop", "It ends.", (Ask("reason", "Reason"),))),
        "FactsScreen": lambda: navigation.open_facts(app, [fact]),
        "AuditScreen": lambda: navigation.open_audit(app),
        "PulseScreen": lambda: navigation.open_pulse(app),
        "ProfileScreen": lambda: navigation.open_profile(app, ref),
        "InsightsScreen": lambda: navigation.open_insights(app, place),
        "LogFinderScreen": lambda: navigation.open_log_finder(app, place),
        "ReportScreen": lambda: navigation.open_report(app),
        "ContextsScreen": lambda: app.push_screen(ContextsScreen()),
        "WhoScreen": lambda: app.push_screen(WhoScreen(place)),
        "AcceptScreen": lambda: app.push_screen(AcceptScreen("Write it?", "A file.", "text")),
        "BooksScreen": lambda: app.push_screen(BooksScreen(discover(), subject)),
        "ColumnsScreen": lambda: app.push_screen(ColumnsScreen(("status",), ("status", "age"))),
        "ComparisonScreen": lambda: app.push_screen(ComparisonScreen(ref, execution)),
        "ExecutionScreen": lambda: app.push_screen(ExecutionScreen(ref, execution)),
        "FileLogScreen": lambda: app.push_screen(FileLogScreen(file)),
        "GroupLogScreen": lambda: app.push_screen(GroupLogScreen(place, LogGroup(group, place.region))),
        "LogGroupsScreen": lambda: app.push_screen(LogGroupsScreen(place)),
        "LogLineScreen": lambda: app.push_screen(LogLineScreen("line 1", "text")),
        "LogLinksScreen": lambda: app.push_screen(LogLinksScreen((Link("https://a.example", "a.example"),), "line 1")),
        "LogQueriesScreen": lambda: app.push_screen(LogQueriesScreen()),
        "LogSourcesScreen": lambda: app.push_screen(LogSourcesScreen(ref, None)),
        "MfaScreen": lambda: app.push_screen(MfaScreen("prod", (place.region,), "MFA is asked for")),
        "OneLineScreen": lambda: app.push_screen(OneLineScreen("Name it")),
        "PaneFinderScreen": lambda: app.push_screen(PaneFinderScreen(place, lambda _: None)),
        "StreamLogScreen": lambda: app.push_screen(StreamLogScreen(place, LogLocation(group, "x", place.region))),
        "ViewsScreen": lambda: app.push_screen(ViewsScreen({}, frozenset(), "now")),
    }


# On small terminals what acts is looked at once more.
_SHORT = frozenset(
    {"ActionsScreen", "ApprovalsScreen", "BatchScreen", "ByHandScreen", "FixScreen", "JournalScreen", "PipelineScreen"}
)


@pytest.mark.parametrize("size", [WIDE, (80, 24)], ids=["wide", "small"])
async def test_no_key_of_any_screen_changes_anything(
    on_demo: DemoAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    monkeypatch.setenv("BROWSER", "true")
    monkeypatch.chdir(tmp_path)  # a report or a patch is written where the program runs
    await asyncio.to_thread(on_demo.clear_calls)
    async with walking(READ_ONLY, size=size) as walk:
        app = walk.app
        monkeypatch.setattr(app, "open_url", lambda *_, **__: None)
        monkeypatch.setattr(navigation, "log_in", lambda _: None)
        await walk.read()
        await go_to(walk, "billing")
        entries = app.desk.book.entries(app.desk.clock(), resort=False)
        ref = next(each.ref for each in entries if each.ref.name == "billing")
        page = await app.desk.cloud.pipelines(ref.place).executions(ref.name, limit=1)
        (tmp_path / "a.log").write_text("one\ntwo\n")
        done: set[str] = set()
        pressed = await every_key(walk, lambda: walk.on("PipelinesScreen"), done)
        await go_to(walk, "billing")
        seen = {"PipelinesScreen"}
        subject = await subject_of(app.desk.cloud, ref)
        found = screens(walk, ref, page.items[0], tmp_path / "a.log", subject)
        for screen, open_ in found.items():
            if size != WIDE and screen not in _SHORT:
                continue

            async def come(name: str = screen, do: Callable[[], object] = open_) -> None:
                if walk.screen_name != name:
                    do()
                await walk.on(name)
                seen.add(name)

            pressed += await every_key(walk, come, done)
            while len(app.screen_stack) > 1:
                app.pop_screen()
                await walk.pilot.pause()
        # A new screen belongs in `screens`.
        assert {*found, "PipelinesScreen"} == every_screen()
        assert seen == every_screen() or size != WIDE
        assert pressed > (150 if size == WIDE else 60)
    told = await asyncio.to_thread(on_demo.calls)
    assert told["total"] > 20
    assert told["mutating"] == 0, told["by_operation"]


async def test_no_action_of_any_pipeline_gets_through(on_demo: DemoAccount) -> None:
    """Of each pipeline as a whole and of an action of each kind; forms are sent with something changed in them."""
    await asyncio.to_thread(on_demo.clear_calls)
    tried: set[str] = set()
    seen: set[str] = set()
    async with walking(READ_ONLY) as walk:
        await walk.read()
        cloud, place = walk.app.desk.cloud, walk.app.desk.places[0]
        for name in walk.names:
            reader, ref = cloud.pipelines(place), PipelineRef(place, name)
            state, definition, page = await asyncio.gather(
                reader.state(name), reader.definition(name), reader.executions(name, limit=5)
            )
            kinds = {
                each.provider: FocusPoint(stage.name, each.name)
                for stage in definition.stages
                for each in stage.actions
            }
            new = {provider: point for provider, point in kinds.items() if provider not in seen}
            seen |= new.keys()
            for point in (None, *new.values()):
                situation = Situation(ref, "111122223333", state, definition, page.items, point)
                assert all(each.why_not for each in actions_of(situation, read_only=True))
                for action in actions_of(situation):
                    if plan := await made(cloud, place, action):
                        with pytest.raises(ReadOnlyRefused):
                            _ = [step async for step in cloud.apply(plan)]
                        tried.add(action.id.partition(":")[0])
    told = await asyncio.to_thread(on_demo.calls)
    assert {"approve", "disable", "edit", "edit-pipeline", "project", "retry-all", "service", "start"} <= tried
    assert len(tried) > 15, tried
    assert told["mutating"] == 0


async def made(cloud: Cloud, place: Place, action: Action) -> Plan | None:
    """The plan of an action with its answers as they stand, else with its first free answer changed."""
    evidence = cloud.evidence(place)
    if action.make is None:
        return None
    facts: tuple[Fact, ...] = ()
    for calls in (action.reads, action.more):
        wanted = calls(facts) if callable(calls) else calls
        reads = (
            evidence.read(each.service, each.operation, each.params, region=each.region, pages=1) for each in wanted
        )
        facts = (*facts, *await asyncio.gather(*reads))
    try:
        asks = action.asks(facts)
    except PipemedicError:
        return None
    given = {each.name: each.default or (each.choices[0].value if each.choices else "") for each in asks}
    free = [each.name for each in asks if not each.choices]
    filled = {**given, **{name: given[name] or "x" for name in free}}
    others = [{**given, each.name: choice.value} for each in asks for choice in each.choices]
    for answers in (filled, *({**given, name: "7"} for name in free), *others):
        try:
            if plan := action.make(answers, facts):
                return plan
        except PipemedicError:
            continue
    return None


async def test_the_menu_and_the_inbox_offer_nothing(on_demo: DemoAccount) -> None:
    async with walking(READ_ONLY) as walk:
        await walk.read()
        await go_to(walk, "billing")
        assert not {"Fix", "Retry stage"} & walk.keys
        await menu(walk)
        await walk.press("enter")
        await walk.shows("read-only mode")
