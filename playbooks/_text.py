"""What the text engine makes of an action's message and log, as findings; and the step that reads the message alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from core.fact import Evidence, Fact
from core.finding import Answer, Finding
from core.playbook import Facts, Step, Subject
from core.ranking import from_hypotheses
from core.signatures import Failure, Hypothesis, explain

from ._answers import failed, not_applicable, unknown

__all__ = ["message_step", "read_text", "text_findings"]

_MOST = 3


def read_text(subject: Subject, message: str, log: Sequence[str] = ()) -> tuple[Hypothesis, ...]:
    """What the engine says to a message and a log (lines without their ends)."""
    failure = Failure(stage=subject.stage.name, provider=subject.action.provider, message=message, log=log)
    return explain(failure)


def text_findings(
    subject: Subject, playbook: str, hypotheses: Sequence[Hypothesis], facts: tuple[int, ...] = ()
) -> tuple[Finding, ...]:
    """The likeliest hypotheses as findings of a playbook."""
    made = from_hypotheses(hypotheses[:_MOST], subject.stage.name, subject.action.name, facts)
    return tuple(replace(each, playbook=playbook) for each in made)


async def _nothing(subject: Subject, evidence: Evidence) -> Mapping[str, Fact]:
    del subject, evidence
    return {}


def message_step(playbook: str) -> Step:
    """The step that reads what the service itself said, without any call."""

    def judge(subject: Subject, facts: Facts) -> Answer:
        del facts
        state = subject.action_state
        if state.status != "Failed" and not state.error_message:
            return not_applicable("The action has not failed.")
        said = (state.error_message or state.summary).strip()
        if not said:
            return unknown("CodePipeline gives no message for this failure.")
        hypotheses = subject.hypotheses or read_text(subject, said)
        lines = [(0, line) for line in said.splitlines()[:6]]
        if not hypotheses:
            return unknown(f"No known failure reads like this: {said.splitlines()[0]}", lines=lines)
        best = hypotheses[0]
        detail = f"{best.title} ({round(best.confidence * 100)} % by its wording)."
        return failed(detail, findings=text_findings(subject, playbook, hypotheses), lines=lines)

    return Step(
        id="message",
        question="What does the service itself say?",
        why="The service's own words are the nearest to the cause; all other checks confirm or refute them.",
        reads=(),
        gather=_nothing,
        judge=judge,
    )
