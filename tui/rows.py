"""A pipeline of the fleet as one row of cells. Pure: model in, row out; cells are made when a row is drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from core.age import age, duration
from core.attention import Condition
from core.delivery import delivery
from core.pipeline import Execution
from core.place import Place
from core.text import first_line, sanitize
from tui.fleet_book import Entry
from tui.tones import condition_tone, stage_tones
from widgets.ink import Ink, inked, join
from widgets.keyed_table import Column, Row
from widgets.stage_strip import stage_strip
from widgets.status import status_text

__all__ = ["STALE_S", "FleetRow", "Moment", "Shape", "Where", "fleet_columns", "fleet_row", "fleet_shape"]

# Older answers than this are drawn dim; the slow sweep comes well within it.
STALE_S = 150.0
_NO_TAGS: Mapping[str, str] = MappingProxyType({})
_COLUMNS = {
    column.key: column
    for column in (
        Column("status", "STATUS", 11),
        Column("pipeline", "PIPELINE", 20),
        Column("stages", "STAGES", 8),
        Column("what", "WHAT", 16, flexible=True),
        Column("age", "AGE", 5, "right"),
        Column("took", "TOOK", 8, "right", drop=2),
        Column("ends", "ENDS", 8, "right", drop=4),
        Column("stage", "STAGE", 12, drop=5),
        Column("read", "READ", 5, "right", drop=6),
        Column("region", "REGION", 14, drop=3),
        Column("account", "ACCOUNT", 12, drop=7),
        Column("context", "CONTEXT", 14, drop=1),
        Column("profile", "PROFILE", 12, drop=1),
    )
}
_DEFAULT = ("status", "pipeline", "stages", "what", "age", "took")


@dataclass(frozen=True, slots=True)
class Where:
    """What a row shows of its place: context's name with its colour token, account number."""

    context: str = ""
    color: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True)
class Shape:
    """Which columns stand in which order, and what is known beside the entries.

    Attributes:
        columns: keys of columns; ``tag:KEY`` shows a tag.
        group: what the first column groups by; empty for none.
        sort: the column sorted by, after ``-`` the other way round; empty for attention.
    """

    columns: tuple[str, ...]
    group: str = ""
    sort: str = ""
    where: Mapping[Place, Where] = field(default_factory=dict)
    tags: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def fleet_shape(
    chosen: tuple[str, ...] = (),
    *,
    regions: bool,
    profiles: bool,
    named: bool = False,
    group: str = "",
    sort: str = "",
) -> Shape:
    """The columns chosen, else the usual ones: region and profile only where there is more than one.

    Where contexts are named in the configuration, their names stand in place of profiles.
    """
    last = ("context",) if named else ("profile",)
    columns = chosen or (*_DEFAULT, *(("region",) if regions else ()), *(last if profiles or named else ()))
    return Shape(tuple(dict.fromkeys(each for each in columns if each != group)), group, sort)


def fleet_columns(shape: Shape | None = None, *, regions: bool = False, profiles: bool = False) -> tuple[Column, ...]:
    """The columns of a shape; an arrow marks the one that rows are sorted by."""
    shape = shape or fleet_shape(regions=regions, profiles=profiles)
    keys = (*((shape.group,) if shape.group else ()), *shape.columns)
    flexible = "what" in keys
    columns = []
    for key in keys:
        column = _COLUMNS.get(key) or Column(key, sanitize(key.removeprefix("tag:")).upper(), 14, drop=8)
        if key == shape.group:
            column = replace(column, width=18, align="left", flexible=False, drop=0)
        elif key == "pipeline" and not flexible:
            column = replace(column, flexible=True)
        if key == shape.sort.removeprefix("-"):
            column = replace(column, label=f"{column.label}{'▼' if shape.sort.startswith('-') else '▲'}")
        columns.append(column)
    return tuple(columns)


@dataclass(slots=True)
class Moment:
    """The time that rows count from, epoch seconds; rows not yet drawn take it when they are."""

    now: float
    stale_s: float = STALE_S


@dataclass(slots=True, eq=False)
class FleetRow:
    """One row. Its cells are made when first asked for and stay, so that 5,000 rows cost little.

    Attributes:
        troubled: its place cannot be read just now.
        first: of its group, with how many there are; 0 for the others.
    """

    entry: Entry
    moment: Moment
    shape: Shape
    troubled: bool = False
    marked: bool = False
    first: int = 0
    key: str = ""
    now: float = 0.0
    _cells: tuple[Ink, ...] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        self.key = self.entry.ref.key
        self.now = self.moment.now

    def headed(self, first: int) -> FleetRow:
        """The same row as the first of a group of so many; 0 for one that is not the first."""
        return FleetRow(self.entry, self.moment, self.shape, self.troubled, self.marked, first)

    @property
    def dim(self) -> bool:
        """Whether the answer is old or its place cannot be read just now."""
        snapshot = self.entry.snapshot
        return self.troubled or (snapshot is not None and self.now - snapshot.read_at > self.moment.stale_s)

    @property
    def cells(self) -> tuple[Ink, ...]:
        """One a column."""
        if self._cells is None:
            self.now = self.moment.now
            made: list[Ink] = [self._group()] if self.shape.group else []
            made += [self._cell(key) for key in self.shape.columns]
            self._cells = tuple(made)
        return self._cells

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, FleetRow)
            and self.key == other.key
            and (self.dim, self.marked) == (other.dim, other.marked)
            and self.cells == other.cells
        )

    __hash__ = None  # type: ignore[assignment]

    def _group(self) -> Ink:
        value = self._cell(self.shape.group)
        plain = value if isinstance(value, str) else value.plain
        if self.first:
            return join(value if plain else "–", inked(f" ({self.first})", "bold"))
        return inked(plain or "–", "$foreground-muted")

    def _cell(self, key: str) -> Ink:
        if key.startswith("tag:"):
            return first_line(sanitize(self.shape.tags.get(self.key, _NO_TAGS).get(key[4:], "")))
        return _CELLS[key](self)


def fleet_row(
    entry: Entry, now: float, *, regions: bool = False, profiles: bool = False, troubled: bool = False
) -> Row:
    """One row with the usual columns, made at once."""
    lazy = FleetRow(entry, Moment(now), fleet_shape(regions=regions, profiles=profiles), troubled)
    return Row(lazy.key, lazy.cells, dim=lazy.dim)


def _status(row: FleetRow) -> Ink:
    found = row.entry.assessment
    return status_text(condition_tone(found.condition), found.word)


def _stages(row: FleetRow) -> Ink:
    state = row.entry.snapshot.state if row.entry.snapshot else None
    return stage_strip(stage_tones(state), limit=8) if state else ""


def _execution(row: FleetRow) -> Execution | None:
    return row.entry.snapshot.execution if row.entry.snapshot else None


def _what(row: FleetRow) -> Ink:
    execution, found = _execution(row), row.entry.assessment
    if found.condition is Condition.OFF or execution is None:
        return first_line(sanitize(found.why))
    return delivery(execution)


def _age(row: FleetRow) -> Ink:
    execution = _execution(row)
    if execution is None:
        return ""
    ended = execution.status != "InProgress"
    return age(execution.updated_at if ended else execution.started_at, row.now)


def _took(row: FleetRow) -> Ink:
    """How long it took, or runs, beside the usual where that is known: ``2m/6m``."""
    execution, now = _execution(row), row.now
    if execution is None or execution.started_at is None:
        return ""
    ended = execution.updated_at if execution.status != "InProgress" else now
    took = max((ended or now) - execution.started_at, 0.0)
    usual_s = row.entry.snapshot.usual_s if row.entry.snapshot else None
    if row.entry.assessment.condition is Condition.RUNNING and usual_s:
        return f"{age(now - took, now)}/{age(now - usual_s, now)}"
    return duration(took)


def _ends(row: FleetRow) -> Ink:
    """When what runs should end, by its own usual duration: ``in 3m``, or how far it is over: ``+3m``."""
    execution = _execution(row)
    usual_s = row.entry.snapshot.usual_s if row.entry.snapshot else None
    if execution is None or execution.started_at is None or usual_s is None or execution.status != "InProgress":
        return ""
    left = execution.started_at + usual_s - row.now
    short = age(row.now - abs(left), row.now)
    return f"in {short}" if left >= 0 else inked(f"+{short}", "$text-warning")


def _read(row: FleetRow) -> Ink:
    return age(row.entry.snapshot.read_at, row.now) if row.entry.snapshot else ""


def _context(row: FleetRow) -> Ink:
    place = row.entry.ref.place
    where = row.shape.where.get(place, Where())
    name = sanitize(where.context or str(place))
    return inked(name, f"$text-{where.color}") if where.color else name


_CELLS: Mapping[str, Callable[[FleetRow], Ink]] = {
    "status": _status,
    "pipeline": lambda row: sanitize(row.entry.ref.name),
    "stages": _stages,
    "what": _what,
    "age": _age,
    "took": _took,
    "ends": _ends,
    "stage": lambda row: sanitize(row.entry.assessment.focus.stage) if row.entry.assessment.focus else "",
    "read": _read,
    "region": lambda row: row.entry.ref.place.region,
    "profile": lambda row: row.entry.ref.place.profile or "default",
    "account": lambda row: row.shape.where.get(row.entry.ref.place, Where()).account,
    "context": _context,
}
