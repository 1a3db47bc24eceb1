"""The pulse: one page for the wall that says how the fleet is and how it was. It needs no hand and no further calls."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from textual import getters
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, Vertical
from textual.widgets import Digits, Static

from core.text import sanitize
from tui.fleet_fields import application_of
from tui.fleet_memory import keep, recall
from tui.fleet_pulse import (
    TILES,
    WINDOWS,
    Board,
    Window,
    bars_of,
    board,
    failing_lines,
    figure_line,
    group_lines,
    rated_lines,
)
from tui.fleet_status import bar_of
from tui.medic import Keys, MedicScreen
from tui.tones import condition_tone
from tui.top_bar import TopBar
from widgets.column_chart import ColumnChart
from widgets.ink import inked, join
from widgets.status import MARKS

__all__ = ["PulseScreen"]

# The figures are worked out again this often; ages and counts go on in between (s).
_AGAIN_S = 5.0
_FIGURES = 4


class PulseScreen(MedicScreen):
    """The fleet in figures."""

    CSS_PATH = "pulse.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "app.pop_screen", "Back", id="pulse.back", tooltip="Back to the list"),
        Binding("w", "window", "Time", id="pulse.window", tooltip="A day, a week or a month"),
        Binding("b", "group", "Group", id="pulse.group", tooltip="By account, region, context or tag"),
    ]

    top_bar = getters.query_one("#bar", TopBar)
    bars = getters.query_one("#bars", ColumnChart)

    def __init__(self) -> None:
        super().__init__()
        self._board: Board | None = None
        kept = recall("pulse")
        at, group = kept if isinstance(kept, list) and len(kept) == 2 else (1, "account")
        self._window = WINDOWS[at] if isinstance(at, int) and 0 <= at < len(WINDOWS) else WINDOWS[1]
        self._group = group if isinstance(group, str) else "account"

    def compose(self) -> ComposeResult:
        """Title, counts in large figures, what they come to, failures over time, and what stands out."""
        yield TopBar(id="bar")
        yield Static(id="title")
        with Horizontal(id="tiles"):
            for condition in TILES:
                with Vertical(classes=condition_tone(condition).value):
                    yield Digits("0", id=f"count-{condition.name.lower()}")
                    mark = MARKS[condition_tone(condition)]
                    yield Static(inked(f"{mark.glyph} {condition.name.lower()}", mark.style))
        with Horizontal(id="figures"):
            for number in range(_FIGURES):
                yield Static(id=f"figure-{number}")
        yield ColumnChart(id="bars")
        with Container(id="lists"):
            for name in ("failing", "groups", "slowest", "flakiest"):
                yield Static(id=name)
        yield Keys()

    def on_mount(self) -> None:
        """Follow the fleet and the clock."""
        self.medic.fleet_changed.subscribe(self, lambda _: self.show_now())
        self.set_interval(1.0, self.show_now)
        self.set_interval(_AGAIN_S, self.work_out)
        self.show_now()
        self.work_out()

    @property
    def window(self) -> Window:
        """The time looked at."""
        return self._window

    @property
    def group(self) -> str:
        """What pipelines are grouped by."""
        return self._group

    def show_now(self) -> None:
        """Bring counts and the list of what fails up to date."""
        if not self.is_active:
            return
        desk, now = self.medic.desk, self.medic.desk.clock()
        self.top_bar.bar = bar_of(desk, now, muted=self.medic.muted)
        counts = desk.book.counts(now)
        for condition in TILES:
            self.query_one(f"#count-{condition.name.lower()}", Digits).update(str(counts.get(condition, 0)))
        failing = self.query_one("#failing", Static)
        room = max(failing.size.height - 1, 1)
        failing.update(failing_lines(desk.book.entries(now, resort=False), now, failing.size.width, room))

    def work_out(self) -> None:
        """Work the figures out, in a thread."""
        if self.is_active:
            self.run_worker(
                self._work_out(), group="pulse", description="work the figures out", exclusive=True, exit_on_error=False
            )

    async def _work_out(self) -> None:
        desk = self.medic.desk
        now = desk.clock()
        pasts = desk.past.pasts(desk.contexts or {each.place for each in desk.book.refs()})
        names = self._groups()
        self._board = await asyncio.to_thread(board, pasts, names, self._window, now)
        self._draw(self._board)

    def _groups(self) -> dict[str, str]:
        """Which group each pipeline stands in."""
        desk, group = self.medic.desk, self._group
        found = {}
        for ref in desk.book.refs():
            place, context = ref.place, desk.contexts.get(ref.place)
            if group.startswith("tag:"):
                name = desk.book.tags.get(ref.key, {}).get(group[4:], "")
            elif group == "application":
                name = application_of(desk.book.tags.get(ref.key, {}))
            elif group == "account":
                identity = desk.identities.get(place)
                name = identity.account if identity else place.profile or "default"
            elif group == "region":
                name = place.region
            else:
                name = context.name if context else str(place)
            found[ref.key] = name
        return found

    def _draw(self, found: Board) -> None:
        covered = found.pulse.covered
        known = "" if covered >= 1 else f"  older runs unknown of {(1 - covered) * 100:.0f} %"
        title = join(
            inked("Pulse", "bold"),
            f"  {self._window.name}  ",
            inked("✗ failures", "$text-error"),
            "  ",
            inked("✓ successes", "$text-success"),
            inked(known, "$foreground-muted"),
        )
        self.query_one("#title", Static).update(title)
        for number, content in enumerate(figure_line(found.pulse)):
            self.query_one(f"#figure-{number}", Static).update(content)
        self.bars.show(bars_of(found.pulse))
        slowest, flakiest = self.query_one("#slowest", Static), self.query_one("#flakiest", Static)
        groups = self.query_one("#groups", Static)
        most = max(slowest.size.height - 1, 1)
        slowest.update(rated_lines("SLOWEST", found.pulse.slowest, slowest.size.width, most, none="too few runs"))
        flaky = rated_lines("FLAKIEST", found.pulse.flakiest, flakiest.size.width, most, share=True, none="none seen")
        flakiest.update(flaky)
        title_of = sanitize(self._group.removeprefix("tag:"))
        groups.update(group_lines(title_of, found.groups, groups.size.width, most))

    def on_resize(self) -> None:
        """Take the room there is."""
        self.call_after_refresh(self._again)

    def _again(self) -> None:
        self.show_now()
        if self._board:
            self._draw(self._board)

    def action_window(self) -> None:
        """Look at the next time."""
        self._window = WINDOWS[(WINDOWS.index(self._window) + 1) % len(WINDOWS)]
        self._keep()

    def action_group(self) -> None:
        """Group by the next thing: account, region, context, then the tags that are known."""
        desk = self.medic.desk
        tags = sorted({f"tag:{key}" for held in desk.book.tags.values() for key in held})[:8]
        groups = ["account", "region", "context", *(["application"] if tags else []), *tags]
        at = groups.index(self._group) + 1 if self._group in groups else 0
        self._group = groups[at % len(groups)]
        self._keep()

    def _keep(self) -> None:
        keep("pulse", [WINDOWS.index(self._window), self._group])
        self.work_out()
