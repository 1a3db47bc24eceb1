"""Deployments of one kind to several regions or targets one after another: a person says if they may go at once."""

from __future__ import annotations

from core.age import duration
from core.profile.advice._words import advice_fix, names, worth
from core.profile.advice.parallel import best_places, not_read
from core.profile.case import Advice, Case, Saving
from core.profile.edit import moves, plan_moves, words

__all__ = ["advise"]

_URL = "https://docs.aws.amazon.com/codepipeline/latest/userguide/actions-create-cross-region.html"
_WAVES = (
    "The same is deployed to several regions one after another. Side by side it is quicker, but a bad revision then "
    "reaches all of them at once: keep the order where it is a rollout by waves."
)
_TARGETS = (
    "A stage deploys to several targets one after another, and no artifact or variable passes between them. Side by "
    "side it is quicker; keep the order where one must be there before the next (an interface, a queue)."
)


def advise(case: Case) -> list[Advice]:
    """What it would save beyond what is safe in any case; whether one waits for another on purpose nobody can read."""
    wider = case.wider_graph
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
    deploys = [node for node in case.actions if any(node in pair for pair in case.graph.ordered.keys() - wider.ordered)]
    regions = len({case.actions[node].region or case.ref.place.region for node in deploys}) > 1
    unless = "they are no waves" if regions else "none needs another"
    current = case.facts.get("pipeline", not_read)
    plan = plan_moves(case.where, current, changed) if current.ok else None
    return [
        Advice(
            cause="perf.sequential-actions",
            title=f"Deploy {names(deploys)} side by side, if {unless}: {duration(outcome.saved_s)} saved",
            summary=_WAVES if regions else _TARGETS,
            saving=Saving(outcome.saved_s, outcome.low_s, outcome.high_s),
            basis=f"replayed on {outcome.runs} execution{'' if outcome.runs == 1 else 's'}, other moves included",
            nodes=tuple(changed),
            lines=words(case.places, changed),
            facts=(current.n,) if current.n else (),
            fixes=(
                advice_fix(
                    "perf.sequential-actions.regions",
                    "Deploy to these regions at once" if regions else "Deploy these at once",
                    plan,
                    (f"Be sure that {unless}.", *words(case.places, changed)),
                    _URL,
                ),
            ),
        )
    ]
