"""Waiting behind other executions, behind a closed transition, or in CodeBuild's queue."""

from __future__ import annotations

from statistics import median

from core.age import duration
from core.profile.advice._words import by_hand, worth
from core.profile.case import Advice, Case, Saving
from core.profile.model import PastRun
from core.profile.numbers import percentile
from core.profile.spans import critical_path

__all__ = ["advise"]

_URL = "https://docs.aws.amazon.com/codepipeline/latest/userguide/concepts-how-it-works.html#concepts-how-it-works-executions"
_LIMITS_URL = "https://docs.aws.amazon.com/codebuild/latest/userguide/limits.html"
_USUAL_S = 5.0  # between stages where nothing is in the way
_BUSY_SHARE = 0.5  # of executions that found another one under way
_QUEUED_S = 15.0
_MODES = {
    "QUEUED": (
        "Executions take their turn one by one (mode QUEUED).",
        "PARALLEL lets each run by itself, where two deployments at once do no harm; SUPERSEDED drops those overtaken.",
    ),
    "SUPERSEDED": (
        "A stage takes one execution at a time, and a newer one overtakes those that wait (mode SUPERSEDED).",
        "Shorten or split the stage that holds the others; PARALLEL lets each run by itself, where that does no harm.",
    ),
    "PARALLEL": (
        "Executions run by themselves (mode PARALLEL); what waits here waits for builds or a closed transition.",
        "Look at concurrency limits of the build projects.",
    ),
}


def advise(case: Case) -> list[Advice]:
    """Waiting before stages by execution mode, and builds that queue."""
    return [*_stages(case), *_builds(case)]


def _waits(run: PastRun) -> list[tuple[str, float]]:
    legs = critical_path(run)
    return [
        (leg.run.stage, leg.wait_s - _USUAL_S)
        for number, leg in enumerate(legs)
        if not leg.after_failure
        and leg.wait_s > _USUAL_S
        and (number == 0 or legs[number - 1].run.stage != leg.run.stage)
    ]


def _stages(case: Case) -> list[Advice]:
    good = case.history.good
    waits = {run.id: _waits(run) for run in good}
    totals = [sum(seconds for _, seconds in waits[run.id]) for run in good]
    if not totals:
        return []
    mean = sum(totals) / len(totals)
    if not worth(case, max(median(totals), mean)):
        return []
    worst: dict[str, float] = {}
    for each in waits.values():
        for stage, seconds in each:
            worst[stage] = worst.get(stage, 0.0) + seconds
    stage = max(worst, key=lambda name: worst[name])
    busy = sum(_behind(case, run) for run in good) / len(good)
    mode = case.definition.execution_mode
    how, way = _MODES.get(mode, _MODES["SUPERSEDED"])
    lines = [how, f"{busy:.0%} of executions began while another was under way.".replace("%", " %")]
    if busy < _BUSY_SHARE / 2:
        lines.append("Few did: a transition that is closed at times, or approvals before it, may hold them instead.")
    return [
        Advice(
            cause="perf.queue-wait",
            title=f"Executions wait {duration(mean)} before stages, most before {stage}",
            summary=(
                f"Nothing runs for {duration(mean)} of a mean execution: the next stage is held by another one or "
                f"its transition is closed. One in ten waits longer than {duration(percentile(totals, 0.9))}."
            ),
            saving=Saving(median(totals), percentile(totals, 0.1), percentile(totals, 0.9)),
            basis=f"measured on {len(good)} executions",
            lines=tuple(lines),
            fixes=(
                by_hand(
                    "perf.queue-wait.mode",
                    "Change what executions wait for",
                    (
                        way,
                        "Move long checks out of the stage that holds the others.",
                        "Look who closes the transition.",
                    ),
                    _URL,
                ),
            ),
        )
    ]


def _behind(case: Case, run: PastRun) -> bool:
    return any(
        other.id != run.id and other.started_at < run.started_at < (other.ended_at or other.started_at)
        for other in case.history.runs
        if other.started_at > run.started_at - 7 * 86_400.0
    )


def _builds(case: Case) -> list[Advice]:
    found = []
    for project, nodes in case.projects.items():
        waits = {node: median(each.phase_s("QUEUED") for each in builds) for node, builds in nodes.items()}
        if max(waits.values()) < _QUEUED_S:
            continue
        saving = case.saving(waits, 0.5, 1.0)
        if saving is None or not worth(case, saving.saved_s):
            continue
        limit = case.extras.project(project).get("concurrentBuildLimit")
        line = f"The project's own limit is {limit:.0f} builds at a time." if isinstance(limit, int | float) else ""
        found.append(
            Advice(
                cause="perf.queue-wait",
                title=f"Builds of {project} queue {duration(max(waits.values()))}: {duration(saving.saved_s)} to save",
                summary="CodeBuild has taken the build and waits for room: the project's, the account's or a fleet's.",
                saving=saving,
                basis=case.basis("measured"),
                nodes=tuple(nodes),
                lines=(line,) if line else (),
                fixes=(
                    by_hand(
                        f"perf.queue-wait.{project}",
                        "Let more builds run at once",
                        (
                            "Raise or take away the project's concurrent build limit.",
                            "Ask for a higher account quota of concurrently running builds of this compute type.",
                        ),
                        _LIMITS_URL,
                    ),
                ),
            )
        )
    return found
