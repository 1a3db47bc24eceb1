"""Any log by name: groups, then streams, found by a few letters; or a local file by its path.

Names are read a page at a time: the next one when the cursor comes near the end of the list, or when letters fit few of
those that are known.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import ClassVar

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.fuzzy import Matcher
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from core.age import age
from core.errors import PipemedicError
from core.logs import LogGroup
from core.place import Place
from core.text import sanitize
from tui import navigation
from tui.in_browser import in_browser
from tui.logs.catalogue import Catalogue, Entry
from tui.medic import Keys, MedicScreen
from widgets.ink import fit, inked, join

__all__ = ["LogFinderScreen", "local_file"]

_SHOWN = 1_000
_ASK_FROM = 3  # letters from which AWS is asked for names beyond those that were read
_NEAR_END = 5  # rows
_FEW = 10  # names that fit; with fewer, further pages are read as long as letters are typed
_MOST_PAGES = 20  # read for letters; the cursor reads as many as there are


class LogFinderScreen(MedicScreen):
    """Choose a group, then a stream; what is chosen opens in a log screen of its own."""

    CSS_PATH = "log_finder.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="log-finder.back", tooltip="Back to the groups, or to where you were"),
        Binding("down", "list", "List", show=False, id="log-finder.list", tooltip="Into the list"),
        Binding("tab", "list", "List", show=False, id="log-finder.tab", tooltip="Into the list"),
    ]

    head = getters.query_one("#head", Static)
    typed = getters.query_one("#typed", Input)
    names = getters.query_one("#names", OptionList)

    def __init__(self, place: Place, group: str = "") -> None:
        super().__init__()
        self.place = place
        self.group = group
        self.catalogue: Catalogue | None = None
        self.known: dict[str, Entry] = {}
        self.shown: tuple[Entry, ...] = ()
        self.done = False  # whether what was asked last has come
        self._next = ("", "")  # what the last page was asked with, and the token of the one that follows
        self._pages = 0

    def compose(self) -> ComposeResult:
        """What is looked for, where to type, what there is."""
        yield Static(id="head")
        yield Input(placeholder="a few letters of its name, or a path such as ./build.log", id="typed", compact=True)
        yield OptionList(id="names", markup=False, compact=True)
        yield Keys()

    def on_mount(self) -> None:
        """Read the groups, or the streams of the group that was given."""
        self.typed.focus()
        if not (self.medic.desk.is_open and self.place.region):
            self.done = True
            self.head.update(inked("A path such as ./build.log", "bold"))
            return
        self.catalogue = Catalogue(self.medic.desk.cloud.evidence(self.place), self.place.region)
        self.look()

    @work(group="log-finder", exclusive=True, exit_on_error=False, description="look for logs")
    async def look(self, part: str = "", token: str = "") -> None:
        """Ask AWS for a page of names; with `part`, for those that were not among the ones read."""
        if self.catalogue is None:
            return
        self.done = False
        self._tell("reading …")
        try:
            ask = self.catalogue.streams(self.group, part, token) if self.group else self.catalogue.groups(part, token)
            found = await ask
        except PipemedicError as error:
            self.done = True
            self._tell(navigation.told(error), bad=True)
            return
        self.known.update((entry.name, entry) for entry in found.entries)
        self.done = True
        self._pages += 1
        if not part:
            self._next = (part, found.token)
        self._tell(f"{len(self.known):,}{' and more' if self._next[1] else ''}")
        self._show()
        self._read_on()

    def _read_on(self) -> None:
        """Read the next page where the reader needs it."""
        part, token = self._next
        if not (token and self.done):
            return
        at, count = self.names.highlighted, self.names.option_count
        at_end = self.names.has_focus and at is not None and at >= count - _NEAR_END
        typed = self.typed.value.strip()
        too_few = bool(typed) and len(self.shown) < _FEW and self._pages < _MOST_PAGES and local_file(typed) is None
        if at_end or too_few:
            self.look(part, token)

    @on(OptionList.OptionHighlighted, "#names")
    def moved(self) -> None:
        """Read on at the end of the list."""
        self._read_on()

    def _tell(self, text: str, *, bad: bool = False) -> None:
        what = f"Streams of {self.group}" if self.group else "Log groups"
        where = f"{self.place.region} {self.place.profile}".strip()
        style = "$text-error" if bad else "$foreground-muted"
        self.head.update(join(inked(sanitize(f"{what}  "), "bold"), inked(sanitize(f"{where}  {text}"), style)))

    def _show(self) -> None:
        """List what fits what was typed, the best first."""
        typed = self.typed.value.strip()
        entries = list(self.known.values())
        if typed:
            matcher = Matcher(typed)
            scored = [(matcher.match(entry.name), entry) for entry in entries]
            entries = [entry for score, entry in sorted(scored, key=lambda each: -each[0]) if score > 0]
        self.shown = tuple(entries[:_SHOWN])
        options = [self._option(entry) for entry in self.shown]
        at = self.names.highlighted if self.names.has_focus else None
        if self.group and (not typed or "whole group".startswith(typed.lower())):
            said = inked("  every stream, the last 15 minutes and what comes", "$foreground-muted")
            options.insert(0, Option(join(inked("the whole group", "$text-accent"), said), id="group"))
        if (path := local_file(typed)) is not None:
            options.insert(0, Option(join(inked("open file ", "$text-accent"), sanitize(str(path))), id="file"))
        self.names.set_options(options)
        first = 1 if options and options[0].id == "group" and len(options) > 1 else 0  # a stream is what most look for
        kept = at if at is not None and at < len(options) else first
        self.names.highlighted = kept if options else None

    def _option(self, entry: Entry) -> Option:
        width = max(self.size.width - 22, 20)
        detail = ""
        if entry.last_ms is not None:
            detail = f"{age(entry.last_ms / 1000, time.time())} ago"
        elif entry.stored_bytes is not None:
            detail = _size(entry.stored_bytes)
        return Option(join(fit(sanitize(entry.name), width), fit(inked(detail, "$foreground-muted"), 14, "right")))

    @on(Input.Changed, "#typed")
    def typing(self) -> None:
        """Show what fits; ask AWS where nothing that is known does."""
        self._show()
        typed = self.typed.value.strip()
        if not self.shown and len(typed) >= _ASK_FROM and local_file(typed) is None:
            self.look(typed)
        else:
            self._read_on()

    @on(Input.Submitted, "#typed")
    def submitted(self) -> None:
        """Enter takes the first of the list."""
        self.names.action_select()

    @on(OptionList.OptionSelected, "#names")
    def chosen(self, event: OptionList.OptionSelected) -> None:
        """Open a file or a stream, or go on to a group's streams."""
        path = local_file(self.typed.value.strip())
        if event.option_id == "file" and path is not None:
            navigation.open_file_log(self.medic, path)
            return
        if event.option_id == "group":
            navigation.open_group_log(self.medic, self.place, LogGroup(self.group, self.place.region))
            return
        before = sum(self.names.get_option_at_index(n).id is not None for n in range(min(2, self.names.option_count)))
        entry = self.shown[event.option_index - before]
        if not self.group:
            self._enter(entry.name)
        elif self.catalogue is not None:
            navigation.open_stream_log(self.medic, self.place, self.catalogue.location(self.group, entry.name))

    def _enter(self, group: str) -> None:
        self.group, self.known, self.shown = group, {}, ()
        self._next, self._pages = ("", ""), 0
        with self.prevent(Input.Changed):
            self.typed.value = ""
        self.names.clear_options()
        self.typed.focus()
        self.look()

    def action_list(self) -> None:
        """Into the list."""
        self.names.focus()

    def action_back(self) -> None:
        """Back to the groups, or to where we came from."""
        if self.group:
            self._enter("")
        else:
            self.dismiss()


def _size(count: int) -> str:
    """Bytes in a few characters; nothing for an empty group."""
    if count < 100_000:
        return f"{count / 1e3:,.1f} kB" if count else ""
    return f"{count / 1e6:,.1f} MB" if count < 1e9 else f"{count / 1e9:,.1f} GB"


def local_file(typed: str) -> Path | None:
    """The file that was typed, where there is such a file; never for somebody in a browser."""
    if in_browser() or not typed.startswith(("/", "~", ".")):
        return None
    try:
        path = Path(typed).expanduser()
        return path if path.is_file() else None
    except (OSError, RuntimeError, ValueError):
        return None
