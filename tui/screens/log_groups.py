"""Several log groups of a place, found by a few letters and marked with space."""

from __future__ import annotations

from typing import ClassVar

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.fuzzy import Matcher
from textual.screen import Screen
from textual.widgets import Input, SelectionList, Static
from textual.widgets.selection_list import Selection

from core.errors import PipemedicError
from core.place import Place
from core.text import sanitize
from tui import navigation
from tui.logs.catalogue import Catalogue
from tui.medic import Keys, MedicWidget
from widgets.ink import inked, join

__all__ = ["LogGroupsScreen"]

_SHOWN = 300
_ASK_FROM = 3  # letters from which AWS is asked for names beyond those that were read


class LogGroupsScreen(MedicWidget, Screen[tuple[str, ...] | None]):
    """Gives back the names of the groups that were marked; None where the user went back."""

    CSS_PATH = "log_groups.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="log-groups.back", tooltip="Back; the groups stay as they were"),
        Binding("f5,ctrl+s", "done", "Take", key_display="f5", id="log-groups.done", tooltip="Take the marked groups"),
        Binding("down", "list", "List", show=False, id="log-groups.list", tooltip="Into the list"),
    ]

    head = getters.query_one("#head", Static)
    typed = getters.query_one("#typed", Input)
    names: getters.query_one[SelectionList[str]] = getters.query_one("#names", SelectionList)

    def __init__(self, place: Place, chosen: tuple[str, ...] = (), most: int = 50) -> None:
        super().__init__()
        self.place = place
        self.marked = dict.fromkeys(chosen)
        self.known = dict.fromkeys(chosen)
        self.most = most
        self._catalogue: Catalogue | None = None

    def compose(self) -> ComposeResult:
        """What is looked for, where to type, what there is."""
        yield Static(id="head")
        yield Input(placeholder="a few letters of its name; enter marks the first", id="typed", compact=True)
        yield SelectionList[str](id="names", compact=True)
        yield Keys()

    def on_mount(self) -> None:
        """Read the groups."""
        self._catalogue = Catalogue(self.medic.desk.cloud.evidence(self.place), self.place.region)
        self.typed.focus()
        self._show()
        self.look()

    @work(group="log-groups", exclusive=True, exit_on_error=False, description="look for log groups")
    async def look(self, part: str = "") -> None:
        """Ask AWS for names; with `part`, for those that were not among the first."""
        if self._catalogue is None:
            return
        self._tell("reading …")
        try:
            found = await self._catalogue.groups(part)
        except PipemedicError as error:
            self._tell(navigation.told(error), bad=True)
            return
        self.known |= dict.fromkeys(entry.name for entry in found.entries)
        self._tell(f"{len(self.known):,}{' and more: type to find them' if found.token else ''}")
        self._show()

    def _tell(self, text: str, *, bad: bool = False) -> None:
        style = "$text-error" if bad else "$foreground-muted"
        marked = f"{len(self.marked)} marked, {self.most} at most  "
        self.head.update(join(inked("Log groups  ", "bold"), marked, inked(sanitize(text), style)))

    def _show(self) -> None:
        """Those that fit what was typed, the best first; without letters, the marked ones first."""
        typed = self.typed.value.strip()
        names = [*self.marked, *(name for name in self.known if name not in self.marked)]
        if typed:
            matcher = Matcher(typed)
            scored = [(matcher.match(name), name) for name in names]
            names = [name for score, name in sorted(scored, key=lambda each: -each[0]) if score > 0]
        with self.prevent(SelectionList.SelectedChanged):
            self.names.clear_options()
            self.names.add_options(
                Selection(inked(sanitize(name), ""), name, name in self.marked) for name in names[:_SHOWN]
            )
        self.names.highlighted = 0 if names else None

    @on(Input.Changed, "#typed")
    def typing(self) -> None:
        """Show what fits; ask AWS where nothing that is known does."""
        self._show()
        typed = self.typed.value.strip()
        if not self.names.option_count and len(typed) >= _ASK_FROM:
            self.look(typed)

    @on(Input.Submitted, "#typed")
    def submitted(self, event: Input.Submitted) -> None:
        """Enter marks the first, or takes what is marked where nothing is typed."""
        event.stop()
        if not self.typed.value.strip():
            self.action_done()
        elif self.names.option_count:
            self.names.toggle(self.names.get_option_at_index(0).value)
            self.typed.value = ""

    @on(SelectionList.SelectionToggled, "#names")
    def toggled(self, event: SelectionList.SelectionToggled[str]) -> None:
        """Mark a group, or take its mark off."""
        name = event.selection.value
        if name in self.marked:
            del self.marked[name]
        elif len(self.marked) < self.most:
            self.marked[name] = None
        else:
            self.notify(f"{self.most} groups at most.", severity="warning", markup=False)
            self.names.deselect(name)
        self._tell("")

    def action_list(self) -> None:
        """Into the list."""
        self.names.focus()

    def action_done(self) -> None:
        """Give the marked groups back."""
        self.dismiss(tuple(self.marked))

    def action_back(self) -> None:
        """Leave all as it was."""
        self.dismiss(None)
