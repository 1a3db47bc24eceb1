"""Plain text for terminals and pipes: widths, tables that fit, words with a colour. Without Textual.

What goes in has been sanitised; what comes out has no control sequences but the colours of `paint`, which click removes
where there is no terminal.
"""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import click

from core.attention import Condition, stage_reached
from core.finding import Verdict, sureness
from core.pipeline import PipelineState, StageState

__all__ = [
    "LOOKS",
    "Cell",
    "Column",
    "Look",
    "cell_width",
    "condition_look",
    "cut",
    "indented",
    "paint",
    "run_look",
    "stage_look",
    "sureness",
    "table",
    "terminal_width",
    "verdict_look",
]


@dataclass(frozen=True, slots=True)
class Look:
    """How a state shows: a glyph one cell wide, and the terminal's own colour for it (None: its usual one)."""

    glyph: str
    colour: str | None = None
    bold: bool = False


# By the name of the tone that the screens use, with the same glyphs.
LOOKS = {
    "failed": Look("✗", "red", bold=True),
    "stuck": Look("✗", "yellow", bold=True),
    "waiting": Look("‖", "yellow"),
    "running": Look("◐", "blue"),
    "off": Look("⊘", "magenta"),
    "stopped": Look("■", "magenta"),
    "superseded": Look("»", "bright_black"),
    "skipped": Look("→", "bright_black"),
    "ok": Look("✓", "green"),
    "denied": Look("⊖", "yellow"),
    "unknown": Look("?", "bright_black"),
    "idle": Look("·", "bright_black"),
}
_CONDITIONS = {
    Condition.FAILED: "failed",
    Condition.STUCK: "stuck",
    Condition.WAITING: "waiting",
    Condition.RUNNING: "running",
    Condition.OFF: "off",
    Condition.STOPPED: "stopped",
    Condition.UNKNOWN: "unknown",
    Condition.OK: "ok",
    Condition.NEVER: "idle",
}
_RUNS = {
    "Failed": "failed",
    "InProgress": "running",
    "Stopping": "running",
    "Succeeded": "ok",
    "Stopped": "stopped",
    "Cancelled": "stopped",
    "Abandoned": "stopped",
    "Superseded": "superseded",
    "Skipped": "skipped",
}
_VERDICTS = {
    Verdict.PASSED: "ok",
    Verdict.FAILED: "failed",
    Verdict.UNKNOWN: "unknown",
    Verdict.DENIED: "denied",
    Verdict.NOT_APPLICABLE: "skipped",
}


def condition_look(condition: Condition) -> Look:
    """The look of a pipeline's condition."""
    return LOOKS[_CONDITIONS[condition]]


def run_look(status: str, *, waits: bool = False) -> Look:
    """The look of an execution's, stage's or action's status as AWS words it; `waits`: for a person's approval."""
    return LOOKS["waiting"] if waits else LOOKS[_RUNS.get(status, "idle")]


def stage_look(state: PipelineState, stage: StageState) -> Look:
    """The look of a stage; what an older run left behind in a stage that the present one has not reached is idle."""
    if not stage_reached(state, stage):
        return LOOKS["idle"]
    if any(action.status == "InProgress" and action.token for action in stage.actions):
        return LOOKS["waiting"]
    if not stage.transition.enabled and stage.status not in {"InProgress", "Failed"}:
        return LOOKS["off"]
    return run_look(stage.status)


def verdict_look(verdict: Verdict) -> Look:
    """The look of a step's answer."""
    return LOOKS[_VERDICTS[verdict]]


def paint(text: str, look: Look | None = None, *, bold: bool = False, dim: bool = False) -> str:
    """Return text in a look's colour, or bold, or dim."""
    if look is None:
        return click.style(text, bold=bold or None, dim=dim or None)
    return click.style(text, fg=look.colour, bold=look.bold or bold or None)


def terminal_width() -> int | None:
    """The width of standard output's terminal in cells, or COLUMNS if set; None where output is no terminal."""
    if os.environ.get("COLUMNS", "").isdigit():
        return max(int(os.environ["COLUMNS"]), 1)
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def _char_width(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in {"Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1


def cell_width(text: str) -> int:
    """Return how many terminal cells text takes (UAX #11: wide characters two, combining ones none)."""
    return len(text) if text.isascii() else sum(map(_char_width, text))


def cut(text: str, width: int) -> str:
    """Return text cut to so many cells; a cut shows as ``…`` at its end."""
    if cell_width(text) <= width:
        return text
    kept, used = [], 0
    for char in text:
        used += _char_width(char)
        if used > width - 1:
            break
        kept.append(char)
    return "".join(kept) + "…" if width > 0 else ""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Attributes:
        least: cells it may shrink to; None: it keeps its width.
        shrink: columns with a lower number give way first.
        drop: columns with a lower number vanish first where shrinking is not enough; 0: never.
    """

    title: str
    least: int | None = None
    shrink: int = 0
    drop: int = 0
    right: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: text on one line, and its look if it has one."""

    text: str
    look: Look | None = None


_GAP = 2


def table(columns: Sequence[Column], rows: Iterable[Sequence[Cell]], width: int | None) -> list[str]:
    """Return a table's lines, titles first, no line wider than `width` cells (None: as wide as it needs)."""
    body = [list(row) for row in rows]
    widths = [
        max([cell_width(column.title), *(cell_width(row[index].text) for row in body)])
        for index, column in enumerate(columns)
    ]
    shown = _fit(columns, widths, width) if width is not None else list(range(len(columns)))
    titles = [Cell(column.title) for column in columns]
    return [
        _line(columns, widths, shown, row, title=number == 0, limit=width) for number, row in enumerate([titles, *body])
    ]


def _fit(columns: Sequence[Column], widths: list[int], width: int) -> list[int]:
    """Shrink `widths` in place and return the indexes of the columns that stay."""
    shown = list(range(len(columns)))

    def excess() -> int:
        return sum(widths[index] for index in shown) + _GAP * (len(shown) - 1) - width

    def least(index: int) -> int:
        floor = columns[index].least
        return widths[index] if floor is None else min(widths[index], floor)

    droppable = sorted((index for index in shown if columns[index].drop), key=lambda index: columns[index].drop)
    while droppable and excess() - sum(widths[index] - least(index) for index in shown) > 0:
        shown.remove(droppable.pop(0))
    for index in sorted(shown, key=lambda index: columns[index].shrink):
        widths[index] -= max(0, min(excess(), widths[index] - least(index)))
    return shown


def _line(
    columns: Sequence[Column],
    widths: list[int],
    shown: list[int],
    row: Sequence[Cell],
    *,
    title: bool,
    limit: int | None,
) -> str:
    parts, used = [], 0
    for index in shown:
        cell, size = row[index], widths[index]
        if limit is not None:
            if used >= limit:
                break
            size = min(size, limit - used)
        text = cut(cell.text, size)
        space = " " * (size - cell_width(text))
        inked = paint(text, bold=True) if title else paint(text, cell.look) if cell.look else text
        last = index == shown[-1] and not columns[index].right
        parts.append(space + inked if columns[index].right else inked + ("" if last else space))
        used += size + _GAP
    return (" " * _GAP).join(parts)


def indented(text: str, indent: int, width: int | None, *, first: str = "") -> list[str]:
    """Return text wrapped to `width` cells, each line indented; `first` replaces the first line's indent.

    The text's own line breaks stay, words too long for a line (ARNs, addresses) stay whole so that they can be copied,
    and without a width nothing is wrapped.
    """
    lines = text.splitlines() or [""]
    if width is not None:
        wrap = textwrap.TextWrapper(max(width - indent, 20), break_long_words=False, break_on_hyphens=False)
        lines = [part for line in lines for part in wrap.wrap(line) or [""]]
    margin = " " * indent
    return [(first if first and not number else margin) + line for number, line in enumerate(lines)]
