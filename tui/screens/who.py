"""Who am I: account, role, until when, and what of the program this identity may use."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from core.age import duration
from core.arn import role_of_session
from core.errors import PipemedicError
from core.features import FEATURES, Ability, abilities
from core.place import Identity, Place
from core.text import sanitize
from tui.medic import Keys, MedicScreen
from widgets.ink import Ink, inked, join
from widgets.keyed_table import Column, KeyedTable, Row
from widgets.status import Tone, status_text

__all__ = ["WhoScreen"]

_COLUMNS = (
    Column("may", "MAY", 10),
    Column("feature", "FEATURE", 38),
    Column("missing", "MISSING PERMISSIONS", 20, flexible=True),
)
# A session that ends sooner than this is worth a colour (s).
_SOON_S = 900.0


class WhoScreen(MedicScreen):
    """The identity behind one place, then behind the next. Reads only."""

    DEFAULT_CSS = """
    WhoScreen > Static { height: auto; padding: 1 2; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "app.pop_screen", "Back", id="who.back", tooltip="Back to where you were"),
        Binding("r", "ask", "Verify again", id="who.refresh", tooltip="Ask AWS again who this is and what it may"),
        Binding("n", "next_place", "Next place", id="who.next", tooltip="The next of the places that are watched"),
        Binding("y", "copy", "Copy statement", id="who.copy", tooltip="The statement that allows what is missing"),
    ]

    head = getters.query_one("#who", Static)
    table = getters.query_one(KeyedTable)

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place
        self._abilities: dict[str, Ability] = {}

    def compose(self) -> ComposeResult:
        """Who, what, keys."""
        yield Static(id="who")
        yield KeyedTable(_COLUMNS)
        yield Keys()

    def on_mount(self) -> None:
        """Ask at once."""
        self.table.focus()
        self.action_ask()

    def action_ask(self) -> None:
        """Ask who we are and what we may; nothing that is remembered counts."""
        self.head.update(Content(sanitize(f"{self.place}: asking …")))
        self.run_worker(self._ask(), group="who", description="ask who we are", exclusive=True, exit_on_error=False)

    def action_next_place(self) -> None:
        """Go on to the next place."""
        places = self.medic.desk.places
        at = places.index(self.place) + 1 if self.place in places else 0
        self.place = places[at % len(places)]
        self.table.sync([])
        self.action_ask()

    @on(KeyedTable.Opened)
    def opened(self) -> None:
        """Copy the statement too: there is nothing else to open."""
        self.action_copy()

    def action_copy(self) -> None:
        """Copy a statement that allows what the feature under the cursor lacks."""
        found = self._abilities.get(self.table.cursor_key or "")
        if found is None:
            return
        actions = [*found.missing, *found.untold] or list(found.feature.actions)
        self.app.copy_to_clipboard(json.dumps({"Effect": "Allow", "Action": actions, "Resource": "*"}, indent=2))
        self.notify(f"Copied a statement that allows {', '.join(actions)}", markup=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The next place shows where there is one."""
        del parameters
        return action != "next_place" or len(self.medic.desk.places) > 1

    async def _ask(self) -> None:
        desk = self.medic.desk
        try:
            identity = await desk.identity(self.place, again=True)
        except PipemedicError as error:
            self.head.update(Content(sanitize(f"{self.place}: {error} {error.next_step}")))
            self.table.sync([])
            return
        until = await desk.cloud.credentials_end(self.place)
        self._show_head(identity, until, "IAM's policy simulator is asked …")
        wanted = tuple(dict.fromkeys(action for feature in FEATURES for action in feature.actions))
        try:
            decisions: Mapping[str, bool] = await desk.cloud.allowed(self.place, identity, wanted)
            source = "IAM's policy simulator, for any resource"
        except PipemedicError as error:
            decisions = desk.cloud.witnessed(self.place)
            source = f"what AWS allowed or denied in this run, because IAM's simulator cannot be asked: {error.args[0]}"
        self._show_head(identity, until, source)
        self._abilities = {each.feature.name: each for each in abilities(decisions)}
        self.table.sync([self._row(ability) for ability in self._abilities.values()])

    def _show_head(self, identity: Identity, until: float | None, source: str) -> None:
        desk = self.medic.desk
        left = None if until is None else max(until - desk.clock(), 0.0)
        ends: Ink = "does not end by itself"
        if left is not None:
            ends = inked(f"ends in {duration(left)}", "$text-warning" if left < _SOON_S else "")
        context = desk.contexts.get(self.place)
        typed = context is not None and context.protection == "typed"
        changes = "confirmed by typing the name" if typed else "each one confirmed"
        if desk.read_only(self.place):
            changes = "none: read-only"
        role = role_of_session(identity.arn)
        lines: list[tuple[str, Ink]] = [
            ("Account", inked(identity.account, "bold")),
            ("Role" if role else "Identity", sanitize(role or identity.arn)),
            *([("Identity", sanitize(identity.arn))] if role else []),
            ("Place", sanitize(f"{context.name} ({self.place})" if context else str(self.place))),
            ("Session", ends),
            ("Changes", changes),
            ("Verified", time.strftime("%H:%M:%S", time.localtime(desk.clock()))),
            ("Told by", sanitize(source)),
        ]
        self.head.update(
            Content("\n").join(join(inked(f"{label:<10}", "$foreground-muted"), value) for label, value in lines)
        )

    def _row(self, ability: Ability) -> Row:
        feature = ability.feature
        if feature.writes and self.medic.desk.read_only(self.place):
            return Row(feature.name, (status_text(Tone.OFF, "off"), feature.name, "read-only here"))
        if ability.missing:
            mark, said = status_text(Tone.DENIED, "no"), ", ".join(ability.missing)
        elif ability.untold:
            mark, said = status_text(Tone.UNKNOWN, "unknown"), f"not tried yet: {', '.join(ability.untold)}"
        else:
            mark, said = status_text(Tone.OK, "yes"), ""
        return Row(feature.name, (mark, feature.name, said))
