"""A query of CloudWatch Logs Insights: how far it is, what it costs, and its rows as lines of a log. Pure.

Shapes follow GetQueryResults (API 2014-03-28). A row is pairs of field and value, in the order of the query's fields.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

__all__ = ["GB", "QueryProgress", "Row", "result_lines", "rows_of", "told_cost"]

Row: TypeAlias = tuple[tuple[str, str], ...]
GB = 1024**3
_ENDED = frozenset({"Complete", "Failed", "Cancelled", "Timeout"})
_LIST_PRICE = 0.005  # US dollars a GB scanned, most regions (CloudWatch pricing page)
_HIDDEN = frozenset({"@ptr"})  # a pointer for GetLogRecord; no text to read
_STREAM = 12  # characters of a stream's name
_WIDEST = 60  # characters of a column that is not the last


@dataclass(frozen=True, slots=True)
class QueryProgress:
    """How a query stands.

    Attributes:
        id: the query's own id.
        status: ``Scheduled``, ``Running``, ``Complete``, ``Failed``, ``Cancelled``, ``Timeout`` or ``Unknown``.
        matched: records that fit so far.
        scanned: records looked at.
        bytes_scanned: what is paid for.
        rows: the result once it has ended, as many as fit the query's limit; empty before.
        took_s: seconds since it was started.
        note: what keeps it from being asked about right now, in words.
    """

    id: str
    status: str = "Scheduled"
    matched: float = 0
    scanned: float = 0
    bytes_scanned: float = 0
    rows: tuple[Row, ...] = ()
    took_s: float = 0.0
    note: str = ""

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return self.status in _ENDED

    @property
    def told(self) -> str:
        """All of it in one line."""
        found = f"{self.matched:,.0f} of {self.scanned:,.0f} records matched"
        return " · ".join(
            filter(None, (self.status.lower(), f"{self.took_s:.0f} s", found, told_cost(self.bytes_scanned), self.note))
        )


def told_cost(bytes_scanned: float) -> str:
    """What a scan costs, in words: ``1.24 GB scanned, about $0.0062 at list price``."""
    gigabytes = bytes_scanned / GB
    cost = gigabytes * _LIST_PRICE
    price = "under $0.0001" if cost < 0.0001 else f"about ${cost:,.4f}"
    return f"{gigabytes:,.4f} GB scanned, {price} at list price"


def rows_of(results: Iterable[Iterable[Mapping[str, Any]]]) -> tuple[Row, ...]:
    """Map the ``results`` of GetQueryResults."""
    return tuple(tuple((str(each.get("field", "")), str(each.get("value", ""))) for each in row) for row in results)


def result_lines(rows: Sequence[Row]) -> tuple[list[str], list[int]]:
    """Return rows as lines of a log with their times (epoch milliseconds; 0 where a row has none).

    Rows with an ``@message`` are that message, after their other fields; all others make a table with a head.
    """
    if not rows:
        return [], []
    if any(name == "@message" for row in rows for name, _ in row):
        pairs = [(_message(row), _time_ms(row)) for row in rows]
        return [text for text, _ in pairs], [at_ms for _, at_ms in pairs]
    lines = _table(rows)
    return lines, [0] * len(lines)


def _message(row: Row) -> str:
    said = "".join(value for name, value in row if name == "@message").rstrip("\n")
    rest = [_named(name, value) for name, value in row if name not in _HIDDEN | {"@message", "@timestamp"} and value]
    return f"{' '.join(rest)} │ {said}" if rest else said


def _named(name: str, value: str) -> str:
    """A field before a message; of a stream's name, which is long, the last part says which it is."""
    return value.rpartition("/")[2][:_STREAM] if name == "@logStream" else f"{name}={value}"


def _time_ms(row: Row) -> int:
    stamp = next((value for name, value in row if name == "@timestamp"), "")
    try:
        return int(datetime.fromisoformat(stamp).replace(tzinfo=UTC).timestamp() * 1000 + 0.5)
    except ValueError:
        return 0


def _table(rows: Sequence[Row]) -> list[str]:
    names = list(dict.fromkeys(name for row in rows for name, _ in row if name not in _HIDDEN))
    cells = [[dict(row).get(name, "").replace("\n", " ") for name in names] for row in rows]
    widths = [min(max(map(len, column)), _WIDEST) for column in zip(names, *cells, strict=True)]
    return [
        "  ".join(f"{text:<{wide}}" for text, wide in zip(line, widths, strict=True)).rstrip()
        for line in [names, *cells]
    ]
