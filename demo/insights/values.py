"""Values of a query: fields of a record, comparisons, functions. A missing value is None and fits nothing."""

import datetime as dt
import json
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, TypeAlias

from demo.insights.grammar import Expression

__all__ = ["Record", "discovered", "number", "stamp", "value_of"]

Record: TypeAlias = dict[str, Any]
_REPORT = re.compile(
    r"REPORT RequestId: (?P<id>\S+)\s+Duration: (?P<duration>[\d.]+) ms\s+Billed Duration: (?P<billed>\d+) ms\s+"
    r"Memory Size: (?P<size>\d+) MB\s+Max Memory Used: (?P<used>\d+) MB"
)
_LIFE = re.compile(
    r"(?P<type>START|END|REPORT) RequestId: (?P<id>[0-9a-f-]{36})|\b(?P<other>[0-9a-f]{8}-[0-9a-f-]{27})\b"
)
_SPANS_S = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "mo": 2_592_000, "q": 7_776_000}


def stamp(at_ms: float) -> str:
    """A moment as Logs Insights writes it."""
    moment = dt.datetime.fromtimestamp(at_ms / 1000, tz=dt.UTC)
    return f"{moment:%Y-%m-%d %H:%M:%S}.{int(at_ms) % 1000:03}"


def discovered(message: str, group: str) -> Record:
    """Fields that are found in a message by themselves: of JSON, and of Lambda's own lines."""
    text = message.strip()
    if text.startswith("{"):
        try:
            found = json.loads(text)
        except ValueError:
            return {}
        return dict(_flat(found)) if isinstance(found, dict) else {}
    if not group.startswith("/aws/lambda/"):
        return {}
    record: Record = {}
    if life := _LIFE.search(message):
        record["@requestId"] = life["id"] or life["other"]
        if life["type"]:
            record["@type"] = life["type"]
    if report := _REPORT.search(message):
        record |= {
            "@duration": float(report["duration"]),
            "@billedDuration": int(report["billed"]),
            "@memorySize": int(report["size"]) * 1_000_000,
            "@maxMemoryUsed": int(report["used"]) * 1_000_000,
        }
    return record


def _flat(tree: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    pairs: list[tuple[str, Any]] = []
    for key, value in tree.items():
        if isinstance(value, dict):
            pairs += _flat(value, f"{prefix}{key}.")
        elif isinstance(value, list):
            pairs += _flat({str(n): item for n, item in enumerate(value)}, f"{prefix}{key}.")
        else:
            pairs.append((prefix + key, value))
    return pairs


def number(value: Any) -> float | None:
    """A value as a number, or None."""
    try:
        return None if value is None or isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return None


def value_of(expression: Expression, record: Record) -> Any:  # noqa: PLR0911 - one a kind of expression
    """Work an expression out for a record."""
    kind = expression[0]
    if kind == "field":
        return record.get(expression[1])
    if kind in {"value", "regex", "span"}:
        return expression[1]
    if kind == "list":
        return [value_of(each, record) for each in expression[1]]
    if kind == "call":
        return _FUNCTIONS[expression[1]]([value_of(each, record) for each in expression[2]], record)
    if kind == "not":
        return not value_of(expression[1], record)
    if kind in {"and", "or"}:
        left = value_of(expression[1], record)
        return left and value_of(expression[2], record) if kind == "and" else left or value_of(expression[2], record)
    return _operate(kind, expression, record)


def _operate(sign: str, expression: Expression, record: Record) -> Any:  # noqa: PLR0911 - one a kind of operator
    left, right = value_of(expression[1], record), value_of(expression[2], record)
    if sign in "+-*/%":
        return _calculated(sign, number(left), number(right))
    if sign == "!=":
        return left is not None and not _equal(left, right)
    if left is None or right is None:
        return False
    if sign == "=":
        return _equal(left, right)
    if sign == "in":
        return any(_equal(left, each) for each in right)
    if sign == "like":
        return _regex(right).search(str(left)) is not None if expression[2][0] == "regex" else str(right) in str(left)
    numbers = number(left), number(right)
    a, b = (str(left), str(right)) if None in numbers else numbers
    compared: Mapping[str, bool] = {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}  # type: ignore[operator]
    return compared[sign]


def _equal(left: Any, right: Any) -> bool:
    a, b = number(left), number(right)
    return a == b if a is not None and b is not None else str(left) == str(right)


def _calculated(sign: str, left: float | None, right: float | None) -> float | None:
    if left is None or right is None or (sign in "/%" and not right):
        return None
    done: Mapping[str, Callable[[], float]] = {
        "+": lambda: left + right,
        "-": lambda: left - right,
        "*": lambda: left * right,
        "/": lambda: left / right,
        "%": lambda: left % right,
    }
    return done[sign]()


@lru_cache(maxsize=256)
def _regex(pattern: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\(\?<([A-Za-z]\w*)>", r"(?P<\1>", pattern))


def _text(work: Callable[[str], Any]) -> Callable[[list[Any], Record], Any]:
    return lambda given, _record: None if given[0] is None else work(str(given[0]))


def _math(work: Callable[[float], float]) -> Callable[[list[Any], Record], Any]:
    def apply(given: list[Any], _record: Record) -> float | None:
        value = number(given[0])
        return None if value is None else work(value)

    return apply


def _bin(given: list[Any], record: Record) -> str:
    amount, unit = re.fullmatch(r"(\d+)([a-z]+)", str(given[-1]) if given else "5m").groups()  # type: ignore[union-attr]
    width_ms = int(amount) * _SPANS_S[unit] * 1000
    return stamp(record["@at"] // width_ms * width_ms)


_FUNCTIONS: Mapping[str, Callable[[list[Any], Record], Any]] = {
    "abs": _math(abs),
    "bin": _bin,
    "ceil": _math(lambda value: -(-value // 1)),
    "coalesce": lambda given, _: next((each for each in given if each is not None), None),
    "concat": lambda given, _: "".join(str(each) for each in given if each is not None),
    "datefloor": _bin,
    "floor": _math(lambda value: value // 1),
    "isblank": lambda given, _: given[0] is None or not str(given[0]).strip(),
    "isempty": lambda given, _: given[0] is None or not str(given[0]),
    "ispresent": lambda given, _: given[0] is not None,
    "ltrim": _text(str.lstrip),
    "rtrim": _text(str.rstrip),
    "strcontains": lambda given, _: int(given[0] is not None and str(given[1]) in str(given[0])),
    "strlen": _text(len),
    "substr": lambda given, _: (
        None if given[0] is None else str(given[0])[int(given[1]) :][: int(given[2]) if len(given) > 2 else None]
    ),
    "tolower": _text(str.lower),
    "toupper": _text(str.upper),
    "trim": _text(str.strip),
}
