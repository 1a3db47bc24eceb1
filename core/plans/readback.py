"""How to see that a change is there: for each mutating call, the reads that show what it sets. Pure.

With it a plan needs no judgement of its own: what is proven after a change is the read-back of its call, what is asked
before it is the read-back of the call that would take it back (the state as it was read), and what was done can be
undone later from the journal by the same rule.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.fact import Fact, Outcome
from core.plan import Call
from core.policy import document_of

__all__ = ["Readback", "covers", "document", "normal", "part", "readback"]

Facts = tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Readback:
    """The reads that show what a call sets, and whether their facts (in the reads' order) show it.

    `shows` gives what is there now, in the form of what the call sets, as JSON-like data.
    """

    describe: str
    reads: tuple[Call, ...]
    holds: Callable[[Facts], bool]
    shows: Callable[[Facts], Any] | None = None


def readback(call: Call, made: Mapping[str, str] | None = None) -> Readback | None:
    """Return how to see that a call has taken effect; None for a call that leaves nothing to look at.

    `made` names what the call has made (`Plan.made`), where that is known.
    """
    known = (call.service, call.operation)
    if made and known in _followers():
        return _followers()[known](call, made)
    make = _makers().get(known)
    return make(call) if make else None


def normal(value: Any) -> Any:
    """Return JSON-like data without empty members, so that a default left out equals a default written down."""
    if isinstance(value, Mapping):
        kept = {key: normal(item) for key, item in value.items()}
        return {key: item for key, item in kept.items() if item not in (None, "", [], {})}
    return [normal(item) for item in value] if isinstance(value, list | tuple) else value


def covers(have: Any, wanted: Any) -> bool:
    """Whether data holds all that is wanted of it; an empty wish holds where there is nothing.

    Members that AWS adds do not count; lists must match item by item.
    """
    if isinstance(wanted, Mapping):
        if not wanted:
            return not normal(have)
        return isinstance(have, Mapping) and all(covers(have.get(key), item) for key, item in wanted.items())
    if isinstance(wanted, list | tuple):
        if not wanted:
            return not normal(have)
        same = isinstance(have, list | tuple) and len(have) == len(wanted)
        return same and all(covers(one, other) for one, other in zip(have, wanted, strict=True))
    return bool(have == wanted) or (not wanted and not have)


def part(have: Any, wanted: Any) -> Any:
    """Return of what is there the members that are wanted."""
    if isinstance(wanted, Mapping) and wanted and isinstance(have, Mapping):
        return {key: part(have.get(key), item) for key, item in wanted.items()}
    return have


def document(fact: Fact, *path: str | int) -> dict[str, Any] | None:
    """Return the policy within an answer; empty where there is none, None where it could not be read."""
    if fact.outcome is Outcome.NO_DATA:
        return {}
    if not fact.ok:
        return None
    try:
        return document_of(fact.get(*path, default={}))
    except ValueError:
        return None


def _makers() -> Mapping[tuple[str, str], Callable[[Call], Readback]]:
    from core.plans import (  # noqa: PLC0415 (they import this)
        _readback_delivery,
        _readback_made,
        _readback_policies,
        _readback_services,
    )

    return {
        **_readback_policies.MAKERS,
        **_readback_delivery.MAKERS,
        **_readback_services.MAKERS,
        **_readback_made.MAKERS,
    }


def _followers() -> Mapping[tuple[str, str], Callable[[Call, Mapping[str, str]], Readback]]:
    from core.plans import _readback_made  # noqa: PLC0415 (it imports this)

    return _readback_made.FOLLOWERS
