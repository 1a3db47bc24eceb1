"""All the text there is of a failure, for judgements that ask what it speaks of. Pure."""

from __future__ import annotations

from core.causes import CAUSES
from core.playbook import Subject
from core.signatures import Hypothesis

__all__ = ["otherwise", "said_of", "speaks_for"]

_NEAR = 0.25  # so much surer the best reading may be than one that still counts
_PLAIN = 0.6  # from this confidence on a text counts as saying something plainly


def said_of(subject: Subject) -> str:
    """The action's message, and the lines that decided the text engine's hypotheses."""
    evidence = (line.text for each in subject.hypotheses for line in each.evidence)
    message = subject.action_state.error_message or subject.action_state.summary
    return "\n".join(dict.fromkeys([message, *evidence]))


def speaks_for(subject: Subject, *causes: str) -> bool:
    """Whether the message reads (nearly) best like one of these causes, or like a mere symptom of one."""
    best = max((each.confidence for each in subject.hypotheses), default=0.0)
    near = [each for each in subject.hypotheses if each.confidence >= max(0.3, best - _NEAR)]
    return any(each.cause in causes or _yields(each, causes) for each in near)


def otherwise(subject: Subject, *causes: str, symptoms: bool = True) -> bool:
    """Whether the message plainly says something else than these causes.

    What is not there now proves little against it: it may have been deleted since, or not be shown to the caller.
    Without `symptoms`, a message that reads like a mere symptom of a cause says something else too.
    """
    if not subject.hypotheses:
        return False
    if not symptoms:
        heard = [each.cause for each in subject.hypotheses if each.confidence >= 0.3]
        return bool(heard) and not set(heard) & set(causes)
    return not speaks_for(subject, *causes) and subject.hypotheses[0].confidence >= _PLAIN


def _yields(hypothesis: Hypothesis, causes: tuple[str, ...]) -> bool:
    known = CAUSES.get(hypothesis.cause)
    return known is not None and any(known.yields_to(cause) for cause in causes)
