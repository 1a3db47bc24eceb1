"""Blocks that a document view shows: headings, paragraphs, numbered facts, choices, code. Data only."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual.content import Content

from widgets.code_lines import code_lines
from widgets.ink import Ink, as_content, fit, inked, join
from widgets.status import MARKS, Mark, Tone, status

_WIDEST_LEAD = 24
_LEAST_BODY = 16
_KEY = "bold $text-accent"


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a document: a lead at the left, a body that wraps beside it, a note at the right of the first line.

    Attributes:
        body: Lines that wrap. A `str` in it is literal.
        lead: Stands before the first line; the others are indented by as much.
        note: At the right edge of the first line, where there is room; else below.
        indent: Cells before everything.
        style: Laid beneath the body.
        wraps: False cuts with `…` instead (code).
    """

    body: tuple[Ink, ...]
    lead: Ink = ""
    note: Ink = ""
    indent: int = 0
    style: str = ""
    wraps: bool = True


def _lines(text: Ink) -> tuple[Ink, ...]:
    return tuple(text.split("\n")) if isinstance(text, str) else (text,)


def _muted(text: str) -> Content:
    return inked(text, "$foreground-muted")


def heading(text: Ink, note: str = "") -> Block:
    """Give a heading."""
    return Block(_lines(text), note=_muted(note), style="bold $text-primary")


def paragraph(text: Ink, *, indent: int = 0, muted: bool = False) -> Block:
    """Give a paragraph; newlines in a `str` break lines."""
    return Block(_lines(text), indent=indent, style="$foreground-muted" if muted else "")


def outcome(tone: Tone, text: str, note: str = "") -> Block:
    """Give a verdict: glyph and words in the tone's colour."""
    return Block(_lines(text), lead=join(status(tone), " "), note=_muted(note), style=MARKS[tone].style)


def fact(number: int, call: str, value: str, *, tone: Tone = Tone.OK, note: str = "") -> Block:
    """Give a fact: its number, the call that read it, what came back.

    Args:
        number: By which findings cite it.
        call: Such as `elbv2 DescribeTargetHealth`.
        value: What came back; may have lines.
        tone: Anything but ok puts its glyph before the value.
        note: Such as `read 3 s ago`.
    """
    first, *rest = value.split("\n")
    mark = Mark("", "") if tone is Tone.OK else MARKS[tone]
    line = join(_muted(f"{call} → "), inked(f"{mark.glyph} {first}".lstrip(), mark.style))
    return Block((line, *rest), lead=inked(f"[{number}] ", _KEY), note=_muted(note), indent=2)


def choice(key: str, title: str, note: str = "") -> Block:
    """Give something that can be done: its key, its name, its kind and risk."""
    return Block((inked(title, "bold"),), lead=inked(f"{key}  ", _KEY), note=_muted(note), indent=2)


def pair(label: str, value: Ink) -> Block:
    """Give a labelled value."""
    lead = f"{label}  " if len(label) >= _WIDEST_LEAD else f"{label:<14}  "
    return Block(_lines(value), lead=inked(lead, "$foreground-muted"))


def code(text: str, language: str = "", *, indent: int = 2) -> Block:
    """Give code; long lines are cut with `…`."""
    return Block(tuple(code_lines(text, language)), indent=indent, wraps=False)


def gap() -> Block:
    """Give an empty line."""
    return Block(("",))


def lay_out(blocks: Sequence[Block], width: int) -> list[Content]:
    """Break blocks into lines of at most `width` cells."""
    lines: list[Content] = []
    for block in blocks:
        lines += _block_lines(block, max(width, 10))
    return lines


def _block_lines(block: Block, width: int) -> list[Content]:
    lead, note = as_content(block.lead), as_content(block.note)
    before = block.indent + lead.cell_length
    above: list[Content] = []
    if lead and width - before < _LEAST_BODY:
        above = [join(" " * block.indent, fit(lead, width - block.indent))]
        lead, before = Content(""), block.indent
    room = max(width - before, 1)
    first_room = room - note.cell_length - 2 if note else room
    body: list[Content] = []
    for ink in block.body:
        content = as_content(ink)
        if block.style:
            content = content.stylize_before(block.style)
        if not block.wraps:
            body.append(content.truncate(room, ellipsis=True))
            continue
        body += content.wrap(room) if content else [content]
    if note and body and body[0].cell_length <= first_room:
        body[0] = join(body[0].pad_right(room - body[0].cell_length - note.cell_length), note)
    elif note:
        body.append(note.truncate(room, ellipsis=True))
    blank = " " * before
    below = [join(" " * block.indent, lead, line) if i == 0 else join(blank, line) for i, line in enumerate(body)]
    return above + below
