"""The rules that give advice: one file a rule, each a pure function from a case to advice."""

from __future__ import annotations

from core.profile.advice import (
    approval,
    artifact,
    cache,
    compute,
    deploy,
    flaky,
    parallel,
    provisioning,
    queue,
    regions,
    regression,
    split,
)
from core.profile.case import Advice, Case, Rule

__all__ = ["RULES", "all_advice"]

RULES: tuple[Rule, ...] = (
    parallel.advise,
    regions.advise,
    split.advise,
    cache.advise,
    artifact.advise,
    compute.advise,
    provisioning.advise,
    deploy.advise,
    approval.advise,
    queue.advise,
    regression.advise,
    flaky.advise,
)


def all_advice(case: Case) -> tuple[Advice, ...]:
    """Return what every rule says, with what it costs, what saves most first."""
    found = [case.priced(each) for rule in RULES for each in rule(case)]
    return tuple(sorted(found, key=lambda each: -each.saved_s))
