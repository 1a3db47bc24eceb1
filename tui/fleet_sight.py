"""How the list will stand at the next start: its first screenful, as plain text. Pure, but for reading the desk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from core.place import Place
from tui.config_schema import COLUMNS
from tui.first_sight import FirstSight
from tui.fleet_memory import recall
from tui.fleet_status import bar_of
from tui.fleet_view import FleetView, Look
from tui.rows import FleetRow, Moment, Shape, Where, fleet_columns, fleet_shape
from widgets.ink import as_content

if TYPE_CHECKING:
    from tui.desk import Desk

__all__ = ["shape_of", "sight_of", "start_look", "where_of"]

# No terminal shows more.
_MOST_ROWS = 80


def start_look(desk: Desk) -> Look:
    """How the list stands at first: as configured, with the columns chosen last."""
    look = Look.of(desk.config.list)
    kept = recall("columns")
    if not look.columns and isinstance(kept, list):
        return replace(look, columns=tuple(each for each in kept if each in COLUMNS or str(each).startswith("tag:")))
    return look


def where_of(desk: Desk) -> dict[Place, Where]:
    """What a row shows of each place."""
    accounts: Mapping[Place, str] = {place: each.account for place, each in desk.identities.items()}
    return {
        place: Where(context.name, context.color, accounts.get(place, "")) for place, context in desk.contexts.items()
    }


def shape_of(desk: Desk, view: FleetView) -> Shape:
    """Which columns stand in the list, with what is known beside the entries."""
    look = view.look
    shape = fleet_shape(
        look.columns,
        regions=len({place.region for place in desk.places}) > 1,
        profiles=len({place.profile for place in desk.places}) > 1,
        named=any(
            context.color or (len(desk.contexts) > 1 and context.name != str(place))
            for place, context in desk.contexts.items()
        ),
        group=look.group,
        sort=look.sort,
    )
    return replace(shape, where=view.where, tags=view.tags)


def sight_of(desk: Desk, now: float) -> FirstSight:
    """The first screenful of the list, as the next start is to show it."""
    view = FleetView(start_look(desk))
    view.where, view.tags = where_of(desk), desk.book.tags
    shape, moment = shape_of(desk, view), Moment(now)
    known = [entry for entry in desk.book.entries(now, resort=False) if entry.snapshot]
    rows = [FleetRow(entry, moment, shape) for entry in view.arrange(known, resort=True)[:_MOST_ROWS]]
    bar = bar_of(desk, now)
    return FirstSight(
        now,
        bar.where,
        tuple((tone.value, number, word) for tone, number, word in bar.counts),
        tuple(
            (each["key"], each["label"], each["width"], each["align"], each["flexible"], each["drop"])
            for each in map(asdict, fleet_columns(shape))
        ),
        tuple((row.key, _cells(row)) for row in rows),
    )


def _cells(row: FleetRow) -> tuple[str | float, ...]:
    keys = (*((row.shape.group,) if row.shape.group else ()), *row.shape.columns)
    return tuple(_cell(row, key, as_content(ink).plain) for key, ink in zip(keys, row.cells, strict=True))


def _cell(row: FleetRow, key: str, text: str) -> str | float:
    """A cell as text; of ages the moment, for they will have grown. When something ends is not known by then."""
    snapshot = row.entry.snapshot
    if key == "read" and snapshot:
        return snapshot.read_at
    execution = snapshot.execution if snapshot else None
    if key == "age" and execution:
        return (execution.started_at if execution.status == "InProgress" else execution.updated_at) or text
    return "" if key == "ends" else text
