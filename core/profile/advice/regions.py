"""The same deployed to several regions one after another, in stages of their own or named as waves: for a person."""

from __future__ import annotations

from core.age import duration
from core.profile.advice._words import advice_fix, names, worth
from core.profile.advice.parallel import best_places, not_read
from core.profile.case import Advice, Case, Saving
from core.profile.edit import moves, plan_moves, words
from core.profile.graph import graph_of

__all__ = ["advise"]

_URL = "https://docs.aws.amazon.com/codepipeline/latest/userguide/actions-create-cross-region.html"


def advise(case: Case) -> list[Advice]:
    """What it would save beyond what is safe in any case; whether the regions are waves on purpose nobody can read."""
    wider = graph_of(case.definition, case.shut, waves=False)
    if wider.ordered == case.graph.ordered:
        return []
    best, safe = best_places(case, wider), best_places(case)
    if best is None:
        return []
    places, outcome = best
    already = safe[1].saved_s if safe else 0.0
    if not worth(case, outcome.saved_s - already):
        return []
    changed = moves(case.places, places)
    regions = [node for node in changed if node in wider.effects]
    current = case.facts.get("pipeline", not_read)
    plan = plan_moves(case.where, current, changed) if current.ok else None
    return [
        Advice(
            cause="perf.sequential-actions",
            title=f"Deploy {names(regions)} side by side, if they are no waves: {duration(outcome.saved_s)} saved",
            summary=(
                "The same is deployed to several regions one after another. Side by side it is quicker, but a bad "
                "revision then reaches all of them at once: keep the order where it is a rollout by waves."
            ),
            saving=Saving(outcome.saved_s, outcome.low_s, outcome.high_s),
            basis=f"replayed on {outcome.runs} execution{'' if outcome.runs == 1 else 's'}, other moves included",
            nodes=tuple(changed),
            lines=words(case.places, changed),
            facts=(current.n,) if current.n else (),
            fixes=(
                advice_fix(
                    "perf.sequential-actions.regions",
                    "Deploy to these regions at once",
                    plan,
                    ("Be sure that the order is no rollout by waves.", *words(case.places, changed)),
                    _URL,
                ),
            ),
        )
    ]
