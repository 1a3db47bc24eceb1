"""Words that several rules share."""

from __future__ import annotations

from collections.abc import Sequence

from core.finding import Fix
from core.plan import Plan, Risk
from core.profile.case import Case
from core.profile.model import Node, label

__all__ = ["MIN_SAVED_S", "advice_fix", "by_hand", "names", "regions_of", "worth"]

MIN_SAVED_S = 10.0
_LEAST_SHARE = 0.02  # of the median execution


def worth(case: Case, saved_s: float) -> bool:
    """Whether a saving is worth a person's attention: ten seconds and two per cent of the median execution."""
    return saved_s >= MIN_SAVED_S and saved_s >= _LEAST_SHARE * case.median_s


def by_hand(fix_id: str, title: str, steps: Sequence[str], url: str = "", commands: Sequence[str] = ()) -> Fix:
    """Instructions for a person."""
    return Fix(fix_id, title, Risk.LOW, None, tuple(steps), tuple(commands), url)


def advice_fix(fix_id: str, title: str, plan: Plan | None, steps: Sequence[str], url: str = "") -> Fix:
    """A fix through the wizard where there is a plan, else by hand."""
    return Fix(fix_id, title, plan.risk if plan else Risk.LOW, plan, tuple(steps), (), url)


def names(nodes: Sequence[Node]) -> str:
    """``Unit, Lint, E2E and 2 more``; with their stages where two have one name."""
    alike = len({action for _, action in nodes}) < len(nodes)
    shown = ", ".join(label(node) if alike else node[1] for node in nodes[:3])
    return f"{shown} and {len(nodes) - 3} more" if len(nodes) > 3 else shown


def regions_of(case: Case, node: Node) -> str:
    """The region of an action where it is not the pipeline's; empty otherwise."""
    region = case.actions[node].region if node in case.actions else ""
    return "" if region == case.ref.place.region else region
