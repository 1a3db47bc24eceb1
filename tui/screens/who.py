"""Who am I: account, role, until when, and what of the program this identity may use."""

from __future__ import annotations

from typing import ClassVar

from textual import getters
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from core.age import duration
from core.errors import PipemedicError
from core.features import FEATURES, Ability, abilities
from core.place import Identity, Place
from core.text import sanitize
from tui.medic import Keys, MedicScreen
from widgets.ink import inked, join
from widgets.keyed_table import Column, KeyedTable, Row
from widgets.status import Tone, status_text

__all__ = ["WhoScreen"]

_COLUMNS = (
    Column("may", "MAY", 10),
    Column("feature", "FEATURE", 36),
    Column("missing", "MISSING PERMISSIONS", 20, flexible=True),
)


class WhoScreen(MedicScreen):
    """The identity behind one place. Reads only."""

    DEFAULT_CSS = """
    WhoScreen > Static { height: auto; padding: 1 2; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "app.pop_screen", "Back", id="who.back", tooltip="Back to the list"),
        Binding("r", "ask", "Ask again", id="who.refresh", tooltip="Ask AWS again"),
    ]

    head = getters.query_one("#who", Static)
    table = getters.query_one(KeyedTable)

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place

    def compose(self) -> ComposeResult:
        """Who, what, keys."""
        yield Static(Content(f"{self.place}: asking …"), id="who")
        yield KeyedTable(_COLUMNS)
        yield Keys()

    def on_mount(self) -> None:
        """Ask at once."""
        self.table.focus()
        self.action_ask()

    def action_ask(self) -> None:
        """Ask who we are and what we may."""
        self.run_worker(self._ask(), group="who", description="ask who we are", exclusive=True, exit_on_error=False)

    async def _ask(self) -> None:
        desk = self.medic.desk
        try:
            identity = await desk.identity(self.place)
        except PipemedicError as error:
            self.head.update(Content(sanitize(f"{self.place}: {error} {error.next_step}")))
            return
        until = await desk.cloud.credentials_end(self.place)
        self._show_head(identity, until)
        try:
            wanted = tuple(dict.fromkeys(action for feature in FEATURES for action in feature.actions))
            decisions = await desk.cloud.allowed(self.place, identity, wanted)
        except PipemedicError as error:
            said = f"What it may do cannot be told: {error} {error.next_step}"
            self.table.sync([Row("unknown", (status_text(Tone.UNKNOWN, "unknown"), "", sanitize(said)))])
            return
        self.table.sync([self._row(ability) for ability in abilities(decisions)])

    def _show_head(self, identity: Identity, until: float | None) -> None:
        desk = self.medic.desk
        left = "" if until is None else duration(max(until - desk.clock(), 0.0))
        ends = inked(f"ends in {left}", "$text-warning" if left and until and until - desk.clock() < 900 else "")
        context = desk.contexts.get(self.place)
        lines = (
            join(inked("Account   ", "$foreground-muted"), inked(identity.account, "bold")),
            join(inked("Identity  ", "$foreground-muted"), sanitize(identity.arn)),
            join(inked("Place     ", "$foreground-muted"), str(self.place)),
            join(inked("Session   ", "$foreground-muted"), ends if left else "does not end by itself"),
            join(
                inked("Changes   ", "$foreground-muted"),
                "none: read-only"
                if desk.read_only(self.place)
                else "confirmed by typing the name"
                if context and context.protection == "typed"
                else "each one confirmed",
            ),
        )
        self.head.update(Content("\n").join(lines))

    @staticmethod
    def _row(ability: Ability) -> Row:
        missing = ability.missing
        mark = status_text(Tone.DENIED, "no") if missing else status_text(Tone.OK, "yes")
        return Row(ability.feature.name, (mark, ability.feature.name, ", ".join(missing)))
