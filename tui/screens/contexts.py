"""Which places are watched: profiles and regions, chosen with space, each with how it stands. Remembered."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input, Static

from core.errors import CodeWanted, CredentialsExpired, CredentialsMissing, Denied, PipemedicError, Throttled
from core.place import Place
from core.text import sanitize
from tui import navigation
from tui.config_places import Context, all_contexts, known_context
from tui.desk import Desk
from tui.fleet_memory import keep_places
from tui.medic import FilteredScreen, Keys
from widgets.ink import Ink, inked, join
from widgets.keyed_table import Column, KeyedTable, Row
from widgets.status import Tone, status_text

if TYPE_CHECKING:
    from aws.budget import PlaceCalls

__all__ = ["ContextsScreen", "state_of"]

# A place counts as throttled for this long after AWS refused a call as too fast (s).
_THROTTLED_S = 30.0
_COLUMNS = (
    Column("on", "", 3),
    Column("name", "CONTEXT", 22),
    Column("state", "STATE", 14),
    Column("account", "ACCOUNT", 12, drop=2),
    Column("pace", "CALLS", 21, drop=3),
    Column("protection", "CHANGES", 10, drop=1),
    Column("place", "PROFILE/REGION", 16, flexible=True),
)


def state_of(error: PipemedicError | None, *, asked: bool, listed: bool) -> tuple[Tone, str]:
    """How a place stands, as a tone and a word."""
    if error is None:
        return (Tone.OK, "connected") if listed else (Tone.RUNNING, "connecting") if asked else (Tone.IDLE, "not asked")
    known: tuple[tuple[type[PipemedicError], Tone, str], ...] = (
        (CredentialsExpired, Tone.WARNING, "expired"),
        (CodeWanted, Tone.WARNING, "needs code"),
        (CredentialsMissing, Tone.WARNING, "no login"),
        (Denied, Tone.DENIED, "denied"),
        (Throttled, Tone.WARNING, "throttled"),
    )
    return next(((tone, word) for kind, tone, word in known if isinstance(error, kind)), (Tone.FAILED, "unreachable"))


class ContextsScreen(FilteredScreen):
    """All places there are to choose from."""

    DEFAULT_CSS = """
    ContextsScreen > Static { height: 1; padding: 0 1; background: $panel; }
    ContextsScreen > Input { display: none; height: 1; padding: 0 1; background: $surface; }
    ContextsScreen > Input.-open { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "switch", "Choose", id="contexts.choose", tooltip="Watch the place, or not"),
        Binding("enter", "take", "Take", id="contexts.take", priority=True, tooltip="Watch what was chosen"),
        Binding("A", "all", "All", id="contexts.all", tooltip="Choose all that show"),
        Binding("N", "none", "None", id="contexts.none", tooltip="Choose none that show"),
        Binding(
            "slash",
            "filter",
            "Filter",
            key_display="/",
            priority=True,
            id="contexts.filter",
            tooltip="Show what matches",
        ),
        Binding(
            "plus", "regions", "More regions", key_display="+", id="contexts.regions", tooltip="All that there are"
        ),
        Binding("i", "who", "Who am I", id="contexts.who", tooltip="Account, role, permissions there"),
        Binding("escape", "leave", "Back", id="contexts.back", tooltip="Leave all as it was"),
    ]

    table = getters.query_one(KeyedTable)

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[str, Context] = {}
        self._on: set[str] = set()
        self._all_regions = False

    def compose(self) -> ComposeResult:
        """Filter, list, keys."""
        yield Static(id="chosen")
        yield Input(placeholder="filter", compact=True, id="filter")
        yield KeyedTable(_COLUMNS)
        yield Keys()

    def on_mount(self) -> None:
        """Show those in use at once, the others when the files were read."""
        self._take_in(tuple(self.medic.desk.contexts.values()))
        self._on = set(self._known)
        self._show()
        self.set_interval(1.0, self._show)
        self.table.focus()
        self.run_worker(self._read(), group="contexts", description="read the profiles", exit_on_error=False)

    async def _read(self) -> None:
        desk = self.medic.desk
        found = await asyncio.to_thread(_all, desk, everywhere=self._all_regions)
        places = {each.place for each in found}
        chosen = [each for key, each in self._known.items() if key in self._on and each.place not in places]
        self._take_in((*found, *chosen))
        self._show()

    def _take_in(self, contexts: tuple[Context, ...]) -> None:
        self._known = {f"{each.place.profile}|{each.place.region}": each for each in contexts}

    def _shown(self) -> list[str]:
        words = self.search.value.lower().split()
        return [
            key
            for key, each in self._known.items()
            if all(word in f"{each.name} {each.place} {each.protection}".lower() for word in words)
        ]

    def _show(self) -> None:
        chosen = sum(key in self._on for key in self._known)
        words = f"  {chosen} of {len(self._known)} chosen: space chooses, enter watches them"
        self.query_one("#chosen", Static).update(join(inked("Contexts", "bold"), inked(words, "$foreground-muted")))
        self.table.sync([self._row(key, self._known[key]) for key in self._shown()])

    def _row(self, key: str, context: Context) -> Row:
        desk, place = self.medic.desk, context.place
        trouble = desk.book.troubles.get(place)
        tone, word = state_of(
            trouble.error if trouble else None, asked=place in desk.contexts, listed=place in desk.book.listed
        )
        calls = desk.cloud.calls_of(place)
        if trouble is None and calls.throttled_s is not None and calls.throttled_s < _THROTTLED_S:
            tone, word = Tone.WARNING, "throttled"
        identity = desk.identities.get(place)
        name: Ink = sanitize(context.name)
        if context.color:
            name = inked(sanitize(context.name), f"bold $text-{context.color}")
        return Row(
            key,
            (
                inked("[✓]", "$text-success") if key in self._on else "[ ]",
                name,
                status_text(tone, word),
                identity.account if identity else "",
                _pace(calls),
                "" if context.protection == "none" else context.protection,
                sanitize(str(place)),
            ),
        )

    @on(Input.Changed)
    def filter_changed(self) -> None:
        """Filter as the user types."""
        self._show()

    def action_who(self) -> None:
        """Show who we are in the place under the cursor, whether it is watched or not."""
        if found := self._known.get(self.table.cursor_key or ""):
            navigation.open_who(self.medic, found.place)

    def action_switch(self) -> None:
        """Choose the place under the cursor, or not."""
        if key := self.table.cursor_key:
            self._on ^= {key}
            self._show()

    def action_regions(self) -> None:
        """List every profile with every region of CodePipeline, or only those in use again."""
        self._all_regions = not self._all_regions
        self.run_worker(
            self._read(), group="contexts", description="read the profiles", exclusive=True, exit_on_error=False
        )

    def action_all(self) -> None:
        """Choose all that show."""
        self._on |= set(self._shown())
        self._show()

    def action_none(self) -> None:
        """Choose none that show."""
        self._on -= set(self._shown())
        self._show()

    def action_take(self) -> None:
        """Watch what was chosen, and remember it; from the filter: back to the list."""
        if self.search.has_focus:
            self.table.focus()
            return
        chosen = [self._known[key] for key in self._known if key in self._on]
        if not chosen:
            self.notify("Choose at least one.", severity="warning", markup=False)
            return
        if {each.place for each in chosen} != set(self.medic.desk.contexts):
            keep_places(each.place for each in chosen)
            self.medic.desk.look_at(chosen)
            self.medic.start()
        self.dismiss()

    def action_leave(self) -> None:
        """Close the filter, or leave all as it was."""
        if self.search.has_class("-open"):
            self.search.value = ""
            self.search.remove_class("-open")
            self.table.focus()
        else:
            self.dismiss()


def _pace(calls: PlaceCalls) -> str:
    """How fast the place may be asked, as far as it is known, and how many calls wait for that."""
    rate = f"{'learnt: ' if calls.learnt else ''}up to {calls.rate:.3g}/s" if calls.rate else ""
    return " · ".join(filter(None, (rate, f"{calls.waiting} wait" if calls.waiting else "")))


def _all(desk: Desk, *, everywhere: bool) -> tuple[Context, ...]:
    from aws.profiles import available_profiles, available_regions  # noqa: PLC0415 (imported by the desk in a thread)

    try:
        profiles = available_profiles()
    except PipemedicError:
        profiles = ()
    regions = dict.fromkeys(place.region for place in desk.contexts)
    if everywhere:
        profiles = tuple(dict.fromkeys((*(place.profile for place in desk.contexts), *profiles)))
        regions |= dict.fromkeys(available_regions(next(iter(desk.contexts)).profile))
    found = all_contexts(desk.config, profiles, desk.contexts.values())
    places = {each.place for each in found}
    more = [Place(profile, region) for profile in profiles for region in regions]
    return (*found, *(known_context(place, desk.config) for place in more if place not in places))
