"""The stages of a pipeline as one mark each: `✓✓✗··`."""

from collections.abc import Iterable

from rich.text import Text

from widgets.status import MARKS, Tone

_LOUD = frozenset({Tone.FAILED, Tone.STUCK})


def stage_strip(tones: Iterable[Tone], limit: int = 12) -> Text:
    """Give one glyph a stage; a failing one is set in reverse, so that it stands out without colour too.

    Args:
        tones: The stages in their order.
        limit: Greatest width in cells. Where there are more stages, those from the last loud one (or the last that is
            not idle) on stay, and `…` marks the cut.
    """
    stages = list(tones)
    cut_left = cut_right = False
    if len(stages) > limit:
        loud = [i for i, tone in enumerate(stages) if tone in _LOUD]
        reached = [i for i, tone in enumerate(stages) if tone is not Tone.IDLE]
        focus = loud[-1] if loud else (reached[-1] if reached else 0)
        room = max(limit - 2, 1)
        start = min(max(focus - room // 2, 0), len(stages) - room)
        cut_left, cut_right = start > 0, start + room < len(stages)
        stages = stages[start : start + room]
    strip = Text("…" if cut_left else "", no_wrap=True, end="")
    for tone in stages:
        mark = MARKS[tone]
        strip.append(mark.glyph, f"{mark.style} reverse" if tone in _LOUD else mark.style)
    if cut_right:
        strip.append("…")
    return strip
