"""The stages of a pipeline as a picture one can walk in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Region, Size, Spacing
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.timer import Timer

from widgets.graph_layout import Drawing, Look, draw_across, draw_down, natural_width
from widgets.graph_model import GraphAction, GraphStage, GraphTransition, Spot, across, along, spots, start_spot
from widgets.line_view import LineView
from widgets.status import SPINNER, Tone

__all__ = ["GraphAction", "GraphStage", "GraphTransition", "Spot", "StageGraph"]

_PULSE_S = 0.25
_MARGIN = 1
_WALK = Binding.Group("Walk", compact=True)


class StageGraph(LineView):
    """Boxes from left to right where there is room (scrolling sideways), a list from top to bottom where not."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"stage-graph--selected"}
    DEFAULT_CSS = """
    StageGraph {
        height: auto;
        max-height: 60%;
        color: $foreground;
        overflow: auto;
        & > .stage-graph--selected { background: $foreground 10%; }
        &:focus > .stage-graph--selected { background: $primary 45%; text-style: bold; }
        &:ansi > .stage-graph--selected { background: transparent; text-style: none; }
        &:ansi:focus > .stage-graph--selected { background: transparent; text-style: bold underline; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "across(-1)", "Left", show=False, id="graph.left", tooltip="To the left", group=_WALK),
        Binding("right", "across(1)", "Right", show=False, id="graph.right", tooltip="To the right", group=_WALK),
        Binding("up,k", "along(-1)", "Up", show=False, id="graph.up", tooltip="Upwards", group=_WALK),
        Binding("down,j", "along(1)", "Down", show=False, id="graph.down", tooltip="Downwards", group=_WALK),
        Binding("enter", "open", "Open", id="graph.open", tooltip="Open the selected action"),
    ]

    direction: reactive[Literal["auto", "across", "down"]] = reactive("auto", init=False)
    """`auto` draws from top to bottom below `narrow` cells, across otherwise."""

    narrow: ClassVar[int] = 100

    @dataclass
    class ActionSelected(Message):
        """The cursor came to stand on an action."""

        graph: "StageGraph"
        stage: str
        action: str

        @property
        def control(self) -> "StageGraph":
            """The graph it happened in."""
            return self.graph

    @dataclass
    class ActionOpened(Message):
        """An action was opened with enter or a second click."""

        graph: "StageGraph"
        stage: str
        action: str

        @property
        def control(self) -> "StageGraph":
            """The graph it happened in."""
            return self.graph

    @dataclass
    class TransitionSelected(Message):
        """The cursor came to stand on the transition into a stage."""

        graph: "StageGraph"
        stage: str

        @property
        def control(self) -> "StageGraph":
            """The graph it happened in."""
            return self.graph

    @dataclass
    class TransitionOpened(Message):
        """The transition into a stage was opened with enter or a second click."""

        graph: "StageGraph"
        stage: str

        @property
        def control(self) -> "StageGraph":
            """The graph it happened in."""
            return self.graph

    def __init__(
        self,
        stages: Sequence[GraphStage] = (),
        *,
        direction: Literal["auto", "across", "down"] = "auto",
        name: str | None = None,
        id: str | None = None,  # noqa: A002 - Textual's own name for it
        classes: str | None = None,
    ) -> None:
        """Make a graph.

        Args:
            stages: What it shows; `sync` changes it.
            direction: See `StageGraph.direction`.
            name: As of any widget.
            id: As of any widget.
            classes: As of any widget.
        """
        super().__init__(name=name, id=id, classes=classes)
        self.set_reactive(StageGraph.direction, direction)
        self._stages: tuple[GraphStage, ...] = tuple(stages)
        self._spot: Spot | None = start_spot(self._stages)
        self._drawing: Drawing | None = None
        self._beat = 0
        self._pulse: Timer | None = None

    @property
    def stages(self) -> tuple[GraphStage, ...]:
        """What is shown."""
        return self._stages

    @property
    def selected(self) -> Spot | None:
        """What the cursor stands on; None where there is nothing."""
        return self._spot

    def sync(self, stages: Sequence[GraphStage]) -> None:
        """Show these stages. The cursor stays where it is as long as that exists."""
        stages = tuple(stages)
        if stages == self._stages:
            return
        self._stages = stages
        if self._spot not in spots(stages):
            self._spot = start_spot(stages)
            self._tell()
        self._redraw()
        self._set_pulse()

    def select(self, stage: str, action: str | None = None) -> bool:
        """Put the cursor on an action, or on the transition into a stage. False where that does not exist."""
        spot = Spot(stage, action)
        if spot not in spots(self._stages):
            return False
        self._go(spot)
        return True

    # Drawing

    def clear_drawn(self) -> None:
        """Forget the drawing."""
        self._drawing = None

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Give the height of the drawing, with a line for the scrollbar where it does not fit the width."""
        del container, viewport
        drawing = self._draw_for(width)
        return max(len(drawing.lines), 1) + (1 if drawing.width + 2 * _MARGIN > width else 0)

    def _draw_for(self, width: int) -> Drawing:
        look = Look(self._paint, SPINNER[self._beat % len(SPINNER)])
        room = max(width - 2 * _MARGIN, 1)
        return draw_down(self._stages, room, look) if self._is_down(width) else draw_across(self._stages, room, look)

    def _is_down(self, width: int) -> bool:
        if self.direction != "auto":
            return self.direction == "down"
        return width < self.narrow and natural_width(self._stages) + 2 * _MARGIN > width

    def _paint(self, content: Content, spot: Spot) -> Content:
        if spot != self._spot:
            return content
        style = self.get_visual_style("stage-graph--selected", partial=True)
        return content.stylize_before(style)

    def render_line(self, y: int) -> Strip:
        """Draw one line."""
        width = self.size.width
        drawing = self._current()
        number = self.scroll_offset.y + y
        base = self.base_style
        if number >= len(drawing.lines):
            return Strip.blank(width, base.rich_style)
        strip = self.draw(Content(" " * _MARGIN) + drawing.lines[number], base)
        left = self.scroll_offset.x
        return strip.crop_extend(left, left + width, base.rich_style)

    def _current(self) -> Drawing:
        if self._drawing is None:
            self._drawing = self._draw_for(self.scrollable_content_region.width)
            size = Size(self._drawing.width + 2 * _MARGIN, len(self._drawing.lines))
            if size != self.virtual_size:
                self.call_later(self._resize_to, size)
        return self._drawing

    def _resize_to(self, size: Size) -> None:
        self.virtual_size = size

    def _redraw(self) -> None:
        self.clear_drawn()
        self.refresh(layout=True)

    def watch_direction(self) -> None:
        """Draw the other way."""
        self._redraw()

    # Pulse of what runs

    def on_mount(self) -> None:
        """Begin to pulse where something runs and animations are on."""
        self._set_pulse()
        self._tell()

    def _set_pulse(self) -> None:
        runs = any(a.tone is Tone.RUNNING for stage in self._stages for a in stage.actions)
        wanted = runs and self.app.animation_level == "full"
        if wanted and self._pulse is None:
            self._pulse = self.set_interval(_PULSE_S, self._beat_once, name="stage-graph-pulse")
        elif not wanted and self._pulse is not None:
            self._pulse.stop()
            self._pulse, self._beat = None, 0

    def _beat_once(self) -> None:
        self._beat += 1
        self.clear_drawn()
        self.refresh()

    # Keys and mouse

    def _go(self, spot: Spot) -> None:
        moved, self._spot = spot != self._spot, spot
        self._drawing = None
        self._show(spot)
        self.refresh()
        if moved:
            self._tell()

    def _show(self, spot: Spot) -> None:
        region = self._current().regions.get(spot)
        if region is not None:
            wide = Region(region.x, region.y, region.width + 2 * _MARGIN, region.height)
            self.scroll_to_region(wide, animate=False, spacing=Spacing(1, 4, 1, 4), force=True)

    def _tell(self) -> None:
        if self._spot is None:
            return
        if self._spot.action is None:
            self.post_message(self.TransitionSelected(self, self._spot.stage))
        else:
            self.post_message(self.ActionSelected(self, self._spot.stage, self._spot.action))

    def action_across(self, step: int) -> None:
        """Go to the left (-1) or right (1)."""
        if self._spot is not None:
            self._go(across(self._stages, self._spot, step))

    def action_along(self, step: int) -> None:
        """Go up (-1) or down (1)."""
        if self._spot is not None:
            whole = self._is_down(self.scrollable_content_region.width)
            self._go(along(self._stages, self._spot, step, whole=whole))

    def action_open(self) -> None:
        """Open what is selected."""
        if self._spot is None:
            return
        if self._spot.action is None:
            self.post_message(self.TransitionOpened(self, self._spot.stage))
        else:
            self.post_message(self.ActionOpened(self, self._spot.stage, self._spot.action))

    def on_resize(self) -> None:
        """Draw for the new width and keep the cursor in sight."""
        self._redraw()
        if self._spot is not None:
            self.call_after_refresh(self._show, self._spot)

    def on_click(self, event: events.Click) -> None:
        """Select what was clicked; open it on the second click of a pair."""
        event.stop()
        offset = event.get_content_offset(self)
        if offset is None:
            return
        place = offset + self.scroll_offset - (_MARGIN, 0)
        for spot, region in self._current().regions.items():
            if region.contains_point(place):
                self._go(spot)
                if event.chain > 1:
                    self.action_open()
                return
