"""Text on its way to the screen: made harmless, given theme colours, turned into segments.

Colours are style expressions that Textual resolves against the theme when a line is drawn (`"$text-error"`,
`"bold $text-warning"`), both in `Content` spans and in the string styles of a rich `Text`. So a change of theme, an
ANSI theme and monochrome need nothing from whoever wrote the text.
"""

import re
from collections.abc import Callable
from typing import Literal, TypeAlias

from rich.segment import Segment
from rich.style import Style as RichStyle
from rich.text import Text
from textual.content import Content, Span
from textual.strip import Strip
from textual.style import Style

Ink: TypeAlias = Content | Text | str
"""What a view row may hold. A `str` is literal text, never markup."""

Cleaner: TypeAlias = Callable[[str], str]
"""Makes raw text from outside harmless. Injected, so that one implementation serves the whole program."""

TAB_SIZE = 8
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
# C0 but tab, DEL, C1, line and paragraph separators, directional marks and overrides, lone surrogates.
_UNSAFE = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_CONTROL_PICTURES = 0x2400
_FIRST_PRINTABLE = 0x20


def as_is(text: str) -> str:
    """Clean nothing: the cleaner where none is injected. The last gate still stands behind it."""
    return text


def _picture(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < _FIRST_PRINTABLE:
        return chr(_CONTROL_PICTURES + code)
    return _REPLACEMENT


def visible(text: str) -> str:
    """Give the text on one line with everything that could drive a terminal replaced by a visible sign.

    This is the last gate before the screen and does not replace the injected cleaner, which reads escape sequences
    as a whole and drops them.

    Args:
        text: Any text. Tabs are expanded to stops of 8; control characters become control pictures (`␛`), all else
            that is unsafe becomes U+FFFD. One character is replaced by one, so offsets hold but for tabs.
    """
    if "\t" in text:
        text = text.expandtabs(TAB_SIZE)
    return _UNSAFE.sub(_picture, text) if _UNSAFE.search(text) else text


def as_content(ink: Ink) -> Content:
    """Turn any ink into safe one-line Content. A `str` is literal; links and actions in a Text are dropped."""
    if isinstance(ink, str):
        return Content(visible(ink), strip_control_codes=False)
    plain = ink.plain
    safe = _UNSAFE.sub(_picture, plain.replace("\t", " ")) if _UNSAFE.search(plain) or "\t" in plain else plain
    if isinstance(ink, Content):
        return ink if safe is plain else Content(safe, list(ink.spans), strip_control_codes=False)
    spans = [Span(span.start, span.end, _themed(span.style)) for span in ink.spans]
    if base := _themed(ink.style):
        spans.insert(0, Span(0, len(safe), base))
    return Content(safe, spans, strip_control_codes=False)


def _themed(style: str | RichStyle) -> str | Style:
    """Keep expressions for the theme to resolve; take links and actions off rich styles."""
    return style if isinstance(style, str) else Style.from_rich_style(style.clear_meta_and_links())


def join(*parts: Ink) -> Content:
    """Put pieces of ink side by side; every `str` among them is literal text."""
    return Content.assemble(*(as_content(part) for part in parts), strip_control_codes=False)


def inked(text: str, style: str) -> Content:
    """Give literal text a style expression such as `"bold $text-error"`."""
    return Content.styled(visible(text), style, strip_control_codes=False)


def fit(ink: Ink, width: int, align: Literal["left", "right", "center"] = "left") -> Content:
    """Give ink exactly `width` cells: padded, or cut with `…`. Nothing at all where `width` is not above 0."""
    if width <= 0:
        return Content("")
    content = as_content(ink)
    spare = width - content.cell_length
    if spare <= 0:
        return content.truncate(width, ellipsis=True)
    left = {"left": 0, "right": spare, "center": spare // 2}[align]
    return content.pad(left, spare - left)


def as_strip(content: Content, base: Style, parse: Callable[[str], Style]) -> Strip:
    """Render one line of Content over a base style.

    Args:
        content: One line.
        base: What stands beneath, with its background, against which automatic colours are taken.
        parse: Resolves a style expression against the theme, `App.stylesheet.parse_style` for instance.
    """

    def resolve(style: str | Style) -> Style:
        return style if isinstance(style, Style) else parse(style)

    segments = [Segment(text, style.rich_style) for text, style in content.render(base, "", resolve)]
    return Strip(segments, content.cell_length)
