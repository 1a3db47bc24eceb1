"""Text from outside may never drive the terminal or the program, on any screen."""

from __future__ import annotations

import pytest

from core.pipeline import PipelineSnapshot
from core.place import PipelineRef
from demo.process import DemoAccount
from tests.builders import HOSTILE, action, stage
from tests.tui.views.plain import CONTROL
from tests.tui.walk import Walk, walking
from tui.fleet_book import FleetBook


def harmless(walk: Walk) -> None:
    """Nothing on the screen can drive a terminal, and nothing in it is a live action."""
    for strip in walk.app.screen._compositor.render_strips():
        for segment in strip:
            assert not CONTROL.search(segment.text), repr(segment.text)
            if segment.style is not None:
                assert segment.style.link is None
                assert "quit" not in str(segment.style.meta.get("@click", ""))


async def test_a_hostile_commit_and_log_are_shown_as_text_on_every_screen(on_demo: DemoAccount) -> None:
    async with walking() as walk:
        await walk.read()
        await walk.select("partner-gateway")
        await walk.until(lambda: "[/foo] [red]partner[/red]" in walk.part("#glance"))
        assert "⟨RLO⟩" in walk.text
        harmless(walk)
        await walk.open("partner-gateway")
        tabs = (("5", "[@click=app.quit]"), ("4", "executions ·"), ("7", '"roleArn"'), ("1", "What was checked"))
        for key, words in tabs:
            await walk.press(key)
            await walk.shows(words)
            harmless(walk)
        await walk.press("l")
        await walk.on("LogScreen")
        await walk.shows("ended")
        await walk.press("g")
        await walk.shows("[INFO] and [stage-1 3/5] must stay", "closing tag [/foo] and [bold]markup[/bold]")
        assert "title set" in walk.text
        assert "owned" not in walk.text, "a title sequence goes as a whole"
        harmless(walk)
        await walk.press("escape")
        await walk.on("PipelineScreen")
        await walk.press("d")
        await walk.on("PlaybookScreen")
        await walk.shows("Not asked yet")
        await walk.press("A")
        await walk.until(lambda: "◐" not in walk.text and "Not asked yet" not in walk.text)
        harmless(walk)
        await walk.press("e")
        await walk.on("FactsScreen")
        harmless(walk)
    assert walk.app.return_code in {None, 0}


async def test_hostile_names_of_pipelines_stages_and_actions_are_shown_as_text(
    on_demo: DemoAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AWS allows no such names today; the screens do not rely on it."""
    really_read = FleetBook.read

    def read(book: FleetBook, shot: PipelineSnapshot, now: float | None = None) -> None:
        if shot.ref.name == "billing" and shot.state:
            bad = stage(HOSTILE, "Failed", action(HOSTILE, "Failed", ago_s=5, error_message=HOSTILE, summary=HOSTILE))
            held = stage(f"next {HOSTILE}", closed=HOSTILE)
            evil = PipelineRef(shot.ref.place, f"evil {HOSTILE}")
            state = type(shot.state)(evil.name, 1, (bad, held))
            book.recall([PipelineSnapshot(evil, shot.read_at, state, shot.execution)], shot.read_at)
        really_read(book, shot, now)

    monkeypatch.setattr(FleetBook, "read", read)
    async with walking() as walk:
        await walk.read()
        await walk.until(lambda: any(name.startswith("evil") for name in walk.names))
        evil = next(row.key for row in walk.fleet.rows if "evil" in row.key)
        walk.fleet.move_to(evil)
        await walk.until(lambda: "evil [/foo] [red]x[/red]" in walk.part("#glance"))
        harmless(walk)
        await walk.press("enter")
        await walk.on("PipelineScreen")
        await walk.until(lambda: "next [/foo]" in walk.text)
        harmless(walk)
        for key in ("right", "d"):
            await walk.press(key)
            await walk.pilot.pause()
            harmless(walk)
        await walk.on("PlaybookScreen")
        await walk.press("escape")
        await walk.on("PipelineScreen")
