"""All the text there is of a failure, for judgements that ask what it speaks of. Pure."""

from __future__ import annotations

from core.playbook import Subject

__all__ = ["said_of"]


def said_of(subject: Subject) -> str:
    """The action's message, and the lines that decided the text engine's hypotheses."""
    evidence = (line.text for each in subject.hypotheses for line in each.evidence)
    message = subject.action_state.error_message or subject.action_state.summary
    return "\n".join(dict.fromkeys([message, *evidence]))
