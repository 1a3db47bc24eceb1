"""Makes the program's own `Playbook` objects of what a file means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import partial

from aws.iam_actions import iam_action
from core.finding import Answer
from core.playbook import Playbook, Step, Subject, always
from core.signatures.normalise import MAX_LINE
from tui.team.expression import BadExpression, Expression
from tui.team.judge import judge, told
from tui.team.reads import LOG_READS, gather
from tui.team.scope import condition_of, said_by, scope_of
from tui.team.spec import AppliesSpec, BookSpec, StepSpec

__all__ = ["playbook_of"]

_MOST_LINES = 40


def playbook_of(spec: BookSpec) -> Playbook:
    """Return the playbook that a file describes."""
    causes = dict.fromkeys(found.cause for step in spec.steps for found in step.findings)
    return Playbook(
        id=spec.id,
        title=spec.title,
        summary=spec.summary,
        steps=tuple(_step(each, spec.id) for each in spec.steps),
        applies=partial(_applies, spec.applies),
        causes=tuple(sorted(causes)),
    )


def _step(spec: StepSpec, playbook: str) -> Step:
    reads = [iam_action(call.service, call.operation) for call in spec.calls]
    reads += LOG_READS if spec.log else ()
    return Step(
        id=spec.id,
        question=spec.question,
        why=spec.why,
        reads=tuple(dict.fromkeys(reads)),
        gather=partial(gather, spec),
        judge=partial(judge, spec, playbook),
        after=spec.after,
        when=partial(_when, spec.when) if spec.when else always,
        told=partial(told, spec, playbook) if spec.ask else None,
    )


def _when(condition: Expression, subject: Subject, answers: Mapping[str, Answer]) -> bool:
    """Whether a step's condition is true; one that cannot be worked out keeps no question from being asked."""
    scope = {**scope_of(subject), "answers": {name: each.verdict.value for name, each in answers.items()}}
    try:
        return bool(condition.of(scope))
    except BadExpression:
        return True


def _applies(spec: AppliesSpec, subject: Subject) -> float:
    """The playbook's fit where every condition holds, else 0."""
    fits = (
        not spec.category or subject.action.category in spec.category,
        not spec.provider or subject.action.provider in spec.provider,
        not spec.pipeline or any(fnmatchcase(subject.ref.name, each) for each in spec.pipeline),
        not spec.condition or condition_of(subject) in spec.condition,
    )
    return spec.fit if all(fits) and (not spec.error or _says(spec.error, subject)) else 0.0


def _says(pattern: str, subject: Subject) -> bool:
    lines = said_by(subject).splitlines()[:_MOST_LINES]
    return any(re.search(pattern, line[:MAX_LINE]) for line in lines)
