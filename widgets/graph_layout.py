"""Draws a stage graph as lines of Content, and tells where each thing that can be selected stands."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from textual.content import Content
from textual.geometry import Region

from widgets.graph_model import Entry, GraphStage, GraphTransition, Spot, ordered
from widgets.ink import fit, inked, join
from widgets.status import MARKS, Tone

_LOUD = frozenset({Tone.FAILED, Tone.STUCK})
_ARROW_WIDTH = 5
_LEAD = 6
_MIN_BOX, _TIGHT_BOX, _WIDE_BOX, _MAX_BOX = 18, 24, 30, 40

Painter = Callable[[Content, Spot], Content]
"""Lays the cursor's style over what belongs to the selected spot."""


@dataclass(slots=True)
class Drawing:
    """A drawn graph.

    Attributes:
        lines: Each exactly `width` cells where the graph is horizontal.
        regions: Where each spot stands, in cells from the top left of the graph.
        width: Cells of the widest line.
    """

    lines: list[Content] = field(default_factory=list)
    regions: dict[Spot, Region] = field(default_factory=dict)
    width: int = 0


@dataclass(frozen=True, slots=True)
class Look:
    """How to draw.

    Attributes:
        paint: Applied to the selected spot's lines.
        running: Glyph of running things at this moment.
    """

    paint: Painter
    running: str = MARKS[Tone.RUNNING].glyph

    def glyph(self, tone: Tone) -> Content:
        """Give a tone's glyph in its colour."""
        mark = MARKS[tone]
        return inked(self.running if tone is Tone.RUNNING else mark.glyph, mark.style)


def box_width(stage: GraphStage, cap: int = _MAX_BOX) -> int:
    """Give how wide a stage's box is, borders included, and at most `cap`."""
    inside = [len(stage.name) + 6]
    for action in stage.actions:
        inside.append(_LEAD + len(action.name) + 3)
        inside.append(_LEAD + len(_second_line(action.provider, action.detail)) + 2)
    return min(max(max(inside) + 2, _MIN_BOX), cap)


def _box_cap(stages: Sequence[GraphStage], width: int) -> int:
    """Give the widest boxes with which everything fits in `width`; the narrowest where nothing does."""
    arrows = _ARROW_WIDTH * max(len(stages) - 1, 0)
    for cap in range(_MAX_BOX, _TIGHT_BOX, -1):
        if sum(box_width(stage, cap) for stage in stages) + arrows <= width:
            return cap
    return _WIDE_BOX


def natural_width(stages: Sequence[GraphStage]) -> int:
    """Give the cells that the horizontal drawing takes with its boxes as narrow as is still good to read."""
    return sum(box_width(stage, _TIGHT_BOX) for stage in stages) + _ARROW_WIDTH * max(len(stages) - 1, 0)


def _second_line(provider: str, detail: str) -> str:
    return f"{provider} · {detail}" if provider and detail else provider or detail


def _border(tone: Tone) -> str:
    return MARKS[tone].style if tone in _LOUD or tone is Tone.RUNNING else "$foreground 45%"


def _entry_lines(entry: Entry, width: int, look: Look) -> tuple[Content, Content]:
    action = entry.action
    emphasis = "bold $foreground" if action.tone in _LOUD else "$foreground"
    below = MARKS[action.tone].style.removeprefix("bold ") if action.tone in _LOUD else "$foreground-muted"
    first = join(inked(f"{entry.order:>2} {entry.joint} ", "$foreground-muted"), look.glyph(action.tone), " ")
    name = fit(inked(action.name, emphasis), width - first.cell_length - 1)
    second = inked(f"   {entry.continues}   ", "$foreground-muted")
    about = fit(inked(_second_line(action.provider, action.detail), below), width - second.cell_length - 1)
    return join(first, name, " "), join(second, about, " ")


def _box(stage: GraphStage, width: int, height: int, look: Look) -> tuple[list[Content], dict[Spot, Region]]:
    """Draw one stage as a box of `width` x `height`."""
    style = _border(stage.tone)
    inner = width - 2
    name = join(" ", look.glyph(stage.tone), " ", inked(stage.name, "bold $foreground"), " ")
    if name.cell_length > inner - 2:
        name = fit(name, inner - 2)
    rule = inner - 1 - name.cell_length
    lines = [join(inked("╭─", style), name, inked("─" * rule + "╮", style))]
    regions: dict[Spot, Region] = {}
    edge = inked("│", style)
    for entry in ordered(stage):
        spot = Spot(stage.name, entry.action.name)
        regions[spot] = Region(1, len(lines), inner, 2)
        lines += [join(edge, look.paint(line, spot), edge) for line in _entry_lines(entry, inner, look)]
    while len(lines) < height - 1:
        lines.append(join(edge, " " * inner, edge))
    lines.append(inked("╰" + "─" * inner + "╯", style))
    return lines, regions


def _arrow(stage: GraphStage, height: int, look: Look) -> list[Content]:
    """Draw the way into a stage as a column of `height` lines."""
    blank = Content(" " * _ARROW_WIDTH)
    lines = [blank] * height
    if stage.transition is not None:
        shape = inked(" ──▶ ", "$foreground 70%") if stage.transition.enabled else inked(" ─⊘─ ", MARKS[Tone.OFF].style)
        lines[1] = look.paint(shape, Spot(stage.name))
    return lines


def draw_across(stages: Sequence[GraphStage], width: int, look: Look) -> Drawing:
    """Draw the stages from left to right as boxes of one height, with the transitions between them as arrows.

    The drawing is at most `width` cells wide where narrower boxes can bring that about.
    """
    cap = _box_cap(stages, width)
    drawing = Drawing()
    height = 2 + max((2 * len(stage.actions) for stage in stages), default=0)
    height = max(height, 3)
    columns: list[list[Content]] = []
    x = 0
    for i, stage in enumerate(stages):
        if i:
            columns.append(_arrow(stage, height, look))
            if stage.transition is not None:
                drawing.regions[Spot(stage.name)] = Region(x, 1, _ARROW_WIDTH, 1)
            x += _ARROW_WIDTH
        box = box_width(stage, cap)
        lines, regions = _box(stage, box, height, look)
        columns.append(lines)
        for spot, region in regions.items():
            drawing.regions[spot] = region.translate((x, 0))
        x += box
    drawing.width = x
    drawing.lines = [join(*(column[line] for column in columns)) for line in range(height)] if columns else []
    return drawing


def _down_transition(transition: GraphTransition, width: int) -> Content:
    if transition.enabled:
        return fit(inked("  ▼", "$foreground 70%"), width)
    detail = f" · {transition.detail}" if transition.detail else ""
    return fit(inked(f"  ⊘ disabled{detail}", MARKS[Tone.OFF].style), width)


def draw_down(stages: Sequence[GraphStage], width: int, look: Look) -> Drawing:
    """Draw the stages one below the other, one line an action, for narrow places."""
    drawing = Drawing(width=width)
    for stage in stages:
        if stage.transition is not None:
            spot = Spot(stage.name)
            drawing.regions[spot] = Region(0, len(drawing.lines), width, 1)
            drawing.lines.append(look.paint(_down_transition(stage.transition, width), spot))
        head = join("  ", look.glyph(stage.tone), " ", inked(stage.name, "bold $foreground"))
        drawing.lines.append(fit(head, width))
        for entry in ordered(stage):
            spot = Spot(stage.name, entry.action.name)
            drawing.regions[spot] = Region(0, len(drawing.lines), width, 1)
            drawing.lines.append(look.paint(_down_line(entry, width, look), spot))
    return drawing


def _down_line(entry: Entry, width: int, look: Look) -> Content:
    action = entry.action
    loud = action.tone in _LOUD
    lead = join(
        inked("  │", "$foreground 45%"),
        inked(f" {entry.order:>2} {entry.joint} ", "$foreground-muted"),
        look.glyph(action.tone),
        " ",
    )
    name_width = min(max(len(action.name), 18), max(width // 3, 10))
    name = fit(inked(action.name, "bold $foreground" if loud else "$foreground"), name_width)
    about = inked(
        _second_line(action.provider, action.detail),
        MARKS[action.tone].style.removeprefix("bold ") if loud else "$foreground-muted",
    )
    return join(lead, name, " ", fit(about, max(width - lead.cell_length - name_width - 1, 1)))
