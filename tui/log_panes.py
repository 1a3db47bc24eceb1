"""The log workspace: up to four logs on one screen, each with its own source and filter, kept between runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from textual import on
from textual.binding import Binding, BindingType

from core.place import Place
from tui.build_log import BuildLog
from tui.logs.layouts import MOST_PANES, KeptPane, Layout, apply_look, keep_layout, look_of, recall_layout
from tui.logs.source import MOST_PARTS, LogSource, SourceKind
from tui.medic import MedicWidget
from widgets.log_pane import LogPane
from widgets.log_view import LogView
from widgets.pane_grid import Axis, PaneGrid
from widgets.pane_tree import Leaf, add, even, grow, neighbour, plan, remove, swap

__all__ = ["LogPanes"]

_FIRST = "1"
_STEP = 0.05


async def _none() -> tuple[LogSource, ...]:
    return ()


class LogPanes(PaneGrid, MedicWidget):
    """Panes of logs. The first one belongs to the screen; others come by key and go again."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("vertical_line", "split('beside')", "Split", id="panes.beside", key_display="|",
                tooltip="Another log beside this one"),
        Binding("underscore", "split('below')", "Split below", show=False, id="panes.below", key_display="_",
                tooltip="Another log below this one"),
        Binding("u", "merge", "Merge", show=False, id="panes.merge",
                tooltip="Another log into this pane: all lines by time, each source with its own colour and name"),
        Binding("ctrl+u", "unmerge", "Take out", show=False, id="panes.unmerge",
                tooltip="Take the log that was merged in last out of this pane again"),
        Binding("tab", "step(1)", "Next pane", id="panes.next", tooltip="To the next pane"),
        Binding("shift+tab", "step(-1)", "Previous pane", show=False, id="panes.previous",
                tooltip="To the pane before"),
        Binding("z", "zoom", "Zoom", id="panes.zoom", tooltip="This pane alone, or all again"),
        Binding("x", "close", "Close pane", id="panes.close", tooltip="Close this pane"),
        Binding("X", "swap", "Swap", show=False, id="panes.swap", tooltip="Change places with the next pane"),
        Binding("K", "lock", "Lock by time", show=False, id="panes.lock",
                tooltip="Scrolling one pane moves the others to the same time"),
        Binding("equals_sign", "even", "Same size", show=False, id="panes.even", key_display="=",
                tooltip="Give all panes the same room"),
        Binding("T", "live_tail", "Live tail", id="panes.live-tail",
                tooltip="Watch the group with CloudWatch's live tail, which costs by the minute; again: poll"),
        Binding("P", "pattern", "Pattern", id="panes.pattern",
                tooltip="Only events of the group that fit a filter pattern, chosen by CloudWatch itself"),
        *(Binding(f"shift+{name}", f"go({across}, {down})", f"Pane {name}", show=False, id=f"panes.go-{name}",
                  tooltip=f"To the pane on that side: {name}")
          for name, across, down in (("left", -1, 0), ("right", 1, 0), ("up", 0, -1), ("down", 0, 1))),
        *(Binding(f"ctrl+{name}", f"border('{axis}', {step})", f"Border {name}", show=False,
                  id=f"panes.border-{name}", tooltip=f"Move the pane's border: {name}")
          for name, axis, step in (("left", "beside", -1), ("right", "beside", 1),
                                   ("up", "below", -1), ("down", "below", 1))),
    ]  # fmt: skip

    def __init__(
        self,
        offers: Callable[[], Sequence[LogSource]] = tuple,
        place: Place | None = None,
        more: Callable[[], Awaitable[Sequence[LogSource]]] = _none,
    ) -> None:
        """Make a workspace of one pane.

        Args:
            offers: Sources that a new pane is offered first.
            place: Whose log groups are offered; None for that of the first pane's source.
            more: Further ones, for which AWS is asked.
        """
        super().__init__(_FIRST, BuildLog(id="build-log"), id="log-panes")
        self.sources: dict[str, LogSource] = {}
        self.locked = False
        self._own: LogSource | None = None  # what the screen was opened on
        self._offers = offers
        self._more = more
        self._place = place

    def body(self, key: str) -> BuildLog:
        """The log in a pane."""
        pane = self.panes[key]
        if not isinstance(pane, BuildLog):
            raise TypeError(f"pane {key} holds no log")
        return pane

    @property
    def first(self) -> BuildLog:
        """The screen's own log."""
        return self.body(_FIRST)

    @property
    def current(self) -> BuildLog:
        """The log in the active pane."""
        return self.body(self.active)

    @property
    def source(self) -> LogSource | None:
        """The source of the active pane."""
        return self.sources.get(self.active)

    # Kept between runs

    def begin(self, source: LogSource) -> None:
        """Open the first pane's source, and put back what was kept under it."""
        self._own = self.sources[_FIRST] = source
        kept = recall_layout(source.key)
        if kept is None or _FIRST not in kept.panes:
            self.first.open_source(source)
            return
        parts = kept.panes[_FIRST].source.parts
        if parts:  # the own one as it is asked for now, the others as they were
            self.sources[_FIRST] = LogSource.merged((source, *(part for part in parts if part.key != source.key)))
        self.first.open_source(self.sources[_FIRST])
        apply_look(self.first.pane, kept.panes[_FIRST].look)
        if len(kept.panes) > 1:
            self._run(self._put_back(kept), "open the panes")

    async def _put_back(self, kept: Layout) -> None:
        for key, pane in kept.panes.items():
            if key != _FIRST:
                await self._add(key, pane.source)
                apply_look(self.body(key).pane, pane.look)
        self.split, self.zoomed, self.locked = kept.tree, kept.zoomed, kept.locked
        self.settle()

    def layout_now(self) -> Layout:
        """All panes as they stand."""
        panes = {
            key: KeptPane(self.sources[key], look_of(self.body(key).pane) if self.body(key).ready else {})
            for key in self.keys
        }
        return Layout(self.split, panes, self.zoomed, self.locked)

    def keep(self) -> None:
        """Keep the layout for the next time this log is opened."""
        if self._own and all(self.sources[key].lasting for key in self.keys):
            keep_layout(self._own.key, self.layout_now())

    # Panes

    def _run(self, work: Coroutine[Any, Any, None], description: str) -> None:
        self.run_worker(work, group="panes", description=description, exit_on_error=False)

    def action_split(self, axis: str) -> None:
        """Ask what another pane is to show, and open it beside or below this one."""
        if len(self.keys) >= MOST_PANES:
            self.current.tell(f"There are {MOST_PANES} panes; x closes one.")
            return
        self._ask(lambda source: self._run(self._open(source, Axis(axis)), "open a pane"))

    def _ask(self, take: Callable[[LogSource], None]) -> None:
        """Let the reader choose a source."""
        from tui.screens.pane_finder import PaneFinderScreen  # noqa: PLC0415 (imported when first needed)

        here = self.source
        offered = dict.fromkeys([*self._offers(), *([here, *here.parts] if here else [])])
        known = [each.place for each in (self._own, here) if each and each.place.region]
        place = self._place or next(iter((*known, *self.medic.desk.places)), Place("", ""))
        self.app.push_screen(PaneFinderScreen(place, take, tuple(offered), self._more))

    async def _open(self, source: LogSource, axis: Axis) -> None:
        key = next(str(number) for number in range(2, 9) if str(number) not in self.panes)
        beside = self.active
        await self._add(key, source)
        self.split = add(self.split, beside, axis, key)
        self.activate(key)
        self.keep()

    async def _add(self, key: str, source: LogSource) -> None:
        body = BuildLog()
        self.sources[key] = source
        await self.put(key, body, None)
        body.open_source(source)

    def show(self, source: LogSource) -> None:
        """Show another source in the active pane."""
        self.sources[self.active] = source
        self.current.open_source(source)
        self.refresh_bindings()
        self.keep()

    def action_merge(self) -> None:
        """Ask for a source, and mix its lines with those of this pane by time."""
        here = self.source
        if here is None:
            return
        if len(here.parts) >= MOST_PARTS:
            self.current.tell(f"There are {MOST_PARTS} logs in this pane; ctrl+u takes one out.")
            return

        def take(source: LogSource) -> None:
            both = LogSource.merged((here, source))
            if both == here:
                self.current.tell("That log is in this pane already.")
            else:
                self.show(both)

        self._ask(take)

    def action_unmerge(self) -> None:
        """Take the part that came last out of this pane."""
        here = self.source
        if here and here.parts:
            self.show(here.without(here.parts[-1]))

    def action_live_tail(self) -> None:
        """Watch the group the other way."""
        if here := self.source:
            self.show(here.watched(live_tail=not here.live_tail))

    def action_pattern(self) -> None:
        """Ask for a filter pattern; nothing takes it off."""
        from tui.screens.one_line import OneLineScreen  # noqa: PLC0415 (imported when first needed)

        here = self.source
        if here is None:
            return

        def take(pattern: str | None) -> None:
            if pattern is not None:
                self.show(replace(here, pattern=pattern))

        asked = 'a filter pattern of CloudWatch: ERROR · ?ERROR ?WARN · { $.level = "error" }'
        self.app.push_screen(OneLineScreen(asked, here.pattern), take)

    async def action_close(self) -> None:
        """Close this pane; the screen's own log stays."""
        key = self.active
        if key == _FIRST:
            self.current.tell("This is the screen's own log: esc leaves it.")
            return
        tree = remove(self.split, key)
        self.split = tree or Leaf(_FIRST)
        self.zoomed = self.zoomed and not isinstance(self.split, Leaf)
        self.active = self.keys[0]
        await self.take_away([key])
        self.sources.pop(key, None)
        self.activate(self.active)
        self.keep()

    def action_step(self, by: int) -> None:
        """To the next or previous pane."""
        self.step(by)

    def action_go(self, across: int, down: int) -> None:
        """To the pane on that side."""
        boxes = plan(self.split, self.size.width, self.size.height).boxes
        if (key := neighbour(boxes, self.active, across, down)) is not None:
            self.activate(key)

    def action_border(self, axis: str, step: int) -> None:
        """Move the nearest border of this pane."""
        self.reshape(grow(self.split, self.active, Axis(axis), step * _STEP))

    def action_even(self) -> None:
        """The same room for all."""
        self.split = even(self.split)
        self.settle()

    def action_swap(self) -> None:
        """Change places with the next pane."""
        keys = self.keys
        other = keys[(keys.index(self.active) + 1) % len(keys)]
        self.split = swap(self.split, self.active, other)
        self.settle()

    def action_zoom(self) -> None:
        """This pane alone, or all again."""
        self.zoomed = not self.zoomed
        self.settle()

    def action_lock(self) -> None:
        """Lock panes by time, or let go."""
        self.locked = not self.locked
        self.settle()
        self.current.tell("Panes are locked by time." if self.locked else "Panes scroll by themselves.")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What takes several panes shows where there are several; what is for groups, on a group."""
        del parameters
        if action in {"zoom", "close", "swap", "step", "go", "border", "lock", "even"}:
            return len(self.keys) > 1
        here = self.source
        if action in {"live_tail", "pattern"}:
            return here is not None and here.kind is SourceKind.GROUP
        if action == "unmerge":
            return here is not None and bool(here.parts)
        return True

    def settle(self) -> None:
        """Show what the tree says, and tell each pane's place where not all are shown."""
        super().settle()
        hidden = self.one_at_a_time
        for number, key in enumerate(self.keys, 1):
            body = self.body(key)
            if body.ready:
                body.pane.set_place(f"{number} of {len(self.keys)}" if hidden else "")
                body.pane.view.tells_scroll = self.locked and len(self.keys) > 1
        self.refresh_bindings()

    # Locked by time

    @on(LogView.Scrolled)
    def _scrolled(self, event: LogView.Scrolled) -> None:
        """Move the other panes to the time of the active one's first line."""
        event.stop()
        pane = self.current.pane
        at_ms = pane.store.time_of(pane.view.top_line)
        if not self.locked or event.view is not pane.view or at_ms is None:
            return
        for key in self.keys:
            body = self.body(key)
            if body is not self.current and body.ready:
                self._move(body.pane, at_ms)

    @staticmethod
    def _move(pane: LogPane, at_ms: int) -> None:
        line = pane.store.line_at(at_ms)
        if line is not None:
            pane.view.following = False
            pane.view.jump_to(y=pane.view.row_of(line))

    def on_unmount(self) -> None:
        """Keep what was looked at."""
        if _FIRST in self.panes and self.first.ready:
            self.keep()
