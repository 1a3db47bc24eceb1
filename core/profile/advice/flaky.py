"""Actions that fail and then pass on the same revision."""

from __future__ import annotations

from core.age import duration
from core.profile.advice._words import by_hand
from core.profile.case import Advice, Case
from core.profile.flaky import flaky_actions
from core.profile.model import label

__all__ = ["advise"]

_URL = "https://docs.aws.amazon.com/codebuild/latest/userguide/test-reporting.html"
_MOST = 3


def advise(case: Case) -> list[Advice]:
    """One piece of advice for each of the actions that flip most often."""
    found = []
    for each in flaky_actions(case.history)[:_MOST]:
        newest = each.flakes[0]
        times = f"{len(each.flakes)} time{'' if len(each.flakes) == 1 else 's'}"
        lost = f" Retries cost {duration(each.lost_s)} in all." if each.lost_s else ""
        tests = case.extras.flaky_tests.get(each.node, ())
        found.append(
            Advice(
                cause="perf.flaky",
                title=f"{label(each.node)} failed and then passed on the same revision {times}",
                summary=(
                    f"{each.rate:.0%} of its {each.runs} runs failed although the revision was good.{lost} People "
                    "learn to press retry, and real failures pass unseen."
                ).replace("%", " %"),
                basis=f"measured on {each.runs} runs",
                nodes=(each.node,),
                lines=(
                    f"Failed: {newest.failed.external_id or newest.failed.id}",
                    f"Passed: {newest.passed.external_id or newest.passed.id}",
                    *(f"Test that failed then: {name}" for name in tests[:5]),
                ),
                fixes=(
                    by_hand(
                        f"perf.flaky.{each.node[1]}",
                        "Find what flips and take its cause away",
                        (
                            "Compare the two builds' reports or logs: what failed in one and passed in the other?",
                            "Usual causes: time and time zones, order, shared state, waits that are too short.",
                        ),
                        _URL,
                    ),
                ),
            )
        )
    return found
