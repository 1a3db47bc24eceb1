"""Hostile text through every widget: nothing raises, nothing is interpreted, no control character is drawn."""

import re
from collections.abc import Callable

import pytest
from textual.app import App
from textual.widget import Widget

from tests.widgets.stage import showing, strips, text, until
from widgets import document as doc
from widgets.banner import Banner, Level
from widgets.code_view import CodeView
from widgets.confirm_card import ConfirmCard
from widgets.diff_view import DiffView
from widgets.document_view import DocumentView
from widgets.empty_state import EmptyState, NextStep
from widgets.gallery import Gallery
from widgets.gallery_data import HOSTILE
from widgets.graph_model import GraphAction, GraphStage, GraphTransition
from widgets.keyed_table import Column, KeyedTable, Row
from widgets.log_pane import LogPane, MarkKind
from widgets.stage_graph import StageGraph
from widgets.status import Tone
from widgets.step_list import StepList, StepRow
from widgets.wizard import Wizard

CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
MARKUP = "[/foo] [@click=app.quit]x[/]"


def harmless(app: App[None]) -> None:
    for strip in strips(app):
        for segment in strip:
            assert not CONTROL.search(segment.text), repr(segment.text)
            meta = segment.style.meta if segment.style else {}
            assert "@click" not in meta, meta
            assert segment.style is None or segment.style.link is None
    assert app.is_running


def action() -> GraphAction:
    return GraphAction(HOSTILE, HOSTILE, Tone.FAILED, 1, HOSTILE)


WIDGETS: dict[str, Callable[[], Widget]] = {
    "graph": lambda: StageGraph((GraphStage(HOSTILE, Tone.FAILED, (action(),)),), direction="across"),
    "graph list": lambda: StageGraph(
        (
            GraphStage("a", Tone.OK, (action(),)),
            GraphStage(HOSTILE, Tone.OK, (action(),), GraphTransition(enabled=False, detail=HOSTILE)),
        ),
        direction="down",
    ),
    "document": lambda: DocumentView(
        [
            doc.heading(HOSTILE, HOSTILE),
            doc.paragraph(HOSTILE),
            doc.outcome(Tone.FAILED, HOSTILE, HOSTILE),
            doc.fact(1, HOSTILE, HOSTILE, tone=Tone.DENIED, note=HOSTILE),
            doc.choice(HOSTILE, HOSTILE, HOSTILE),
            doc.pair(HOSTILE, HOSTILE),
            doc.code(HOSTILE, "json"),
        ]
    ),
    "code": lambda: CodeView(HOSTILE, "json"),
    "diff": lambda: DiffView(HOSTILE, HOSTILE + "x", language="json", titles=(HOSTILE, HOSTILE), sides="no"),
    "diff beside": lambda: DiffView(HOSTILE, HOSTILE + "x", titles=(HOSTILE, HOSTILE), sides="yes"),
    "empty": lambda: EmptyState(HOSTILE, (HOSTILE,), (NextStep("id", HOSTILE, HOSTILE),)),
    "confirm": lambda: ConfirmCard(HOSTILE, HOSTILE),
    "wizard": lambda: Wizard(HOSTILE, (HOSTILE, HOSTILE)),
    "log": lambda: LogPane(HOSTILE),
}


@pytest.mark.parametrize("name", list(WIDGETS))
async def test_hostile_text_is_only_text(name: str) -> None:
    widget: Widget = WIDGETS[name]()
    async with showing(widget, 160, 40) as (pilot, _):
        await pilot.pause()
        harmless(pilot.app)
        assert "[/foo]" in text(pilot.app)
        await pilot.resize_terminal(40, 24)
        await pilot.pause()
        harmless(pilot.app)


async def test_hostile_cells_headers_and_keys_are_only_text() -> None:
    table = KeyedTable((Column("a", HOSTILE, 60), Column("b", "B", 60, flexible=True)))
    async with showing(table, 140, 10) as (pilot, _):
        table.sync([Row(HOSTILE, (HOSTILE, HOSTILE))])
        await pilot.pause()
        harmless(pilot.app)
        assert text(pilot.app).count(MARKUP) == 3


async def test_hostile_steps_and_banner_are_only_text() -> None:
    steps = StepList()
    async with showing(steps, 140, 10) as (pilot, _):
        banner = Banner()
        await pilot.app.mount(banner)
        banner.show(Level.ERROR, HOSTILE, "[/next]\x1b[2J", due_in_s=1)
        steps.sync_steps([StepRow("a", HOSTILE, Tone.OK, HOSTILE)], HOSTILE)
        await pilot.pause()
        harmless(pilot.app)
        assert MARKUP in text(pilot.app)
        assert "[/next]␛[2J" in text(pilot.app)


async def test_hostile_log_lines_are_only_text_in_every_mode() -> None:
    pane = LogPane(HOSTILE)
    async with showing(pane, 140, 20) as (pilot, _):
        pane.focus()
        pane.append([HOSTILE, HOSTILE.replace("\r", ""), "\x1b[38;5;1;4;" + HOSTILE, "x" * 1_000_000 + HOSTILE])
        pane.set_marks({0: MarkKind.ERROR})
        await until(lambda: pane.view._known == 4)
        await pilot.pause()
        harmless(pilot.app)
        assert MARKUP in text(pilot.app)
        await pilot.press("w")
        await pilot.pause()
        harmless(pilot.app)
        pane.search(MARKUP)
        await until(lambda: pane.search_done)
        await pilot.pause()
        harmless(pilot.app)
        assert len(pane.matches) >= 1
        pane.search("[" + HOSTILE, regex=True)
        await pilot.pause()
        harmless(pilot.app)


async def test_a_click_on_hostile_markup_runs_nothing() -> None:
    panel = EmptyState("[@click=app.quit]x[/]", ("[@click=app.quit]x[/]",))
    async with showing(panel, 80, 20) as (pilot, _):
        for x in range(0, 80, 4):
            await pilot.click(EmptyState, offset=(x, 10))
        assert pilot.app.is_running


@pytest.mark.parametrize("tab", ["table", "graph", "log", "steps", "diff", "code", "wizard", "empty"])
async def test_the_gallery_shows_every_widget(tab: str) -> None:
    app = Gallery(tab)
    async with app.run_test(size=(160, 45)) as pilot:
        await pilot.pause()
        await until(lambda: app.focused is not None or tab == "empty")
        await pilot.pause()
        for width, height in ((160, 45), (80, 24)):
            await pilot.resize_terminal(width, height)
            await pilot.pause()
            harmless(app)
            assert len([line for line in strips(app) if line.text.strip()]) >= 8
