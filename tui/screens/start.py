"""The first thing on the screen: the list as it stood last, or that AWS is asked. It imports little, to come early."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import Screen

from core.age import age
from tui.first_sight import FirstSight, first_sight
from tui.options import Options
from tui.top_bar import Bar, TopBar
from widgets.empty_state import EmptyState
from widgets.status import Tone

if TYPE_CHECKING:
    from widgets.keyed_table import KeyedTable

__all__ = ["StartScreen"]


class StartScreen(Screen[None]):
    """What the fleet's screen shows before it knows anything; the fleet's own takes its place."""

    DEFAULT_CSS = """
    StartScreen > EmptyState { height: 1fr; }
    StartScreen > Horizontal { height: 1fr; }
    StartScreen #aside { width: 40%; min-width: 44; max-width: 84; border-left: solid $panel-lighten-2; }
    StartScreen.-narrow #aside { display: none; }
    StartScreen > #foot { height: 1; background: $panel; }
    """

    def compose(self) -> ComposeResult:
        """Bar, and the last known list or a notice."""
        now = time.time()
        options = getattr(self.app, "options", Options())
        sight = first_sight(options, now)
        if sight is None or not sight.rows:
            yield TopBar(Bar(pulse="connecting …"))
            yield EmptyState("Connecting …", ("Asking AWS which pipelines there are.",), tone=Tone.RUNNING)
            return
        counts = tuple((Tone(tone), number, word) for tone, number, word in sight.counts)
        yield TopBar(Bar(sight.where, counts, pulse=f"connecting … · last known, {age(sight.kept_at, now)} ago"))
        with Horizontal():
            yield _table(sight, now)
            yield Vertical(id="aside")
        yield Vertical(id="foot")


def _table(sight: FirstSight, now: float) -> KeyedTable:
    """The list as it stood, dim: what is old looks old."""
    from widgets.keyed_table import Column, KeyedTable, Row  # noqa: PLC0415 (only where there is something to show)

    table = KeyedTable(
        [
            Column(key, label, width, "right" if align == "right" else "left", flexible, drop)
            for key, label, width, align, flexible, drop in sight.columns
        ]
    )
    table.sync([Row(key, cells, dim=True) for key, cells in sight.cells(now)])
    return table
