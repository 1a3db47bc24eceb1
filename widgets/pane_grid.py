"""Panes in one place: laid out by a tree, resized by keys and mouse, one at a time where there is no room for all."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.geometry import NULL_OFFSET, NULL_SPACING, Offset, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from widgets.pane_tree import Axis, Border, Box, Leaf, Node, Plan, box_at, keys_of, move_border, plan

_LEAST = Size(38, 5)
"""A pane with less room than that makes the grid show one at a time."""


class _ByTree(Layout):
    """Places the panes that are shown where the grid's tree puts them."""

    name = "tree"

    def arrange(self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True) -> ArrangeResult:
        """Place."""
        del greedy
        if not isinstance(parent, PaneGrid):
            return []
        parent.pre_layout(self)
        boxes = parent.planned(size).boxes
        return [
            WidgetPlacement(Region(box.x, box.y, box.width, box.height), NULL_OFFSET, NULL_SPACING, child)
            for child in children
            if (box := boxes.get(parent.key_of(child))) is not None
        ]


class PaneGrid(Widget):
    """Shows panes; knows which one is the active one. Keys are given by whoever adds a pane."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"pane-grid--border"}
    DEFAULT_CSS = """
    PaneGrid {
        width: 1fr;
        height: 1fr;
        & > .pane-grid--border { color: $foreground 30%; }
    }
    """

    @dataclass
    class Changed(Message):
        """Another pane is active, or panes stand otherwise than before."""

        grid: "PaneGrid"

        @property
        def control(self) -> "PaneGrid":
            """The grid it happened in."""
            return self.grid

    def __init__(self, key: str, pane: Widget, *, id: str | None = None) -> None:  # noqa: A002 (Textual's own name)
        super().__init__(pane, id=id)
        self.panes: dict[str, Widget] = {key: pane}
        self.split: Node = Leaf(key)
        self.active = key
        self.zoomed = False
        self.alone: str | None = None  # a pane that stands in for all others
        self._borders: tuple[Border, ...] = ()
        self._dragged: Border | None = None
        self._by_tree = _ByTree()

    @property
    def layout(self) -> Layout:
        """Where panes stand is the tree's to say."""
        return self._by_tree

    @property
    def keys(self) -> tuple[str, ...]:
        """Panes in reading order."""
        return keys_of(self.split)

    def key_of(self, pane: Widget) -> str:
        """The key that a pane was added with."""
        return next((key for key, each in self.panes.items() if each is pane), "")

    @property
    def one_at_a_time(self) -> bool:
        """Whether but one pane is shown of several."""
        if len(self.keys) < 2 or self.alone is not None:
            return False
        return self.zoomed or self._cramped(self.split)

    def _cramped(self, tree: Node) -> bool:
        """Whether a pane would have too little room."""
        boxes = plan(tree, self.size.width, self.size.height).boxes.values()
        return any(box.width < _LEAST.width or box.height < _LEAST.height for box in boxes)

    def planned(self, size: Size) -> Plan:
        """Where the panes stand that are shown."""
        if self.alone is not None or self.one_at_a_time:
            found = Plan({self.alone or self.active: Box(0, 0, size.width, size.height)}, ())
        else:
            found = plan(self.split, size.width, size.height)
        self._borders = found.borders
        return found

    def settle(self) -> None:
        """Show what the tree says; call it after any change."""
        shown = self.planned(self.size).boxes
        for key, pane in self.panes.items():
            pane.display = key in shown
        self._clear_arrangement_cache()  # what is kept of the last layout does not know the tree
        self.refresh(layout=True)
        self.post_message(self.Changed(self))

    def activate(self, key: str) -> None:
        """Make a pane the active one and give it the keys."""
        if key not in self.panes:
            return
        self.active = key
        self.panes[key].display = True  # what holds the keys must be seen before the pane that held them is hidden
        self.panes[key].focus()
        self.settle()

    def step(self, by: int) -> None:
        """Go on to the next (1) or previous (-1) pane."""
        keys = self.keys
        if len(keys) > 1 and self.active in keys:
            self.activate(keys[(keys.index(self.active) + by) % len(keys)])

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """The pane that has the keys is the active one."""
        for node in event.widget.ancestors_with_self:
            if isinstance(node, Widget) and (key := self.key_of(node)) and key != self.alone:
                if key != self.active:
                    self.active = key
                    self.post_message(self.Changed(self))
                return

    def on_resize(self) -> None:
        """Show one at a time where there is no room for all."""
        self.settle()

    # Borders

    def render_line(self, y: int) -> Strip:
        """Draw the lines between panes."""
        base = self.visual_style.rich_style
        line = [" "] * self.size.width
        for border in self._borders:
            crossed = border.box.y <= y < border.box.y + border.box.height and border.box.x < len(line)
            if crossed and border.axis is Axis.BESIDE:
                line[border.box.x] = "│"
        style = base + self.get_component_rich_style("pane-grid--border")
        return Strip([Segment("".join(line), style)], len(line))

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Take hold of a border: the line between panes, or the header of a lower one."""
        at = self._inside(event)
        held = next((each for each in self._borders if _within(each.box, at)), None)
        if held is not None and event.button == 1:
            self._dragged = held
            self.capture_mouse()
            event.stop()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Move the border that is held."""
        if self._dragged is None:
            return
        event.stop()
        self.screen.clear_selection()  # a drag over lines would mark them
        at, path = self._inside(event), self._dragged.path
        box = box_at(self.split, path, self.size.width, self.size.height)
        if self._dragged.axis is Axis.BESIDE:
            share = (at.x - box.x) / max(box.width - 1, 1)
        else:
            share = (at.y - box.y) / max(box.height, 1)
        self.reshape(move_border(self.split, path, share))

    def reshape(self, tree: Node) -> None:
        """Move borders, unless a pane would lose the room that it needs to be seen."""
        if self.one_at_a_time or not self._cramped(tree):
            self.split = tree
            self.settle()

    def _inside(self, event: events.MouseEvent) -> Offset:
        """Where the mouse is in the grid, whichever pane the event was for."""
        return event.screen_offset - self.content_region.offset

    def on_mouse_up(self) -> None:
        """Let it go."""
        if self._dragged is not None:
            self._dragged = None
            self.release_mouse()
            self.screen.clear_selection()

    async def put(self, key: str, pane: Widget, tree: Node | None) -> None:
        """Add a pane; `tree` says where it stands, None that it is in none yet."""
        self.panes[key] = pane
        if tree is not None:
            self.split = tree
        pane.display = False
        await self.mount(pane)

    async def take_away(self, keys: Sequence[str]) -> None:
        """Remove panes that the tree no longer has."""
        for key in keys:
            await self.panes.pop(key).remove()


def _within(box: Box, at: Offset) -> bool:
    return box.x <= at.x < box.x + box.width and box.y <= at.y < box.y + box.height


__all__ = ["Axis", "PaneGrid"]
