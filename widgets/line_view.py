"""The base of every widget that draws its own lines: styles of the theme, no animated paging, nothing stale."""

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style as RichStyle
from textual.binding import Binding, BindingType
from textual.color import Color, ColorParseError
from textual.content import Content
from textual.css.tokenizer import TokenError
from textual.geometry import Region
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.style import Style

from widgets.ink import as_strip

_FAINT = RichStyle(dim=True, bold=False)


class LineView(ScrollView, can_focus=True, inherit_bindings=False):
    """A ScrollView on the line API that pages at once and draws over theme styles."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pageup", "page_up", "Page up", show=False, id="view.page-up", tooltip="One page up"),
        Binding("pagedown", "page_down", "Page down", show=False, id="view.page-down", tooltip="One page down"),
    ]
    DEFAULT_CSS = """
    LineView {
        scrollbar-size-vertical: 1;
        scrollbar-size-horizontal: 1;
        scrollbar-gutter: auto;
    }
    """

    def notify_style_update(self) -> None:
        """Drop what was drawn with the old styles (theme, focus, size)."""
        super().notify_style_update()
        self.clear_drawn()

    def clear_drawn(self) -> None:
        """Forget drawn lines. Subclasses that keep any override this."""

    def parse_style(self, expression: str) -> Style:
        """Resolve a style expression against the theme; one that does not parse gives no style."""
        try:
            return self.app.stylesheet.parse_style(expression)
        except (TokenError, ColorParseError, ValueError):
            return Style.null()

    def draw(self, content: Content, base: Style, width: int | None = None) -> Strip:
        """Draw one line of Content over a base style, padded or cropped to `width` cells where given."""
        strip = as_strip(content, base, self.parse_style)
        return strip if width is None else strip.adjust_cell_length(width, base.rich_style)

    @staticmethod
    def window(strip: Strip, left: int, width: int, style: RichStyle) -> Strip:
        """Give `width` cells of a strip from `left` on; what goes on to the right is marked with `›`."""
        if width > 0 and strip.cell_length > left + width:
            mark = Strip([Segment("›", style + _FAINT)], 1)
            return Strip.join([strip.crop_extend(left, left + width - 1, style), mark])
        return strip.crop_extend(left, left + width, style)

    def tinted(self, base: Style, expression: str) -> Style:
        """Give `base` with the parts of a style expression laid over it (`"on $primary 20%"`)."""
        return base + self.parse_style(expression)

    @property
    def base_style(self) -> Style:
        """The widget's own style; never without a background, so that what is drawn covers what was there."""
        style = self.visual_style
        if style.background is None:
            return Style(background=Color(0, 0, 0, 0), foreground=style.foreground)
        return style

    @property
    def page_height(self) -> int:
        """How many lines one page holds; at least one."""
        return max(self.scrollable_content_region.height, 1)

    def jump_to(self, x: int | None = None, y: int | None = None) -> None:
        """Scroll at once, without animation, and before the scrollbars have caught up with what was added."""
        self.scroll_to(x, y, animate=False, immediate=True, force=True)

    def refresh_row(self, row: int) -> None:
        """Draw one line of the screen again, counted from the top of the widget."""
        self.refresh(Region(0, row, max(self.size.width, 1), 1))

    def action_page_up(self) -> None:
        """Go up by a page."""
        self.jump_to(y=self.scroll_offset.y - self.page_height)

    def action_page_down(self) -> None:
        """Go down by a page."""
        self.jump_to(y=self.scroll_offset.y + self.page_height)
