"""Colours for log lines that bring none: prefixes faint, severity loud; JSON, frames of tracebacks and SQL readable."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rich.segment import Segment
from rich.style import Style

from widgets.log_filter import severity_of

# What stands before the text of a line: CodeBuild's and loggers' times, steps of BuildKit and docker, compose services.
_PREFIX = re.compile(
    r"(?:\[Container\] )?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?"
    r"|\[Container\]|#\d{1,4} (?:\d+\.\d+ |\[[^\]]{0,60}?\d+/\d+\] )?|Step \d+/\d+ : | ---> |[\w.-]{1,60} +\| "
)
_JSON_PART = re.compile(
    r'("(?:[^"\\]|\\.)*")(\s*:)?|(?<![\w.])(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.])'
)
_LONGEST_JSON = 4_000
_FRAME = re.compile(
    r"\s+(?:File \"(?P<py>[^\"]+\", line \d+)|at [^()]{1,300}\((?P<java>[^()]{1,300}:\d+[^()]{0,20})\)"
    r"|at (?P<js>\S{1,300}:\d+:\d+)$|(?P<go>\S{1,300}\.go:\d+))"
)
_SQL = re.compile(
    r"\b(?:SELECT\b.+\bFROM|INSERT INTO|UPDATE\b.+\bSET|DELETE FROM"
    r"|(?:CREATE|ALTER|DROP)(?: UNIQUE)? (?:TABLE|INDEX|VIEW))\b"
)
_SQL_PART = re.compile(
    r"\b(SELECT|FROM|WHERE|INSERT|INTO|VALUES|UPDATE|SET|DELETE|CREATE|ALTER|DROP|TABLE|INDEX|VIEW|UNIQUE|JOIN|LEFT|RIGHT"
    r"|INNER|OUTER|ON|AND|OR|NOT|NULL|IN|IS|AS|ORDER|GROUP|BY|HAVING|LIMIT|RETURNING|WITH|UNION|ALL|DISTINCT|LIKE)\b"
    r"|('(?:[^']|'')*')"
)

_PLAIN = Style.null()


@dataclass(frozen=True, slots=True)
class LogStyles:
    """The styles of one theme that lines are drawn with."""

    base: Style
    error: Style
    warning: Style
    prefix: Style
    match: Style
    current: Style
    terms: tuple[Style, ...] = ()
    names: tuple[Style, ...] = ()
    key: Style = _PLAIN
    text: Style = _PLAIN
    number: Style = _PLAIN
    place: Style = _PLAIN


def painted(text: str, styles: LogStyles) -> list[Segment]:
    """Colour a line that brings no colours of its own."""
    segments: list[Segment] = []
    pos = 0
    if (prefix := _PREFIX.match(text)) is not None and prefix.end() < len(text):
        segments.append(Segment(prefix.group(), styles.prefix))
        pos = prefix.end()
    spans = sorted(_spans(text, pos, styles), key=lambda span: span[0])
    for start, end, style in spans:
        if start < pos:
            continue
        if start > pos:
            segments.append(Segment(text[pos:start], styles.base))
        segments.append(Segment(text[start:end], style))
        pos = end
    segments.append(Segment(text[pos:], styles.base))
    return segments


def _spans(text: str, start: int, styles: LogStyles) -> Iterator[tuple[int, int, Style]]:
    """Parts of a line to colour; of two that begin together the first given counts."""
    if (said := severity_of(text, start)) is not None:
        name, match = said
        yield *match.span(), styles.error if name == "error" else styles.warning
    if (frame := _FRAME.match(text, start)) is not None:
        yield *frame.span(frame.lastgroup or 0), styles.place
    elif text.endswith(("}", "]")) and "{" in text and len(text) < _LONGEST_JSON:
        for part in _JSON_PART.finditer(text, text.find("{", start)):
            if part[2]:
                yield *part.span(1), styles.key
            elif part[3]:
                yield *part.span(3), styles.number
    elif _SQL.search(text, start):
        for part in _SQL_PART.finditer(text, start):
            yield *part.span(), styles.key if part[1] else styles.text
