"""An action as data: what it does, what it must read and ask first, and how its plan is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from core.attention import FocusPoint
from core.fact import Fact
from core.pipeline import Definition, Execution, PipelineState
from core.place import PipelineRef
from core.plan import Call, Plan
from core.plans.setting import Where

__all__ = ["Action", "Answers", "Ask", "Choice", "Situation"]

Answers = Mapping[str, str]
Facts = tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several answers: its value and how it reads."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Ask:
    """One question put before a plan is made.

    Attributes:
        name: of the answer; `label` is the question.
        hint: an example, or what an empty answer means.
        required: whether an empty answer is none.
        limit: most characters; 0 for no limit.
        choices: what to pick from; empty for free text.
    """

    name: str
    label: str
    hint: str = ""
    default: str = ""
    required: bool = False
    limit: int = 0
    choices: tuple[Choice, ...] = ()


def _no_asks(facts: Facts) -> tuple[Ask, ...]:
    del facts
    return ()


def _no_more(facts: Facts) -> tuple[Call, ...]:
    del facts
    return ()


@dataclass(frozen=True, slots=True)
class Action:
    """Something that can be done.

    Attributes:
        id: stable, unique in its menu; begins with what kind it is, e.g. ``retry-failed:Deploy``.
        consequence: what then happens, in one or two sentences.
        why_not: why it cannot be done now; empty where it can.
        reads: what must be read before it is asked and planned; `more` what else, given the facts of these. The facts
            of both, in this order, go to `asks` and `make`.
        asks: the questions, given the facts of the reads.
        make: the plan, given answers and facts; None where the facts do not allow it.
    """

    id: str
    title: str
    consequence: str
    why_not: str = ""
    reads: tuple[Call, ...] = ()
    more: Callable[[Facts], tuple[Call, ...]] = _no_more
    asks: Callable[[Facts], tuple[Ask, ...]] = _no_asks
    make: Callable[[Answers, Facts], Plan | None] | None = None

    @property
    def possible(self) -> bool:
        """Whether it can be done now."""
        return not self.why_not


@dataclass(frozen=True, slots=True)
class Situation:
    """A pipeline as it stands, freshly read.

    Attributes:
        executions: the newest ones, newest first.
        point: stage and action under the user's cursor, if any.
    """

    ref: PipelineRef
    account: str
    state: PipelineState
    definition: Definition
    executions: Sequence[Execution] = ()
    point: FocusPoint | None = None

    @property
    def where(self) -> Where:
        """The same for plans."""
        return Where.of(self.ref, self.account)

    @property
    def newest(self) -> str:
        """Id of the newest execution; empty where it has never run."""
        return self.executions[0].id if self.executions else ""
