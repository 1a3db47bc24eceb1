"""The line at the top: where we look, how it stands, what may be done, and how fresh it all is."""

from __future__ import annotations

from dataclasses import dataclass, field

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from widgets.ink import inked, join
from widgets.status import Tone, count

__all__ = ["Bar", "TopBar"]


@dataclass(frozen=True, slots=True)
class Bar:
    """What the line shows.

    Attributes:
        where: profile, account and regions, short.
        counts: (tone, number, word) in the order of urgency.
        mode: ``read-only`` or empty.
        pulse: calls a second and age of the newest answer.
        mark: the one context that is meant, on its colour; empty where there are several, or it has none.
    """

    where: str = ""
    counts: tuple[tuple[Tone, int, str], ...] = ()
    mode: str = ""
    pulse: str = ""
    mark: Content = field(default_factory=lambda: Content(""))


class TopBar(Widget):
    """One line; what does not fit goes, the least important first."""

    DEFAULT_CSS = """
    TopBar { height: 1; background: $panel; color: $foreground; padding: 0 1; }
    """

    bar: reactive[Bar] = reactive(Bar())

    def __init__(self, bar: Bar | None = None, *, id: str | None = None) -> None:  # noqa: A002 (Textual's own name)
        super().__init__(id=id)
        self.set_reactive(TopBar.bar, bar or Bar())

    def render(self) -> Content:
        """Lay out the parts: name and place at the left, freshness at the right, counts between."""
        bar, width = self.bar, self.size.width - 2
        shown = [count(*each) for each in bar.counts if each[1]]
        left: list[Content | str] = [inked("pipemedic", "bold $text-accent"), "  "]
        left += [bar.mark, " ", bar.where] if bar.mark else [bar.where]
        right = join(
            inked(bar.mode, "bold $text-warning"), "  " if bar.mode else "", inked(bar.pulse, "$foreground-muted")
        )
        middle = join(*(join(each, "  ") for each in shown))
        line = join(*left, "   ", middle)
        if line.cell_length + right.cell_length + 1 > width:
            right = inked(bar.mode, "bold $text-warning")
        if line.cell_length + right.cell_length + 1 > width:
            line = join(left[0], "  ", *((bar.mark, " ") if bar.mark else ()), middle)
        spare = width - line.cell_length - right.cell_length
        return join(line, " " * max(spare, 1), right)
