"""Playbooks: what an expert would check, as ordered steps, and what they are run on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from core.fact import Evidence, Fact
from core.finding import Answer
from core.pipeline import ActionDecl, ActionState, Definition, Execution, PipelineState, StageDecl
from core.place import Identity, PipelineRef
from core.signatures import Hypothesis

__all__ = ["Facts", "Playbook", "Step", "Subject", "always"]

Facts = Mapping[str, Fact]
_NO_ANSWERS: Mapping[str, Answer] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Subject:
    """What is diagnosed: a pipeline, and within it the stage and action that failed, wait or are asked about.

    Attributes:
        hypotheses: what the engine made of the error message and the log so far, likeliest first.
        now: epoch seconds at the start of the run.
    """

    ref: PipelineRef
    identity: Identity
    definition: Definition
    state: PipelineState
    now: float
    stage: StageDecl
    action: ActionDecl
    action_state: ActionState = field(default_factory=lambda: ActionState(name=""))
    execution: Execution | None = None
    hypotheses: tuple[Hypothesis, ...] = ()

    @property
    def region(self) -> str:
        """The region in which the action runs."""
        return self.action.region or self.ref.place.region

    @property
    def role_arn(self) -> str:
        """The role that starts the action: its own, or the pipeline's."""
        return self.action.role_arn or self.definition.role_arn


def always(subject: Subject, answers: Mapping[str, Answer]) -> bool:
    """The condition of a step that is always asked."""
    del subject, answers
    return True


@dataclass(frozen=True, slots=True)
class Step:
    """One question.

    Attributes:
        id: short and stable, unique in its playbook.
        why: one sentence: why an expert asks this.
        reads: IAM actions that its reads need.
        gather: reads only; returns facts by name. Reads that do not depend on each other go side by side.
        judge: pure; turns the facts into an answer.
        after: ids of steps whose answers must be there first (`when` sees them).
        when: whether the step applies, given the answers so far; a step that does not is answered not-applicable.
        told: for a step that a person can answer: the answer where they say that it holds (True) or does not.
    """

    id: str
    question: str
    why: str
    reads: tuple[str, ...]
    gather: Callable[[Subject, Evidence], Awaitable[Facts]]
    judge: Callable[[Subject, Facts], Answer]
    after: tuple[str, ...] = ()
    when: Callable[[Subject, Mapping[str, Answer]], bool] = always
    told: Callable[[Subject, Facts, bool], Answer] | None = None


@dataclass(frozen=True, slots=True)
class Playbook:
    """Ordered steps for one kind of stage.

    Attributes:
        applies: how well it fits a subject: 0 not at all, 1 it is made for this; the best goes first.
        causes: ids of the vocabulary that it can name.
    """

    id: str
    title: str
    summary: str
    steps: tuple[Step, ...]
    applies: Callable[[Subject], float]
    causes: tuple[str, ...]
