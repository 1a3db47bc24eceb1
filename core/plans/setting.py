"""Plans that set something which can be read and set back: most fixes. Pure.

The read-back of the call proves it; the read-back of the way back is the precondition: what was read still stands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.fact import Fact
from core.place import PipelineRef, Place
from core.plan import Call, Check, Plan, Risk, Undo
from core.plans.readback import readback
from core.policy import as_text

__all__ = ["Setting", "Where", "check_of", "setting"]


@dataclass(frozen=True, slots=True)
class Where:
    """For which pipeline a change is made, through which profile and region, by a caller of which account."""

    place: Place
    account: str
    pipeline: str

    @classmethod
    def of(cls, ref: PipelineRef, account: str) -> Where:
        """Return the same, from a pipeline's reference."""
        return cls(ref.place, account, ref.name)


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing set.

    Attributes:
        id: what kind of change; `title` is a sentence in the imperative; `resource` an ARN or name.
        call: sets it; `back` sets it to what was read.
        back_words: the way back in words.
        before: what it is now; with `after` it makes the diff.
        basis: what it was planned from, for other ways to reach the same.
        present: what is there now as text like `before`, from the facts of the precondition.
    """

    id: str
    title: str
    resource: str
    call: Call
    back: Call
    back_words: str
    before: str
    after: str
    risk: Risk
    risk_note: str
    permissions: tuple[str, ...]
    syntax: str = "json"
    typed: str = ""
    affects: Sequence[str] = ()
    deadline_s: float = 60.0
    basis: Mapping[str, Any] = field(default_factory=dict)
    present: Callable[[tuple[Fact, ...]], str] | None = None


def check_of(call: Call, *, prefix: str = "", deadline_s: float = 60.0) -> Check:
    """Return the check that a call has taken effect.

    Raises:
        ValueError: the call leaves nothing to look at.
    """
    seen = readback(call)
    if seen is None:
        raise ValueError(f"{call.service}:{call.operation} cannot be read back")
    return Check(f"{prefix}{seen.describe}", seen.reads, seen.holds, deadline_s)


def setting(where: Where, change: Setting) -> Plan:
    """Return the plan of a change that sets something.

    Raises:
        ValueError: the call or its way back cannot be read back.
    """
    return Plan(
        id=change.id,
        title=change.title,
        place=where.place,
        account=where.account,
        pipeline=where.pipeline,
        resource=change.resource,
        call=change.call,
        risk=change.risk,
        risk_note=change.risk_note,
        precondition=check_of(change.back, prefix="Unchanged since it was read: "),
        verification=check_of(change.call, deadline_s=change.deadline_s),
        before=change.before,
        after=change.after,
        syntax=change.syntax,
        permissions=change.permissions,
        affects=tuple(change.affects),
        undo=Undo(change.back_words, change.back),
        typed=change.typed,
        basis=change.basis,
        present=change.present or _present(change),
    )


def _present(change: Setting) -> Callable[[tuple[Fact, ...]], str] | None:
    """How to tell what is there now in the form of `before`; None where that form is not the data itself."""
    seen = readback(change.back)
    shows = seen.shows if seen and change.syntax == "json" else None
    if shows is None:
        return None

    def present(facts: tuple[Fact, ...]) -> str:
        value = shows(facts)
        return as_text(value) if isinstance(value, Mapping) and value else ""

    return present
