"""Time that people take."""

from __future__ import annotations

from statistics import median

from core.age import duration
from core.profile.advice._words import by_hand, worth
from core.profile.case import Advice, Case
from core.profile.model import label
from core.profile.numbers import percentile

__all__ = ["advise"]

_URL = "https://docs.aws.amazon.com/codepipeline/latest/userguide/approvals.html"
_SOON_S = 15 * 60.0
_LONG_S = 30 * 60.0


def advise(case: Case) -> list[Advice]:
    """One piece of advice for each approval that waits long."""
    found = []
    for node, declared in case.actions.items():
        runs = case.runs_of.get(node, ())
        if declared.category != "Approval" or not runs:
            continue
        waits = [run.took_s for run in runs]
        usual = median(waits)
        saving = case.saving({node: usual - min(usual, _SOON_S)}, 0.0, 1.0)
        if usual < _LONG_S or saving is None or not worth(case, saving.saved_s):
            continue
        steps = ["Ask whether a condition (an alarm, a deployment window) could decide instead of a person."]
        if not declared.configuration.get("NotificationArn"):
            steps.insert(0, "Give the approval an SNS topic (NotificationArn): nobody is told of it now.")
        if not declared.configuration.get("ExternalEntityLink"):
            steps.append("Give it an ExternalEntityLink, so that whoever decides sees what is decided.")
        found.append(
            Advice(
                cause="perf.approval-wait",
                title=f"{label(node)} waits {duration(usual)} for a person",
                summary=(
                    f"Half of {len(waits)} approvals took longer than {duration(usual)}, one in ten more than "
                    f"{duration(percentile(waits, 0.9))}. Answered within {duration(_SOON_S)}, the median execution "
                    f"would end {duration(saving.saved_s)} earlier."
                ),
                saving=saving,
                basis=case.basis("measured"),
                nodes=(node,),
                fixes=(by_hand(f"perf.approval-wait.{node[1]}", "Have it answered sooner", steps, _URL),),
            )
        )
    return found
