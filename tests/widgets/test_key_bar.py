"""The line of keys: what it shows, what a click does, what does not fit."""

from __future__ import annotations

from typing import ClassVar

import pytest
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Button

from widgets.ink import as_content
from widgets.key_bar import KeyBar

_GROUP = Binding.Group("Jump", compact=True)


class _Keys(App[None]):
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "note('a')", "First", tooltip="The first of all"),
        Binding("b", "note('b')", "Second"),
        Binding("c", "note('c')", "Hidden", show=False),
        Binding("]", "note('next')", "Next", key_display="]", group=_GROUP),
        Binding("[", "note('before')", "Before", key_display="[", group=_GROUP),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.noted: list[str] = []
        self.off = ""

    def compose(self) -> ComposeResult:
        yield Button("here")
        yield KeyBar()

    def action_note(self, word: str) -> None:
        self.noted.append(word)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return None if parameters and parameters[0] == self.off else True

    @property
    def shown(self) -> str:
        return as_content(self.query_one(KeyBar).render()).plain


async def test_it_names_each_key_and_what_it_does_and_a_group_once() -> None:
    async with _Keys().run_test(size=(80, 3)) as pilot:
        await pilot.pause()
        assert isinstance(pilot.app, _Keys)
        assert " a First  b Second  ][ Jump " in pilot.app.shown
        assert "Hidden" not in pilot.app.shown


async def test_a_click_presses_the_key_under_it_and_a_key_that_is_off_does_nothing() -> None:
    async with _Keys().run_test(size=(80, 3)) as pilot:
        app = pilot.app
        assert isinstance(app, _Keys)
        await pilot.pause()
        at = app.shown.index("Second")
        await pilot.click(KeyBar, offset=(at, 0))
        await pilot.pause()
        assert app.noted == ["b"]
        app.off = "b"
        app.refresh_bindings()
        await pilot.pause()
        assert not next(item for item in app.query_one(KeyBar).items if item.key == "b").enabled
        await pilot.click(KeyBar, offset=(at, 0))
        await pilot.pause()
        assert app.noted == ["b"]


async def test_nothing_is_drawn_anew_where_the_keys_stay() -> None:
    async with _Keys().run_test(size=(80, 3)) as pilot:
        await pilot.pause()
        bar = pilot.app.query_one(KeyBar)
        items = bar.items
        pilot.app.refresh_bindings()
        await pilot.pause()
        assert bar.items is items


@pytest.mark.parametrize("compact", [False, True])
async def test_what_does_not_fit_is_marked(compact: bool) -> None:
    async with _Keys().run_test(size=(16, 6)) as pilot:
        await pilot.pause()
        app = pilot.app
        assert isinstance(app, _Keys)
        app.query_one(KeyBar).compact = compact
        await pilot.pause()
        assert app.shown.endswith("›")
        assert len(app.shown) == 16


async def test_a_mark_stands_before_all_keys_and_clicks_fall_on_the_right_one() -> None:
    async with _Keys().run_test(size=(80, 3)) as pilot:
        app = pilot.app
        assert isinstance(app, _Keys)
        app.query_one(KeyBar).mark = "PROTECTED prod\x1b"
        await pilot.pause()
        assert app.shown.startswith(" PROTECTED prod")
        assert "\x1b" not in app.shown
        await pilot.click(KeyBar, offset=(3, 0))
        assert app.noted == []
        await pilot.click(KeyBar, offset=(app.shown.index("a First") + 1, 0))
        await pilot.pause()
        assert app.noted == ["a"]
