"""How the list of pipelines is looked at: filter, sort, groups, columns, views and marks, with their keys."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import ClassVar

from textual import getters, on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from core.errors import PipemedicError
from core.place import PipelineRef
from core.text import sanitize
from tui import navigation
from tui.config import ListConfig, ViewConfig
from tui.config_schema import COLUMNS, GROUPS
from tui.fleet_book import Entry
from tui.fleet_memory import keep, keep_views, saved_views
from tui.fleet_notices import Notices
from tui.fleet_sight import shape_of, start_look, where_of
from tui.fleet_view import SORTS, FleetView, Look
from tui.medic import FilteredScreen
from tui.rows import STALE_S, FleetRow, Moment, Shape, fleet_columns
from widgets.keyed_table import KeyedTable

__all__ = ["ListScreen"]


# Tags are read when filter, group or a column first asks for them, and again after this time (s).
_TAGS_EVERY_S = 900.0
# So many tags are offered as groups and columns; others are named in the configuration.
_MOST_TAGS = 12


class ListScreen(FilteredScreen):
    """The part of the fleet's screen that arranges rows; what stands around the table is the screen's own."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("exclamation_mark", "only_trouble", "Only trouble", key_display="!", id="pipelines.trouble"),
        # First of all bindings: what is typed right after it belongs into the filter, not to the list's own keys.
        Binding(
            "slash",
            "filter",
            "Filter",
            key_display="/",
            priority=True,
            id="pipelines.filter",
            tooltip="Show what matches a text",
        ),
        Binding("s", "sort", "Sort", id="pipelines.sort", tooltip="Sort by the next column"),
        Binding("S", "reverse", "Reverse", show=False, id="pipelines.reverse", tooltip="The other way round"),
        Binding("b", "group", "Group", show=False, id="pipelines.group", tooltip="Group by place or tag"),
        Binding("space", "mark", "Mark", show=False, id="pipelines.mark", tooltip="Mark, and go on"),
        Binding("c", "columns", "Columns", show=False, id="pipelines.columns", tooltip="Choose the columns"),
        Binding("V", "views", "Views", show=False, id="pipelines.views", tooltip="Saved views: show, save, drop"),
        Binding("1", "view('1')", "Views", show=False, id="pipelines.view-1", tooltip="Saved views, 1 to 9"),
        *(
            Binding(key, f"view('{key}')", f"View {key}", show=False, system=True, id=f"pipelines.view-{key}")
            for key in "23456789"
        ),
        Binding("0", "view('0')", "First view", show=False, id="pipelines.view-0", tooltip="The list as it began"),
        Binding("C", "contexts", "Contexts", show=False, id="pipelines.contexts", tooltip="Choose what is watched"),
        Binding("W", "pulse", "Pulse", show=False, id="pipelines.pulse", tooltip="The fleet in figures, for the wall"),
        Binding("L", "logs", "Find log", show=False, id="pipelines.logs", tooltip="Any log of the place, by its name"),
        Binding("i", "who", "Who am I", show=False, id="pipelines.who", tooltip="Account, role, permissions"),
        Binding("escape", "clear_filter", "Clear filter", show=False, id="pipelines.clear"),
    ]

    table = getters.query_one("#fleet", KeyedTable)
    standing = getters.query_one("#standing", Static)

    def __init__(self) -> None:
        super().__init__()
        self.view = FleetView()
        self._moment = Moment(0.0)
        self._made: dict[int, FleetRow] = {}  # by the entry's id; a row keeps its entry
        self._made_for: object = None
        self._tags_at = float("-inf")
        self._resort = False
        self._said = ""
        self._notices_want_tags = False

    def begin(self) -> None:
        """Take up the look of the configuration, with the columns chosen last."""
        self.view.look = start_look(self.medic.desk)
        self._notices_want_tags = Notices(self.medic.desk.config.notices).uses_tags
        self._show_filter()

    @property
    def is_seen(self) -> bool:
        """Whether the list is on the screen: on top, or behind a small dialog.

        Textual's `is_current` also holds for a screen that another one covers whole.
        """
        return self.is_active or (self.is_current and isinstance(self.app.screen, ModalScreen))

    def show_fleet(self) -> None:
        """Bring everything up to what the book says."""
        raise NotImplementedError

    def arranged(self, entries: tuple[Entry, ...], now: float, *, resort: bool) -> list[FleetRow]:
        """Arrange entries into rows; the table's columns follow what there is to tell apart."""
        desk, view = self.medic.desk, self.view
        view.where = where_of(desk)
        view.tags = desk.book.tags
        if (view.wants_tags or self._notices_want_tags) and desk.is_open and now - self._tags_at > _TAGS_EVERY_S:
            self._tags_at = now
            self.run_worker(self._read_tags(), group="tags", description="read tags", exit_on_error=False)
        found = view.arrange(entries, resort=resort or self._resort)
        self._resort = False
        return self._rows(found, self._shaped(), now)

    async def _read_tags(self) -> None:
        """Read the tags of all places; a place that does not give them is named, and asked again later."""
        desk = self.medic.desk
        for place in desk.places:
            try:
                named = await desk.cloud.tags(place)
            except PipemedicError as error:
                words = sanitize(f"{place}: {error} {error.next_step}")
                self.notify(words, title="Tags", severity="warning", markup=False)
                continue
            desk.book.tags = desk.book.tags | {PipelineRef(place, name).key: held for name, held in named.items()}
        self.show_fleet()

    def _rows(self, found: list[Entry], shape: Shape, now: float) -> list[FleetRow]:
        """Make rows of entries; one that stands as it stood is the same object, unless it is on the screen."""
        troubles, marks = frozenset(self.medic.desk.book.troubles), frozenset(self.view.marks)
        self._moment.now = now
        # A large fleet is read more rarely, so as to be gentle to AWS's limits; what is in time is not old.
        self._moment.stale_s = max(STALE_S, 1.3 * (fleet.sweep_s if (fleet := self.medic.desk.fleet) else 0.0))
        if self._made_for != (shape, troubles, marks):
            self._made_for = (shape, troubles, marks)
            self._made.clear()
        for row in self.table.rows_on_screen:  # their ages are to go on
            if isinstance(row, FleetRow):
                self._made.pop(id(row.entry), None)
        if len(self._made) > 2 * len(self.medic.desk.book) + 100:  # most of them are of pipelines that are gone
            self._made.clear()
        made, moment = self._made, self._moment

        def make(entry: Entry) -> FleetRow:
            row = FleetRow(entry, moment, shape, entry.ref.place in troubles, entry.ref.key in marks)
            made[id(entry)] = row
            return row

        rows = [made.get(id(entry)) or make(entry) for entry in found]
        return self._headed(rows) if self.view.look.group else rows

    def _headed(self, rows: list[FleetRow]) -> list[FleetRow]:
        """Have the first row of each group say how many there are; the others say nothing of it."""
        groups = [self.view.group_of(row.entry) for row in rows]
        counts, seen = Counter(groups), set[str]()
        for at, (row, group) in enumerate(zip(rows, groups, strict=True)):
            first = 0 if group in seen else counts[group]
            seen.add(group)
            if row.first != first:
                rows[at] = self._made[id(row.entry)] = row.headed(first)
        return rows

    def _shaped(self) -> Shape:
        shape = shape_of(self.medic.desk, self.view)
        columns = fleet_columns(shape)
        if columns != self.table.columns:
            self.table.set_columns(columns)
        return shape

    def focus_fleet(self) -> None:
        """Tell the watch what is on the screen: it is read first and more often."""
        if fleet := self.medic.desk.fleet:
            fleet.focus(row.entry.ref for row in self.table.rows_on_screen if isinstance(row, FleetRow))

    def look(self, look: Look) -> None:
        """Look at the list another way; rows are sorted anew."""
        self.view.look = look
        self._resort = True
        self.show_fleet()

    @property
    def marked(self) -> tuple[Entry, ...]:
        """The pipelines that the user marked, those that are still there."""
        desk = self.medic.desk
        found = (desk.book.entry(key, desk.clock()) for key in sorted(self.view.marks))
        return tuple(entry for entry in found if entry)

    # Filter

    def _show_filter(self) -> None:
        look = self.view.look
        self.search.set_class(bool(look.filter), "-open")
        with self.prevent(Input.Changed):
            self.search.value = look.filter

    @on(Input.Changed, "#filter")
    def filter_changed(self, event: Input.Changed) -> None:
        """Filter as the user types; what cannot be read is said, and the last filter that could holds."""
        self.view.look = replace(self.view.look, filter=event.value)
        self.search.set_class(bool(self.view.said), "-mistaken")
        self.show_fleet()

    @on(Input.Submitted, "#filter")
    def filter_done(self) -> None:
        """Go on in the list; the filter stays."""
        if self.view.said:
            self.notify(sanitize(self.view.said), title="Filter", severity="warning", markup=False)
        self.table.focus()

    def action_clear_filter(self) -> None:
        """Drop the filter and the trouble-only view; where neither was, the marks."""
        if not self.view.filtered and not self.search.value:
            self.view.marks.clear()
        self.look(replace(self.view.look, filter="", attention=False))
        self._show_filter()
        self.search.remove_class("-open", "-mistaken")
        self.table.focus()

    def action_only_trouble(self) -> None:
        """Show only what needs attention, or all again."""
        self.look(replace(self.view.look, attention=not self.view.look.attention))

    # Sort, groups, columns, views

    @on(KeyedTable.HeaderSelected, "#fleet")
    def header_chosen(self, event: KeyedTable.HeaderSelected) -> None:
        """Sort by the column; again: the other way round, then by attention again."""
        if event.column in SORTS:
            self.look(self.view.look.sorted_by(event.column))

    def action_sort(self) -> None:
        """Sort by the next column that stands in the list; after the last one by attention."""
        keys = [column.key for column in self.table.columns if column.key in SORTS]
        present = self.view.look.sort.removeprefix("-")
        at = keys.index(present) + 1 if present in keys else 0
        self.look(replace(self.view.look, sort=keys[at] if at < len(keys) else ""))

    def action_reverse(self) -> None:
        """Sort the other way round."""
        sort = self.view.look.sort or "status"
        self.look(replace(self.view.look, sort=sort.removeprefix("-") if sort.startswith("-") else f"-{sort}"))

    def action_group(self) -> None:
        """Group by the next thing; after the last one by nothing. Tags that were read come after the places."""
        tags = sorted({f"tag:{key}" for each in self.medic.desk.book.tags.values() for key in each})
        groups = [*GROUPS, *tags[:_MOST_TAGS]]
        at = groups.index(self.view.look.group) + 1 if self.view.look.group in groups else 0
        self.look(replace(self.view.look, group=groups[at] if at < len(groups) else ""))

    def action_columns(self) -> None:
        """Choose and order the columns; the choice is remembered."""
        from tui.screens.columns import ColumnsScreen  # noqa: PLC0415 (imported when first opened)

        def take(chosen: tuple[str, ...] | None) -> None:
            if chosen is not None:
                keep("columns", list(chosen))
                self.look(replace(self.view.look, columns=chosen))

        tags = sorted({f"tag:{key}" for each in self.medic.desk.book.tags.values() for key in each})
        self.medic.push_screen(ColumnsScreen(self._shaped().columns, (*COLUMNS, *tags[:_MOST_TAGS])), take)

    def action_view(self, key: str) -> None:
        """Show a saved view; 0 is the list as it began."""
        config = self.medic.desk.config
        found = self._views().get(key)
        if found:
            self.look(Look.of(found.look, attention=found.attention, name=found.name))
        elif key == "0":
            self.look(Look.of(config.list))
        else:
            self.notify(f"There is no view {key}. V saves the list as it stands under a key.", markup=False)
            return
        self._show_filter()

    def _views(self) -> dict[str, ViewConfig]:
        """The saved views by key; those of the configuration stand before those saved in the program."""
        return saved_views() | {view.key: view for view in self.medic.desk.config.views}

    def action_views(self) -> None:
        """Show the saved views, and save the list as it stands under a key."""
        from tui.screens.views import Chosen, ViewsScreen  # noqa: PLC0415 (imported when first opened)

        look = self.view.look
        now = ListConfig(look.columns, look.sort, look.group, look.filter)
        fixed = frozenset(view.key for view in self.medic.desk.config.views)

        def take(chosen: Chosen | None) -> None:
            if chosen is None:
                return
            kept = saved_views()
            if chosen.drop:
                kept.pop(chosen.key, None)
            elif chosen.name:
                kept[chosen.key] = ViewConfig(chosen.key, chosen.name, now, attention=look.attention)
            else:
                self.action_view(chosen.key)
                return
            keep_views(kept.values())
            if chosen.name:
                self.look(replace(look, name=chosen.name))
                self.notify(sanitize(f"{chosen.key} shows {chosen.name} from now on."), markup=False)

        words = now.words(attention=look.attention) or "as it begins"
        self.medic.push_screen(ViewsScreen(self._views(), fixed, sanitize(words)), take)

    def show_standing(self, shown: int) -> None:
        """Say in a line how the list stands, where it does not stand as it begins: nothing is hidden unsaid."""
        look, begun = self.view.look, Look.of(self.medic.desk.config.list)
        total, marked = len(self.medic.desk.book), len(self.marked)
        differs = replace(look, filter="", columns=()) != replace(begun, filter="", columns=())
        how = ListConfig(sort=look.sort, group=look.group).words(attention=look.attention) if differs else ""
        words = (
            look.name,
            how,
            f"{shown} of {total} show" if shown != total else "",
            f"{marked} marked" if marked else "",
            "0 as at first" if differs else "esc unmarks" if marked else "",
        )
        said = " · ".join(filter(None, words))
        if said != self._said:
            self._said = said
            self.standing.set_class(bool(said), "-said")
            self.standing.update(Content(sanitize(said)))

    def action_contexts(self) -> None:
        """Choose the profiles and regions that are watched."""
        from tui.screens.contexts import ContextsScreen  # noqa: PLC0415 (imported when first opened)

        if self.medic.desk.is_open:
            self.medic.push_screen(ContextsScreen())

    def action_who(self) -> None:
        """Show who we are in the place of the pipeline under the cursor, or in the first one."""
        desk = self.medic.desk
        entry = desk.book.entry(self.table.cursor_key or "", desk.clock())
        if desk.is_open and (entry or desk.places):
            navigation.open_who(self.medic, entry.ref.place if entry else desk.places[0])

    def action_pulse(self) -> None:
        """Show the fleet in figures."""
        navigation.open_pulse(self.medic)

    def action_logs(self) -> None:
        """Look for any log in the place of the pipeline under the cursor, or in the first one."""
        desk = self.medic.desk
        entry = desk.book.entry(self.table.cursor_key or "", desk.clock())
        if desk.is_open and (entry or desk.places):
            navigation.open_log_finder(self.medic, entry.ref.place if entry else desk.places[0])

    def action_mark(self) -> None:
        """Mark the pipeline under the cursor, or take the mark off, and go on to the next."""
        if key := self.table.cursor_key:
            self.view.marks ^= {key}
            self.show_fleet()
            self.table.action_move(1)
