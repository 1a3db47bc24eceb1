"""The parts of a log as rows beside it: phases of the build, and within them the steps of an image's build. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core.age import duration
from core.text import sanitize
from tui.logs.phases import PhaseLine
from tui.logs.steps import Step
from widgets.log_outline import OutlineRow
from widgets.status import Tone

__all__ = ["outline_rows"]

_TONES = {"SUCCEEDED": Tone.OK, "STOPPED": Tone.STOPPED, "IN_PROGRESS": Tone.RUNNING, "": Tone.RUNNING}
_STEP = "  "  # steps stand in from their phase


def outline_rows(phases: Sequence[PhaseLine], steps: Sequence[Step], mask: Callable[[str], str]) -> list[OutlineRow]:
    """Return the rows in the order of the log; phases whose place is not known keep theirs among the phases.

    Args:
        phases: As the build ran through them.
        steps: In the order of their lines.
        mask: Hides what is secret in a step's instruction.
    """
    rows: list[OutlineRow] = []
    left = list(steps)
    for at, phase in enumerate(phases):
        rows.append(_phase_row(phase))
        following = next((each.line for each in phases[at + 1 :] if each.line is not None), None)
        while left and phase.line is not None and (following is None or left[0].line < following):
            rows.append(_step_row(left.pop(0), mask))
    return [*rows, *(_step_row(step, mask) for step in left)]


def _phase_row(phase: PhaseLine) -> OutlineRow:
    name = phase.name.lower().replace("_", " ")
    took = duration(phase.duration_s) if phase.duration_s is not None else ""
    return OutlineRow(sanitize(name), took, _TONES.get(phase.status, Tone.FAILED), phase.line)


def _step_row(step: Step, mask: Callable[[str], str]) -> OutlineRow:
    took = "cached" if step.cached else duration(step.duration_s) if step.duration_s is not None else ""
    return OutlineRow(_STEP + mask(sanitize(step.name)), took, _TONES.get(step.status, Tone.FAILED), step.line)
