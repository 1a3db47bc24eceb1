"""Colour sequences of a log line (SGR, ECMA-48 8.3.117) turned into spans of text with a rich style.

Everything else that begins with ESC is expected to be gone: the injected cleaner drops it. Whatever is left is shown
as a visible sign and never reaches the terminal.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from rich.color import Color
from rich.style import Style

from widgets.ink import visible

SGR = re.compile(r"\x1b\[([0-9;:]*)m")
_EXTENDED = {38: "color", 48: "bgcolor"}
_SWITCHES: dict[int, dict[str, bool]] = {
    1: {"bold": True},
    2: {"dim": True},
    3: {"italic": True},
    4: {"underline": True},
    7: {"reverse": True},
    9: {"strike": True},
    22: {"bold": False, "dim": False},
    23: {"italic": False},
    24: {"underline": False},
    27: {"reverse": False},
    29: {"strike": False},
}
# First code → (which colour, palette number of the first code), eight codes each.
_PALETTES = {30: ("color", 0), 40: ("bgcolor", 0), 90: ("color", 8), 100: ("bgcolor", 8)}
_PALETTE_MODE, _RGB_MODE = 5, 2
_LAST = 255


def _number(text: str) -> int:
    return int(text) if text and len(text) < 6 else 0


def _extended(mode_and_values: list[int]) -> tuple[Color | None, int]:
    """Read what follows 38 or 48; gives the colour and how many numbers it took."""
    mode = mode_and_values[0] if mode_and_values else 0
    if mode == _PALETTE_MODE and len(mode_and_values) > 1:
        return Color.from_ansi(min(mode_and_values[1], _LAST)), 2
    if mode == _RGB_MODE and len(mode_and_values) > 3:
        red, green, blue = (min(value, _LAST) for value in mode_and_values[1:4])
        return Color.from_rgb(red, green, blue), 4
    return None, len(mode_and_values)


def _numbers(parameters: str) -> list[int]:
    """Flatten parameters; the colon form of a true colour carries a colour space that is dropped."""
    numbers: list[int] = []
    for part in parameters.split(";"):
        sub = part.split(":")
        if len(sub) == 6 and sub[0] in {"38", "48"} and sub[1] == "2":
            sub.pop(2)
        numbers += [_number(text) for text in sub]
    return numbers


@lru_cache(maxsize=512)
def apply_sgr(style: Style, parameters: str) -> Style:
    """Give the style that follows when `CSI parameters m` arrives in `style`."""
    numbers = _numbers(parameters)
    i = 0
    while i < len(numbers):
        code = numbers[i]
        i += 1
        if code == 0:
            style = Style.null()
        elif code in _EXTENDED:
            color, taken = _extended(numbers[i:])
            i += taken
            if color is not None:
                style += Style(**{_EXTENDED[code]: color})  # type: ignore[arg-type]
        else:
            style = _simple(style, code)
    return style


def _simple(style: Style, code: int) -> Style:
    if code in _SWITCHES:
        return style + Style(**_SWITCHES[code])  # type: ignore[arg-type]
    if code in {39, 49}:
        return style + Style(**{"color" if code == 39 else "bgcolor": Color.default()})  # type: ignore[arg-type]
    first = code - code % 10
    if first in _PALETTES and code % 10 < 8:
        which, base = _PALETTES[first]
        return style + Style(**{which: Color.from_ansi(base + code % 10)})  # type: ignore[arg-type]
    return style


def strip_sgr(line: str) -> str:
    """Give the text of a line without its colour sequences."""
    return SGR.sub("", line) if "\x1b" in line else line


def runs(line: str) -> Iterator[tuple[str, Style | None]]:
    """Split a line into pieces of one style; None is the style of the place it is drawn in."""
    if "\x1b" not in line:
        yield visible(line), None
        return
    style = Style.null()
    pos = 0
    for match in SGR.finditer(line):
        if match.start() > pos:
            yield visible(line[pos : match.start()]), style or None
        style = apply_sgr(style, match.group(1))
        pos = match.end()
    if pos < len(line):
        yield visible(line[pos:]), style or None
