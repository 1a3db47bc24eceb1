"""Judgement: which of all that matched is the root cause, and how sure one may be. Pure; takes data, returns data.

The rules, in the order of their strength:

1. What the service states outranks what the log hints; the specific outranks the generic.
2. Errors of a command that went on to succeed, of a phase that succeeded, and lines that merely print the word error
   count for little; errors after a recovery count for nothing much.
3. A cause that is a symptom of another one seen (``symptom_of`` in causes.toml) stands back behind it.
4. Of equals the first error of what failed outranks those it drags along.
5. What is strange to the place (a task's crash in a build log) counts for less.
6. What the text leaves open (``also`` of an entry) stands as a hypothesis of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from core.causes import CAUSES
from core.signatures.entry import Signature
from core.signatures.phases import Segments

__all__ = ["Clue", "Ranked", "rank", "weigh"]

_KIND_CAP = {"statement": 0.98, "specific": 0.96, "generic": 0.45, "hint": 0.35}
_LOG_FACTOR = {"failed": 0.98, "unknown": 0.95, "ok": 0.22}
_LATER = 0.6
_CLEARED = 0.15
_UNDER = 0.6
_DOMINATES = 0.42
_NEAR = 0.7
_EASY = 0.4
_ORDER_STEP = 0.03
_ORDER_MAX = 4
_CORROBORATION = 0.1
_OTHER_ACCOUNT = 0.85
_MAX_ARNS = 4000
_FLOOR = 0.08


@dataclass(frozen=True, slots=True)
class Clue:
    """One match, with what it is worth here.

    Attributes:
        signature: the entry that matched.
        line: line of the log from 1; None for the service's message.
        text: the line.
        groups: named groups of the match.
        stated: True when the service itself says it (message, or a phase context line).
        score: how likely it names the cause, 0–1.
    """

    signature: Signature
    line: int | None
    text: str
    groups: tuple[tuple[str, str], ...]
    stated: bool
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class Ranked:
    """A cause with its score and the clues for it, the best first.

    `open` marks an alternative that another cause's text leaves open.
    """

    cause: str
    score: float
    clues: tuple[Clue, ...]
    open: bool = False

    @property
    def hinted(self) -> bool:
        """Whether nothing but the words alone speaks for it."""
        return self.clues[0].signature.kind == "hint"


def weigh(clue: Clue, segments: Segments, noise: float, *, cleared: bool, fits: float = 1.0) -> Clue:
    """Return the clue with its score.

    Args:
        clue: the match.
        segments: what the log says about phases and commands.
        noise: factor of the strongest noise mark on the line; 1 without one.
        cleared: True when a recovery came after it.
        fits: how well the cause fits the place where this happened; 1 when well.
    """
    score = min(clue.signature.weight, _KIND_CAP[clue.signature.kind]) * fits
    if clue.line is None:
        return replace(clue, score=score)
    segment = segments.at(clue.line)
    first = segments.first_failed
    if clue.stated:
        # A phase's context line is the service's own word; of a later phase it tells what the first failure led to.
        return replace(clue, score=score * (_LATER if first is not None and segment.phase != first.phase else 1.0))
    score *= _LOG_FACTOR[segment.status] * noise
    if first is not None and segment is not first and segment.status != "ok":
        score *= _LATER
    return replace(clue, score=score * _CLEARED if cleared else score)


def rank(clues: Iterable[Clue]) -> tuple[Ranked, ...]:
    """Return the causes, the likeliest first; those hardly worth a word are left out."""
    by_cause: dict[str, list[Clue]] = {}
    for clue in _ordered(clues):
        by_cause.setdefault(clue.signature.cause, []).append(clue)
    ranked = {cause: _merge(cause, found) for cause, found in by_cause.items()}
    _stand_back(ranked)
    for cause, item in {**_alternatives(ranked), **_across_accounts(ranked)}.items():
        held = ranked.get(cause)
        if held is None:
            ranked[cause] = item
        elif held.score < item.score:
            ranked[cause] = replace(held, score=item.score)
    best = sorted(ranked.values(), key=lambda item: (-item.score, item.open, item.clues[0].line or 0, item.cause))
    known = any(clue.signature.kind in {"statement", "specific"} for item in best for clue in item.clues[:1])
    return tuple(item for item in best if item.score >= _FLOOR and not (known and item.hinted))


def _ordered(clues: Iterable[Clue]) -> list[Clue]:
    """Take a little from each specific log clue for every other cause that was seen before it."""
    result = []
    before: list[str] = []
    for clue in sorted(clues, key=lambda item: (item.line is not None, item.line or 0)):
        if clue.line is None or clue.signature.kind in {"generic", "hint"} or clue.score < _DOMINATES:
            result.append(clue)
            continue
        cause = clue.signature.cause
        rank_of = before.index(cause) if cause in before else len(before)
        if rank_of == len(before):
            before.append(cause)
        result.append(replace(clue, score=clue.score * (1 - _ORDER_STEP * min(rank_of, _ORDER_MAX))))
    return result


def _merge(cause: str, clues: Sequence[Clue]) -> Ranked:
    best = sorted(clues, key=lambda clue: (-clue.score, not clue.stated, clue.line or 0))
    top = best[0]
    others = {
        (clue.signature.id, clue.stated)
        for clue in best[1:]
        if (clue.signature.id, clue.stated) != (top.signature.id, top.stated) and clue.score > top.score / 2
    }
    score = top.score + (1 - top.score) * _CORROBORATION * min(len(others), 2)
    return Ranked(cause, min(score, _KIND_CAP["statement"]), tuple(best))


def _stand_back(ranked: dict[str, Ranked]) -> None:
    """Let each cause stand back behind the strongest one that lies underneath it."""
    scores = {cause: item.score for cause, item in ranked.items()}
    for cause, item in ranked.items():
        mine = CAUSES[cause]
        under = [scores[other] for other in scores if mine.yields_to(other) and not CAUSES[other].yields_to(cause)]
        strongest = max(under, default=0.0)
        if strongest >= max(_DOMINATES, item.score * (_EASY if mine.yields_easily else _NEAR)):
            ranked[cause] = replace(item, score=min(item.score * _UNDER, strongest * 0.9))


def _alternatives(ranked: dict[str, Ranked]) -> dict[str, Ranked]:
    found: dict[str, Ranked] = {}
    for item in ranked.values():
        top = item.clues[0]
        for cause, share in top.signature.also:
            score = item.score * share
            if cause not in found or found[cause].score < score:
                found[cause] = Ranked(cause, score, (top,), open=True)
    return found


_ACCOUNT = re.compile(r"arn:aws[\w-]{0,10}:[\w-]{2,30}:[\w-]{0,30}:(\d{12}):")
_ONE_ACCOUNT = ("permission.", "artifact.", "s3deploy.", "source.connection-denied")


def _across_accounts(ranked: dict[str, Ranked]) -> dict[str, Ranked]:
    """When a denial names two accounts, the other account may not let the role in."""
    for item in sorted(ranked.values(), key=lambda item: -item.score):
        if item.cause.startswith(_ONE_ACCOUNT) and item.cause != "permission.explicit-deny":
            accounts = set(_ACCOUNT.findall(item.clues[0].text[:_MAX_ARNS]))
            if len(accounts) > 1:
                cause = "permission.cross-account"
                score = max(item.score * _OTHER_ACCOUNT, ranked[cause].score if cause in ranked else 0.0)
                return {cause: Ranked(cause, score, (item.clues[0],), open=True)}
    return {}
