"""Runs a query's commands over records, in the order in which they stand."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from demo.insights.grammar import Command, Expression
from demo.insights.values import Record, number, value_of

__all__ = ["Outcome", "run"]

_SHOWN_BY_ITSELF = ("@timestamp", "@message")


class Outcome:
    """What a query brought.

    Attributes:
        rows: the result, fields in order.
        matched: how many records passed all filters.
        aggregated: whether rows are statistics, which have no pointer to a record.
    """

    def __init__(self, rows: list[dict[str, str]], matched: int, *, aggregated: bool) -> None:
        self.rows = rows
        self.matched = matched
        self.aggregated = aggregated


def run(commands: Sequence[Command], records: Iterable[Record], limit: int) -> Outcome:
    """Run a query; at most `limit` rows unless it says itself how many."""
    left = list(records)
    shown: list[str] = []
    matched = len(left)
    aggregated = sorted_ = False
    most = limit
    for command in commands:
        if command.name in {"fields", "display"}:
            shown = _with_columns(left, command) if command.name == "display" else shown + _with_columns(left, command)
        elif command.name == "filter":
            left = [each for each in left if value_of(command.where or (), each)]
            matched = matched if aggregated else len(left)
        elif command.name == "parse":
            shown += _parsed(left, command)
        elif command.name == "dedup":
            left = _once_each(left, command)
        elif command.name == "sort":
            left, sorted_ = _sorted(left, command), True
        elif command.name == "limit":
            most = command.limit or 0
        else:
            left, aggregated = _stats(left, command), True
            shown = [name for _, name in (*command.by, *command.columns)]
    if not sorted_ and not aggregated:
        left.sort(key=lambda each: -each["@at"])
    names = list(dict.fromkeys(shown)) or list(_SHOWN_BY_ITSELF)
    rows = [_row(each, names, pointer=not aggregated) for each in left[:most]]
    return Outcome(rows, matched, aggregated=aggregated)


def _with_columns(records: list[Record], command: Command) -> list[str]:
    for record in records:
        for expression, name in command.columns:
            if expression != ("field", name):
                record[name] = value_of(expression, record)
    return [name for _, name in command.columns]


def _parsed(records: list[Record], command: Command) -> list[str]:
    kind, pattern = command.pattern or ("value", "")
    names = [name for _, name in command.columns if name]
    if kind == "regex":
        compiled = re.compile(re.sub(r"\(\?<([A-Za-z]\w*)>", r"(?P<\1>", pattern))
    else:
        compiled = re.compile("(.*?)".join(re.escape(part) for part in pattern.split("*")) + "$", re.DOTALL)
    for record in records:
        found = compiled.search(str(value_of(command.columns[0][0], record) or ""))
        if found and kind == "regex" and found.groupdict():
            record |= {name: value for name, value in found.groupdict().items() if value is not None}
        elif found:
            record |= dict(zip(names, found.groups(), strict=False))
    return names or list(compiled.groupindex)


def _once_each(records: list[Record], command: Command) -> list[Record]:
    kept: dict[tuple[str, ...], Record] = {}
    for record in sorted(records, key=lambda each: -each["@at"]):
        kept.setdefault(tuple(str(value_of(each, record)) for each, _ in command.columns), record)
    return list(kept.values())


def _sorted(records: list[Record], command: Command) -> list[Record]:
    found = list(records)
    for (expression, name), down in reversed(list(zip(command.columns, command.descending, strict=True))):

        def order(record: Record, of: Expression = expression, name: str = name) -> tuple[int, float, str]:
            return _order(record[name] if name in record else value_of(of, record))

        found.sort(key=order, reverse=down)
    return found


def _order(value: Any) -> tuple[int, float, str]:
    """Numbers before texts; what is missing comes last when the largest come first."""
    if value is None:
        return (0, 0.0, "")
    as_number = number(value)
    return (2, 0.0, str(value)) if as_number is None else (1, as_number, "")


def _stats(records: list[Record], command: Command) -> list[Record]:
    groups: dict[tuple[Any, ...], list[Record]] = {}
    for record in records:
        key = tuple(value_of(expression, record) for expression, _ in command.by)
        if None not in key:
            groups.setdefault(key, []).append(record)
    if not command.by:
        groups.setdefault((), [])
    made = []
    for key, members in groups.items():
        row: Record = {name: value for (_, name), value in zip(command.by, key, strict=True)}
        row |= {name: _aggregate(expression, members) for expression, name in command.columns}
        row["@at"] = 0
        made.append(row)
    return made


def _aggregate(expression: Expression, records: list[Record]) -> Any:
    name, arguments = expression[1], expression[2]
    if name == "count" and not arguments:
        return len(records)
    values = [value for each in records if (value := value_of(arguments[0], each)) is not None]
    if name in {"count", "count_distinct"}:
        return len(values) if name == "count" else len({str(each) for each in values})
    if name in {"earliest", "latest"}:
        ordered = sorted(records, key=lambda each: each["@at"])
        chosen = [value_of(arguments[0], each) for each in ordered]
        return (chosen[0] if name == "earliest" else chosen[-1]) if chosen else None
    if name in {"min", "max"} and values and any(number(each) is None for each in values):
        return (min if name == "min" else max)(values, key=str)
    numbers = sorted(each for each in map(number, values) if each is not None)
    return _figure(name, numbers, number(value_of(arguments[1], {})) if len(arguments) > 1 else None)


def _figure(name: str, numbers: list[float], share: float | None) -> float | None:
    if not numbers:
        return None
    mean = sum(numbers) / len(numbers)
    figures: Mapping[str, float] = {
        "sum": sum(numbers),
        "avg": mean,
        "min": numbers[0],
        "max": numbers[-1],
        "stddev": (sum((each - mean) ** 2 for each in numbers) / len(numbers)) ** 0.5,
        "pct": numbers[min(int(len(numbers) * (share or 50) / 100), len(numbers) - 1)],
    }
    return figures[name]


def _row(record: Record, names: list[str], *, pointer: bool) -> dict[str, str]:
    row = {name: _told(record[name]) for name in names if record.get(name) is not None}
    return row | {"@ptr": str(record["@ptr"])} if pointer else row


def _told(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return f"{value:.4f}".rstrip("0").rstrip(".")
    return str(value)
