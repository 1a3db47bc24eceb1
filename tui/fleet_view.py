"""Which pipelines show, in which order: filter, sort, groups, attention. Pure; keeps what it worked out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.attention import Condition
from core.place import Place
from tui.config import ListConfig
from tui.fleet_book import Entry
from tui.fleet_fields import application_of, fields_of
from tui.fleet_query import Fields, Query, QueryError, parse_query
from tui.rows import Where

__all__ = ["ATTENTION", "SORTS", "FleetView", "Look"]

ATTENTION = frozenset({Condition.FAILED, Condition.STUCK, Condition.WAITING, Condition.OFF})
# Entries whose text is worked out ahead of the first key in the filter, each time the list is shown.
_AHEAD = 250
# So many are looked through for that, then the next ones.
_LOOKED_THROUGH = 1000


@dataclass(frozen=True, slots=True)
class Look:
    """How the list stands: what `tui.config.ListConfig` says, with the view's name and the attention-only switch."""

    columns: tuple[str, ...] = ()
    sort: str = ""
    group: str = ""
    filter: str = ""
    attention: bool = False
    name: str = ""

    @classmethod
    def of(cls, given: ListConfig, *, attention: bool = False, name: str = "") -> Look:
        """The look that the configuration asks for."""
        return cls(given.columns, given.sort, given.group, given.filter, attention, name)

    def sorted_by(self, column: str) -> Look:
        """Sort by a column; by the same one again: the other way round, then by attention again."""
        following = {column: f"-{column}", f"-{column}": ""}
        return replace(self, sort=following.get(self.sort, column))


class FleetView:
    """Arranges entries. `look` may be replaced at any time.

    Attributes:
        said: why the filter's text cannot be read; the last one that could still holds.
        marks: keys of the pipelines that the user marked.
        where: context and account of each place, where known.
        tags: by pipeline's key, where read.
    """

    def __init__(self, look: Look | None = None) -> None:
        self.marks: set[str] = set()
        self.where: Mapping[Place, Where] = {}
        self.tags: Mapping[str, Mapping[str, str]] = {}
        self.said = ""
        self._look = Look()
        self._query = Query()
        self._fields: dict[int, tuple[Entry, Fields]] = {}
        self._fields_for: tuple[object, object] = (None, None)  # tags and places they were worked out with
        self._ahead = 0  # up to which entry text was worked out ahead
        self._order: dict[str, int] = {}
        self._order_of: tuple[str, str] = ("", "")
        self.look = look or Look()

    @property
    def look(self) -> Look:
        """How the list stands."""
        return self._look

    @look.setter
    def look(self, look: Look) -> None:
        self._look = look
        try:
            self._query, self.said = parse_query(look.filter), ""
        except QueryError as error:
            self.said = str(error)

    @property
    def filtered(self) -> bool:
        """Whether pipelines may be hidden."""
        return self._look.attention or bool(self._query.tests)

    @property
    def wants_tags(self) -> bool:
        """Whether filter, group or a column speaks of tags."""
        look = self._look
        grouped = look.group.startswith("tag:") or look.group == "application"
        return self._query.uses_tags or grouped or any(c.startswith("tag:") for c in look.columns)

    def arrange(self, entries: Sequence[Entry], *, resort: bool) -> list[Entry]:
        """Return what shows, in order. `entries` stand in the order of attention.

        Args:
            entries: all pipelines.
            resort: sort anew; otherwise known ones keep their places and new ones come last, so that nothing moves
                while the user does.
        """
        look = self._look
        shown = [entry for entry in entries if entry.assessment.condition in ATTENTION] if look.attention else entries
        self._fields_stand()
        if self._query.tests:
            known, work_out = self._fields, self._fields_of
            for entry in shown:
                if id(entry) not in known:
                    work_out(entry)
            for test in self._query.tests:
                shown = [entry for entry in shown if test(known[id(entry)][1])]
        else:
            self._work_ahead(entries)
        if not look.sort and not look.group:
            self._order = {}
            return list(shown)
        return self._sorted(shown, resort=resort)

    def group_of(self, entry: Entry) -> str:
        """The group an entry stands in; empty where there are no groups."""
        return self._value(entry, self._look.group) if self._look.group else ""

    def _sorted(self, shown: Iterable[Entry], *, resort: bool) -> list[Entry]:
        look = self._look
        if not resort and self._order and self._order_of == (look.sort, look.group):
            last = len(self._order)
            return sorted(shown, key=lambda entry: self._order.get(entry.ref.key, last))
        found = list(shown)
        if look.sort:
            key = SORTS[look.sort.removeprefix("-")]
            known = [(key(entry, self), entry) for entry in found]
            there = [pair for pair in known if pair[0] is not None]
            there.sort(key=lambda pair: pair[0], reverse=look.sort.startswith("-"))
            found = [entry for _, entry in there] + [entry for value, entry in known if value is None]
        if look.group:
            groups: dict[str, list[Entry]] = {}
            for entry in found:
                groups.setdefault(self.group_of(entry), []).append(entry)
            found = [entry for name in sorted(groups, key=lambda each: (not each, each)) for entry in groups[name]]
        self._order = {entry.ref.key: at for at, entry in enumerate(found)}
        self._order_of = (look.sort, look.group)
        return found

    def _value(self, entry: Entry, column: str) -> str:
        if column.startswith("tag:"):
            return self.tags.get(entry.ref.key, {}).get(column[4:], "")
        if column == "application":
            return application_of(self.tags.get(entry.ref.key, {}))
        place = entry.ref.place
        if column == "region":
            return place.region
        if column == "profile":
            return place.profile or "default"
        where = self.where.get(place, Where())
        return where.account if column == "account" else where.context or str(place)

    def _fields_of(self, entry: Entry) -> Fields:
        known = self._fields.get(id(entry))  # the entry is kept beside, so that its id is no other's
        if known is None:
            where, tags = self.where.get(entry.ref.place), self.tags.get(entry.ref.key) if self.tags else None
            known = self._fields[id(entry)] = (entry, fields_of(entry, where, tags))
        return known[1]

    def _fields_stand(self) -> None:
        """Forget what was worked out where places or tags are told anew."""
        if self._fields_for[0] is not self.tags or self._fields_for[1] != self.where:
            self._fields_for = (self.tags, self.where)
            self._fields.clear()

    def _work_ahead(self, entries: Sequence[Entry]) -> None:
        if len(self._fields) > 2 * len(entries) + 100:  # most of them are of pipelines that are gone
            self._fields.clear()
        left, at = _AHEAD, self._ahead if self._ahead < len(entries) else 0
        self._ahead = at + _LOOKED_THROUGH
        for entry in entries[at : self._ahead]:
            if id(entry) not in self._fields:
                self._fields_of(entry)
                left -= 1
                if not left:
                    self._ahead = at  # there is more here
                    return


def _execution_time(entry: Entry, *, started: bool) -> float | None:
    execution = entry.snapshot.execution if entry.snapshot else None
    if execution is None:
        return None
    return execution.started_at if started or execution.status == "InProgress" else execution.updated_at


def _age(entry: Entry, _: FleetView) -> float | None:
    moment = _execution_time(entry, started=False)
    return None if moment is None else -moment  # the youngest first


def _took(entry: Entry, _: FleetView) -> float | None:
    execution = entry.snapshot.execution if entry.snapshot else None
    if execution is None or execution.started_at is None:
        return None
    running = execution.status == "InProgress"
    end = (entry.snapshot.read_at if entry.snapshot else None) if running else execution.updated_at
    return None if end is None else end - execution.started_at


def _ends(entry: Entry, _: FleetView) -> float | None:
    execution = entry.snapshot.execution if entry.snapshot else None
    if execution is None or execution.started_at is None or execution.status != "InProgress":
        return None
    usual_s = entry.snapshot.usual_s if entry.snapshot else None
    return None if usual_s is None else execution.started_at + usual_s


def _read(entry: Entry, _: FleetView) -> float | None:
    return -entry.snapshot.read_at if entry.snapshot else None


def _what(entry: Entry, view: FleetView) -> str:
    return view._fields_of(entry).columns["what"]  # noqa: SLF001 (of this file)


SORTS: Mapping[str, Callable[[Entry, FleetView], Any]] = {
    "status": lambda entry, _: entry.assessment.condition,
    "pipeline": lambda entry, _: entry.ref.name.lower(),
    "stages": lambda entry, _: len(entry.snapshot.state.stages) if entry.snapshot and entry.snapshot.state else None,
    "what": _what,
    "age": _age,
    "took": _took,
    "ends": _ends,
    "stage": lambda entry, _: entry.assessment.focus.stage if entry.assessment.focus else None,
    "read": _read,
    "region": lambda entry, _: entry.ref.place.region,
    "profile": lambda entry, _: entry.ref.place.profile,
    "account": lambda entry, view: view.where.get(entry.ref.place, Where()).account,
    "context": lambda entry, view: view.where.get(entry.ref.place, Where()).context,
}
