"""All ways to put a pipeline right, as a list to choose from: fixes of its causes, and forms. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.attention import FocusPoint
from core.finding import Finding, Fix
from core.forms import Form, forms_of

__all__ = ["Way", "ways_of"]

_BY_HAND = "by hand"


@dataclass(frozen=True, slots=True)
class Way:
    """One way: a fix, or a form on the stage and action of `point`."""

    label: str
    fix: Fix | None = None
    form: Form | None = None
    point: FocusPoint | None = None


def ways_of(findings: Sequence[Finding], *, read_only: bool = False) -> tuple[Way, ...]:
    """Return the fixes that the program makes first, then forms, then what is done by hand; each once.

    Of a guess beside the first finding, what is to be looked at by hand is no fix. In read-only mode there is nothing
    but instructions.
    """
    found: dict[str, Way] = {}
    for finding in findings:
        guess = not finding.proven and finding is not findings[0]
        for fix in finding.fixes:
            kind = f"automatic, {fix.risk.value} risk" if fix.plan else _by_hand(fix)
            if not (fix.plan and read_only) and not (guess and kind == _BY_HAND):
                found.setdefault(f"{fix.title} {kind}", Way(f"{fix.title}   ({kind})", fix))
        for form in () if read_only else forms_of(finding):
            point = FocusPoint(finding.stage, finding.action)
            where = f"{finding.stage} / {finding.action}" if finding.action else finding.stage
            words = f"{form.title}   (asks; {where})"
            found.setdefault(f"form {form.begins} {where}", Way(words, form=form, point=point))
    return tuple(sorted(found.values(), key=_order))


def _by_hand(fix: Fix) -> str:
    return "patch" if fix.repair else "waits for you" if fix.wait else _BY_HAND


def _order(way: Way) -> int:
    if way.fix is None:
        return 2
    return 0 if way.fix.plan else 1 if way.fix.repair or way.fix.wait else 3
