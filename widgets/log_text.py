"""Lines of a log as they are drawn: cleaned, masked, coloured, opened or broken. For lines on the screen only."""

from textual.cache import LRUCache
from textual.content import Content
from textual.reactive import reactive
from textual.strip import Strip

from widgets.ansi import strip_sgr
from widgets.ink import Cleaner, inked, visible
from widgets.log_lines import LineReader
from widgets.log_paint import LogStyles
from widgets.log_pick import LogPick
from widgets.log_pretty import is_json, laid_out
from widgets.log_search import Query
from widgets.log_store import LogStore

_LONGEST_LAID_OUT = 50_000
"""Characters of a line up to which it is laid out in place: some milliseconds."""
_MOST_ROWS = 150
"""Rows of it that are coloured: more than a screen has."""


class LogText(LogPick):
    """Gives rows of the screen for lines of the store."""

    masked: reactive[bool] = reactive(True, init=False)

    def __init__(self, store: LogStore, cleaner: Cleaner, mask: Cleaner | None = None) -> None:
        """Make a view.

        Args:
            store: The lines; grown by the pane alone, which then calls `grown`.
            cleaner: Drops all control sequences but colour.
            mask: Hides what is secret in a cleaned line; None where nothing is.
        """
        super().__init__(store)
        self._cleaner = cleaner
        self._mask = mask
        self._reader: LineReader | None = None
        self._query: Query | None = None
        self._terms: tuple[Query, ...] = ()
        self._names: tuple[str, ...] = ()
        self._strips: LRUCache[int, Strip] = LRUCache(2048)
        self._laid_out: LRUCache[int, tuple[list[Strip], int]] = LRUCache(256)
        self._json: LRUCache[int, bool] = LRUCache(2048)

    def set_query(self, query: Query | None) -> None:
        """Mark what matches; None marks nothing."""
        self._query = query
        self.redraw()

    def set_names(self, names: tuple[str, ...]) -> None:
        """Colour the names of sources that lines begin with, each in its own colour."""
        self._names = names
        self.redraw()

    def set_terms(self, terms: tuple[Query, ...]) -> None:
        """Colour these wherever they stand, each in its own colour."""
        self._terms = terms
        self.redraw()

    @property
    def terms(self) -> tuple[Query, ...]:
        """What is coloured."""
        return self._terms

    def redraw(self) -> None:
        """Draw all that is shown anew."""
        self.clear_drawn()
        self.refresh()

    def clear_drawn(self) -> None:
        """Forget drawn lines and the styles they were drawn with."""
        self._strips.clear()
        self._laid_out.clear()
        self._reader = None

    @property
    def text_width(self) -> int:
        """Cells left for text. Subclasses say."""
        raise NotImplementedError

    def line_styles(self) -> LogStyles:
        """Give the styles of the present theme. Subclasses say."""
        raise NotImplementedError

    @property
    def reader(self) -> LineReader:
        """Gives lines as they are shown under the present theme and search."""
        if self._reader is None:
            mask = self._mask if self.masked else None
            self._reader = LineReader(self._cleaner, self.line_styles(), self._query, self._terms, mask, self._names)
        return self._reader

    # A line as text

    def raw(self, number: int) -> str:
        """Give a line as it came; the body of a private key only where secrets are shown."""
        hidden = self.masked and self._mask is not None and self._store.in_key(number)
        return "********" if hidden else self._store[number]

    def plain(self, number: int) -> str:
        """Give a line as shown, without colours."""
        return strip_sgr(self.reader.shown(self.raw(number)))

    def all_of(self, number: int) -> str:
        """Give all of a line without colours, however long; secrets masked as on the screen."""
        text = strip_sgr(self._cleaner(self.raw(number)))
        return self._mask(text) if self.masked and self._mask is not None else text

    def whole(self, number: int) -> tuple[str, str]:
        """Give all of a line laid out for reading, and the language it is in; secrets masked as on the screen."""
        overwrites = [strip_sgr(self._cleaner(part)) for part in self.raw(number).split("\r")]
        text, language = laid_out("\r".join(part for part in overwrites if part))
        if self.masked and self._mask is not None:
            text = "\n".join(map(self._mask, text.split("\n")))
        return text, language

    # A line as rows

    def _strip(self, number: int) -> Strip:
        strip = self._strips.get(number)
        if strip is None:
            strip = self.reader.strip(self.raw(number))
            self._strips[number] = strip
        return strip

    def closed_pieces(self, line: int) -> list[Strip]:
        """Give a line as it is, or broken."""
        strip = self._strip(line)
        return self._broken(strip) if self.wrap else [strip]

    def _broken(self, strip: Strip) -> list[Strip]:
        width = self.text_width
        if strip.cell_length <= width:
            return [strip]
        cuts = list(range(width, strip.cell_length, width))[: self.page_height - 1]
        return list(strip.divide([*cuts, strip.cell_length]))[: self.page_height]

    def has_json(self, line: int) -> bool:
        """Whether a line holds JSON."""
        found = self._json.get(line)
        if found is None:
            raw = self.raw(line)
            found = "{" in raw and len(raw) <= _LONGEST_LAID_OUT and is_json(strip_sgr(self._cleaner(raw)))
            self._json[line] = found
        return found

    def is_laid_out(self, line: int) -> bool:
        """Whether an opened line is shown as a text of its own, not as the line broken."""
        raw = self.raw(line)
        return len(raw) <= _LONGEST_LAID_OUT and ("\r" in raw.rstrip("\r") or self.has_json(line))

    def open_pieces(self, line: int) -> list[Strip]:
        """Give a line laid out, or else broken; none where that shows nothing more."""
        if not self.is_laid_out(line):
            broken = self._broken(self._strip(line))
            return broken if len(broken) > 1 else []
        known = self._laid_out.get(line)
        if known is None:
            known = self._laid_out[line] = self._lay_out(line)
        pieces, count = known
        room = min(max(self.page_height - 1, 2), _MOST_ROWS)
        if count <= room:
            return pieces
        more = self.draw(inked(f"… {count - room + 1:,} more · enter: the whole line", "dim"), self.base_style)
        return [*pieces[: room - 1], more]

    def _lay_out(self, line: int) -> tuple[list[Strip], int]:
        """Draw a line laid out: its first rows, and how many there are."""
        from widgets.code_lines import code_lines  # noqa: PLC0415 (pygments, imported when first needed)

        text, language = self.whole(line)
        rows = text.split("\n")
        return [self._found_in(content) for content in code_lines("\n".join(rows[:_MOST_ROWS]), language)], len(rows)

    def _found_in(self, content: Content) -> Strip:
        strip = self.draw(content, self.base_style)
        segments = self.reader.marked(list(strip), visible(content.plain))
        return Strip(segments, strip.cell_length)

    def watch_masked(self) -> None:
        """Draw anew."""
        self.redraw()
        self.post_message(self.Moved(self))
