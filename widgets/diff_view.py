"""What will change: two texts as a diff, one below the other or side by side."""

from typing import ClassVar, Literal

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.reactive import reactive

from widgets.code_lines import code_lines
from widgets.diff_model import Half, Kind, Pair, diff_pairs, unified
from widgets.ink import fit, inked, join
from widgets.text_view import TextView

_SIGNS = {Kind.SAME: " ", Kind.REMOVED: "-", Kind.ADDED: "+"}
_LINE_STYLES = {Kind.REMOVED: "on $error 15%", Kind.ADDED: "on $success 15%"}
_SPAN_STYLES = {Kind.REMOVED: "bold underline on $error 45%", Kind.ADDED: "bold underline on $success 45%"}
_SIGN_STYLES = {Kind.REMOVED: "bold $text-error", Kind.ADDED: "bold $text-success"}
_FAINT = "$foreground 40%"


def _lines(text: str, language: str) -> list[Content]:
    """Lines of a text; none where there is no text."""
    return code_lines(text, language) if text else []


class DiffView(TextView):
    """A diff that reads without colour: `-` and `+` before the lines, changed spans underlined."""

    DEFAULT_CSS = """
    DiffView { height: 1fr; scrollbar-gutter: stable; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "toggle_sides", "Side by side", id="diff.sides", tooltip="Side by side, or one below the other"),
        Binding("x", "toggle_context", "All lines", id="diff.context", tooltip="All lines, or only what changes"),
    ]

    sides: reactive[Literal["auto", "yes", "no"]] = reactive("auto", init=False)
    """`auto` puts the texts side by side where the view is at least `side_width` cells wide."""
    whole: reactive[bool] = reactive(False, init=False)
    side_width: ClassVar[int] = 130

    def __init__(
        self,
        before: str = "",
        after: str = "",
        *,
        language: str = "",
        titles: tuple[str, str] = ("now", "after the change"),
        sides: Literal["auto", "yes", "no"] = "auto",
        name: str | None = None,
        id: str | None = None,  # noqa: A002 - Textual's own name for it
        classes: str | None = None,
    ) -> None:
        """Make a diff.

        Args:
            before: Text as it is.
            after: Text as it will be.
            language: A pygments alias such as `json`.
            titles: Over the two sides.
            sides: See `DiffView.sides`.
            name: As of any widget.
            id: As of any widget.
            classes: As of any widget.
        """
        super().__init__(name=name, id=id, classes=classes)
        self._texts = (before, after)
        self._language, self._titles = language, titles
        self.set_reactive(DiffView.sides, sides)
        self._coloured: tuple[list[Content], list[Content]] = ([], [])
        self._pairs: tuple[Pair, ...] = ()

    def on_mount(self) -> None:
        """Show what the constructor was given."""
        self.set_diff(*self._texts, language=self._language, titles=self._titles)

    def set_diff(self, before: str, after: str, *, language: str = "", titles: tuple[str, str] | None = None) -> None:
        """Compare two texts; see the constructor."""
        self._texts, self._language = (before, after), language
        self._titles = titles or self._titles
        self._coloured = (_lines(before, language), _lines(after, language))
        self._pair()

    @property
    def changes(self) -> tuple[int, int]:
        """How many lines are removed and added."""
        halves = [half for pair in self._pairs for half in (pair.left, pair.right) if half is not None]
        kinds = [half.kind for half in halves]
        return kinds.count(Kind.REMOVED), kinds.count(Kind.ADDED)

    @property
    def side_by_side(self) -> bool:
        """Whether the texts stand side by side at this width."""
        if self.sides == "auto":
            return self.size.width >= self.side_width
        return self.sides == "yes"

    def _pair(self) -> None:
        before, after = ([line.plain for line in side] for side in self._coloured)
        self._pairs = diff_pairs(before, after, -1 if self.whole else 3)
        self._fill()

    def _fill(self) -> None:
        if not self._pairs:
            self.show_lines([inked("  no difference", _FAINT)])
        elif self.side_by_side:
            self.show_lines(self._rows_beside())
        else:
            self.show_lines(self._rows_below())

    @property
    def _digits(self) -> int:
        return max(len(str(max(len(self._coloured[0]), len(self._coloured[1])))), 3)

    def _text(self, half: Half, side: int) -> Content:
        """Give a line with its changed spans marked and its whole tinted."""
        content = self._coloured[side][half.number - 1]
        for start, end in half.spans:
            content = content.stylize(_SPAN_STYLES[half.kind], start, end)
        return content

    def _head(self, half: Half, numbers: str) -> Content:
        return join(inked(f"{numbers} ", _FAINT), inked(f"{_SIGNS[half.kind]} ", _SIGN_STYLES.get(half.kind, "")))

    @staticmethod
    def _gap(half: Half) -> Content:
        lines = "line" if half.number == 1 else "lines"
        return inked(f"   ⋯ {half.number:,} equal {lines} · x shows them", _FAINT)

    def _rows_below(self) -> list[Content]:
        width = self._digits
        removed, added = self.changes
        rows = [
            join(
                inked(f"  {self._titles[0]} → {self._titles[1]}  ", "bold"),
                inked(f"-{removed} ", _SIGN_STYLES[Kind.REMOVED]),
                inked(f"+{added}", _SIGN_STYLES[Kind.ADDED]),
            )
        ]
        for half, other in unified(self._pairs):
            if half.kind is Kind.GAP:
                rows.append(self._gap(half))
                continue
            left = str(half.number) if half.kind is not Kind.ADDED else ""
            right = str(other.number) if other is not None else str(half.number) if half.kind is Kind.ADDED else ""
            side = 1 if half.kind is Kind.ADDED else 0
            head = self._head(half, f"{left:>{width}} {right:>{width}}")
            rows.append(self._tint(join(head, self._text(half, side)), half))
        return rows

    def _tint(self, content: Content, half: Half, width: int | None = None) -> Content:
        style = _LINE_STYLES.get(half.kind)
        if style is None:
            return content
        content = content.pad_right(max((width or self.scrollable_content_region.width) - content.cell_length, 0))
        return content.stylize_before(style)

    def _rows_beside(self) -> list[Content]:
        room = max((self.scrollable_content_region.width - 3) // 2, 20)
        divider = inked(" │ ", _FAINT)
        heads = [fit(inked(f"  {title}", "bold"), room) for title in self._titles]
        rows = [join(heads[0], divider, heads[1])]
        for pair in self._pairs:
            if pair.left is not None and pair.left.kind is Kind.GAP:
                rows.append(fit(self._gap(pair.left), 2 * room + 3))
                continue
            rows.append(join(self._side(pair.left, 0, room), divider, self._side(pair.right, 1, room)))
        return rows

    def _side(self, half: Half | None, side: int, room: int) -> Content:
        if half is None:
            return Content(" " * room)
        head = self._head(half, f"{half.number:>{self._digits}}")
        return self._tint(fit(join(head, self._text(half, side)), room), half, room)

    def watch_sides(self) -> None:
        """Draw the other way."""
        self._fill()

    def watch_whole(self) -> None:
        """Show all lines, or only what changes."""
        self._pair()

    def on_resize(self) -> None:
        """Draw for the new width."""
        self._fill()

    def action_toggle_sides(self) -> None:
        """Side by side, or one below the other."""
        self.sides = "no" if self.side_by_side else "yes"

    def action_toggle_context(self) -> None:
        """All lines, or only what changes."""
        self.whole = not self.whole
