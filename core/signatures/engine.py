"""From a failure's text to ranked causes: reads, weighs, ranks, and says what to do next."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from types import MappingProxyType

from core.causes import CAUSES
from core.signatures.base import KnowledgeBase, knowledge
from core.signatures.calibration import confidence_of
from core.signatures.context import fit, place_of
from core.signatures.entry import Signature
from core.signatures.extract import extract
from core.signatures.model import EvidenceLine, Explanation, Failure, Hypothesis
from core.signatures.normalise import is_quoted, message_lines, text_of, unflatten, unquote
from core.signatures.phases import Marker, Segments, read_marker
from core.signatures.rank import Clue, Ranked, rank, weigh
from core.signatures.scan import LogMatch, LogScanner, ScanResult

__all__ = ["LogReader", "examine", "explain"]

#: How many hypotheses are given unless asked otherwise.
LIMIT = 5
_MAX_EVIDENCE = 4
_MAX_TELLING = 5
_MAX_LOOK = 50
# A message of more lines than that is a log.
_MAX_SENTENCES = 6
_MAX_EXCERPT = 1200
_LEAST = 0.25
_SELDOM = 0.1
_ENOUGH = 3
_NOTHING_SAID = re.compile(
    r"^(?!.{0,400}(?:\bnot\b|fail|error|denied|unable|cannot|roll|unsuccessful))"
    r"(?:\s{0,20}(?:ok)\.?\s{0,20}$|.{0,200}\b(?:succeeded|success|successfully|completed?)\b.{0,60}$)",
    re.IGNORECASE,
)


def explain(failure: Failure, *, limit: int = LIMIT) -> tuple[Hypothesis, ...]:
    """Return the likeliest root causes of a failure, the likeliest first; empty when nothing is known."""
    return examine(failure, limit=limit).hypotheses


def examine(failure: Failure, *, limit: int = LIMIT, base: KnowledgeBase | None = None) -> Explanation:
    """Return all that reading the failure gives: causes, or the most telling lines when it is unknown.

    Args:
        failure: what failed, as text.
        limit: how many hypotheses at most.
        base: entries to look for; the program's own by default.
    """
    reader = LogReader(failure, base=base)
    reader.feed(text_of(failure.log))
    return reader.explanation(limit=limit)


class LogReader:
    """Explains a failure whose log is still coming: feed it, and ask at any time."""

    def __init__(
        self,
        failure: Failure | None = None,
        *,
        base: KnowledgeBase | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> None:
        """Start reading.

        Args:
            failure: stage, provider and message; its log is not read, feed it.
            base: entries to look for; the program's own by default.
            cancelled: asked between slices; True ends the work early.
        """
        self._failure = failure or Failure()
        self._base = base or knowledge()
        self._scanner = LogScanner(self._base, cancelled=cancelled)
        self._cancelled = cancelled
        self._quoted: bool | None = None
        self._rest = b""

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the log."""
        if self._quoted is None and data.strip():
            self._quoted = is_quoted(data)
        if not self._quoted:
            self._scanner.feed(data)
            return
        lines, end, rest = (self._rest + data).rpartition(b"\n")
        self._scanner.feed(unquote(lines) + end)
        self._rest = rest

    def feed_lines(self, lines: Sequence[str]) -> None:
        """Take the next whole lines of the log."""
        if lines:
            self.feed("\n".join(lines).encode("utf-8", "replace") + b"\n")

    def explanation(self, *, limit: int = LIMIT) -> Explanation:
        """Return what can be said so far."""
        if self._rest:
            self._scanner.feed(unquote(self._rest))
            self._rest = b""
        lines = unflatten(self._scanner.only_line.decode("utf-8", "replace"))
        if len(lines) == 1:
            return _judge(self._base, self._failure, self._scanner.result(), limit)
        scanner = LogScanner(self._base, cancelled=self._cancelled)
        scanner.feed_lines(lines)
        if not any(line.startswith("[Container]") for line in lines):
            # Nothing but words shows where its lines began: some of its sentences may have been torn apart.
            scanner.feed(self._scanner.only_line)
        return _on_one_line(_judge(self._base, self._failure, scanner.result(), limit))


def _on_one_line(found: Explanation) -> Explanation:
    """Return the explanation of a log that was split, with numbers as its reader counts: all stands on line 1."""
    hypotheses = tuple(
        replace(item, evidence=tuple(replace(line, line=line.line and 1) for line in item.evidence))
        for item in found.hypotheses
    )
    return Explanation(
        hypotheses,
        tuple(replace(line, line=line.line and 1) for line in found.telling),
        found.verdict,
        first_error_line=found.first_error_line and 1,
        cause_line=found.cause_line and 1,
        error_lines=found.error_lines and (1,),
    )


def _judge(base: KnowledgeBase, failure: Failure, scan: ScanResult, limit: int) -> Explanation:
    segments = Segments(scan.markers)
    lines = message_lines(failure.message)
    said = bool(lines) and not all(_NOTHING_SAID.match(line) for line in lines)
    errors = [number for number, text in scan.errors if segments.at(number).status != "ok" and _loud(base, text)]
    texts = (*lines, *(match.text for match in scan.matches), *(text for _, text in scan.errors[:_MAX_LOOK]))
    place = place_of(failure.provider, texts) or ("codebuild" if scan.markers else "")
    clues = [
        *_message_clues(base, failure, lines, place, alone=not scan.lines),
        *_log_clues(base, failure, scan, segments, place),
    ]
    only_words = all(clue.signature.kind == "hint" for clue in clues)
    healthy = not said and (segments.healthy or (not errors and only_words))
    ranked = () if healthy else rank(clues)
    hypotheses: tuple[Hypothesis, ...] = _falling([_hypothesis(item, ranked, lines, scan) for item in ranked[:limit]])
    verdict = "healthy" if healthy else "explained" if ranked and not ranked[0].hinted else "unknown"
    telling = _telling(lines, scan, errors) if verdict == "unknown" or _only_generic(ranked) else ()
    if verdict == "unknown":
        named = {item.cause for item in hypotheses}
        hypotheses = (*hypotheses, *(item for item in _otherwise(failure.provider, telling) if item.cause not in named))
    if telling:
        hypotheses = (*hypotheses, *_often(hypotheses, telling)[: max(limit - len(hypotheses), 0)])
    failed = segments.first_failed
    first = next((number for number in errors if failed is None or segments.at(number) is failed), None)
    return Explanation(
        hypotheses,
        telling,
        verdict,
        first_error_line=first if first is not None else (errors[0] if errors else None),
        cause_line=ranked[0].clues[0].line if ranked else None,
        error_lines=tuple(errors),
    )


def _otherwise(provider: str, telling: Sequence[EvidenceLine]) -> tuple[Hypothesis, ...]:
    """Return the little that is known of any failed action of the provider, when nothing else explains it."""
    wanted = provider.lower()
    cause = next((item for item in CAUSES.values() if wanted in map(str.lower, item.otherwise)), None)
    if cause is None or not telling:
        return ()
    summary = "Nothing more specific is known; the lines below are the most telling ones."
    return (
        Hypothesis(cause.id, _LEAST, cause.title, summary, tuple(telling), {}, cause.next, cause.playbooks, cause.link),
    )


def _often(known: Sequence[Hypothesis], telling: Sequence[EvidenceLine]) -> tuple[Hypothesis, ...]:
    """Return what most often lies behind the little that is known, while there is room among the first three."""
    named = {item.cause for item in known}
    likely = [CAUSES[name] for item in known[:1] for name in CAUSES[item.cause].often if name not in named]
    sure = min([_SELDOM, *(item.confidence for item in known)])
    summary = "The text does not tell; it is often what lies behind this."
    return tuple(
        Hypothesis(cause.id, sure, cause.title, summary, tuple(telling), {}, cause.next, cause.playbooks, cause.link)
        for cause in likely[: max(_ENOUGH - len(known), 0)]
    )


def _falling(hypotheses: Sequence[Hypothesis]) -> tuple[Hypothesis, ...]:
    """Let no cause sound surer than one ranked before it."""
    result: list[Hypothesis] = []
    for item in hypotheses:
        most = result[-1].confidence if result else 1.0
        result.append(item if item.confidence <= most else replace(item, confidence=most))
    return tuple(result)


def _loud(base: KnowledgeBase, text: str) -> bool:
    return all(mark.factor > 0.5 or not mark.search(text) for mark in base.noise)


def _message_clues(
    base: KnowledgeBase, failure: Failure, lines: Sequence[str], place: str, *, alone: bool
) -> list[Clue]:
    """Match each line of the message, and the message as one line (services wrap their sentences).

    A message that is a log (people paste logs) is weighed as one: line by line, by its phases and its noise. Where the
    message is `alone`, because there is no log, it may hold what only logs say.
    """
    markers = [marker for number, line in enumerate(lines, 1) if (marker := read_marker(number, line))]
    pasted = bool(markers) or len(lines) > _MAX_SENTENCES
    segments = Segments(markers)
    contexts = _contexts(markers)
    texts = list(enumerate(lines, 1))
    if len(lines) > 1 and not pasted:
        texts.append((0, " ".join(lines)))
    clues: dict[str, Clue] = {}
    for number, text in texts:
        for index, places in base.candidates(text.lower()):
            if index >= len(base.signatures):
                continue
            signature = base.signatures[index]
            if (signature.where == "log" and not (pasted or alone)) or not _applies(signature, failure, place):
                continue
            found = signature.search(text, places)
            if found is None:
                continue
            groups = tuple((name, value) for name, value in found.groupdict().items() if value)
            stated = not pasted or number in contexts
            line, noise = (number or None, _noise(base, text)) if pasted else (None, 1.0)
            clue = Clue(signature, line, text, groups, stated=stated)
            clue = replace(weigh(clue, segments, noise, cleared=False, fits=_fits(signature, place)), line=None)
            held = clues.get(signature.id)
            if held is None or held.score < clue.score:
                clues[signature.id] = clue
    return list(clues.values())


def _contexts(markers: Sequence[Marker]) -> set[int]:
    """Return the lines on which the service itself says why a phase ended."""
    return {marker.line for marker in markers if marker.kind == "context" and marker.text}


def _noise(base: KnowledgeBase, text: str) -> float:
    return min((mark.factor for mark in base.noise if mark.search(text)), default=1.0)


def _applies(signature: Signature, failure: Failure, place: str) -> bool:
    """Whether the entry is for this action; where its provider is not told, the one its text shows counts."""
    return signature.applies(failure.provider or place, failure.stage)


def _fits(signature: Signature, place: str) -> float:
    return 1.0 if place in signature.providers else fit(place, signature.cause)


def _log_clues(base: KnowledgeBase, failure: Failure, scan: ScanResult, segments: Segments, place: str) -> list[Clue]:
    known = len(base.signatures)
    recoveries = [match for match in scan.matches if match.index >= known]
    contexts = _contexts(scan.markers)
    clues = []
    for match in scan.matches:
        if match.index >= known:
            continue
        signature = base.signatures[match.index]
        if not _applies(signature, failure, place):
            continue
        clue = Clue(signature, match.line, match.text, match.groups, stated=match.line in contexts)
        cleared = _cleared(base, signature.id, match, recoveries)
        noise = _noise(base, match.text)
        clues.append(weigh(clue, segments, noise, cleared=cleared, fits=_fits(signature, place)))
    return clues


def _cleared(base: KnowledgeBase, entry: str, match: LogMatch, recoveries: Sequence[LogMatch]) -> bool:
    known = len(base.signatures)
    return any(
        later.line > match.line and entry.startswith(base.recoveries[later.index - known].clears)
        for later in recoveries
    )


def _only_generic(ranked: Sequence[Ranked]) -> bool:
    return bool(ranked) and ranked[0].clues[0].signature.kind in {"generic", "hint"}


def _telling(lines: Sequence[str], scan: ScanResult, errors: Sequence[int]) -> tuple[EvidenceLine, ...]:
    """Return the lines most likely to say what happened: the message, the first and the last errors."""
    said = [EvidenceLine(None, line, is_cause=False) for line in lines[:2]]
    texts = dict(scan.errors)
    wanted = list(dict.fromkeys([*errors[:3], *errors[-2:]]))
    return tuple([*said, *(EvidenceLine(number, texts[number], is_cause=False) for number in wanted)][:_MAX_TELLING])


def _hypothesis(item: Ranked, ranked: Sequence[Ranked], lines: Sequence[str], scan: ScanResult) -> Hypothesis:
    top = item.clues[0]
    cause = CAUSES[item.cause]
    evidence: dict[tuple[int | None, str], EvidenceLine] = {}
    for clue in item.clues:
        if clue is top or clue.score > top.score / 2:
            evidence.setdefault((clue.line, clue.text), EvidenceLine(clue.line, _excerpt(clue), is_cause=clue is top))
    groups = _groups(item)
    texts = [line.text for line in evidence.values()]
    extracted = {**extract([*texts, *lines]), **groups}
    exits = next((marker for marker in scan.markers if marker.kind == "failed"), None)
    if exits is not None and cause.family == "build":
        if exits.detail:
            extracted.setdefault("exit_code", exits.detail)
        extracted.setdefault("command", exits.text)
    signature = top.signature
    advice = (*(() if item.open else signature.next), *((signature.apart,) if signature.apart else ()), *cause.next)
    return Hypothesis(
        cause=item.cause,
        confidence=confidence_of(item.score, [other.score for other in ranked if other is not item]),
        title=cause.title,
        summary=_say("" if item.open else signature.say, extracted)
        or f"{cause.meaning[:1].upper()}{cause.meaning[1:]}.",
        evidence=tuple(evidence.values())[:_MAX_EVIDENCE],
        extracted=MappingProxyType(extracted),
        next=tuple(dict.fromkeys(advice)),
        playbooks=cause.playbooks,
        link=cause.link,
        signature=signature.id,
    )


def _excerpt(clue: Clue) -> str:
    """Return the line; of a long one what stands around the match."""
    if len(clue.text) <= _MAX_EXCERPT:
        return clue.text
    found = clue.signature.search(clue.text)
    start = max(found.start() - _MAX_EXCERPT // 4, 0) if found else 0
    piece = clue.text[start : start + _MAX_EXCERPT]
    return ("…" if start else "") + piece + ("…" if start + _MAX_EXCERPT < len(clue.text) else "")


def _groups(item: Ranked) -> dict[str, str]:
    """Return what the patterns of the cause's entries name, the deciding line's own first."""
    groups: dict[str, str] = {}
    for clue in item.clues:
        for name, value in (*clue.groups, *_all_groups(clue)):
            groups.setdefault(name, value)
    return groups


def _all_groups(clue: Clue) -> Iterator[tuple[str, str]]:
    for pattern in clue.signature.patterns:
        if pattern.groupindex and (found := pattern.search(clue.text)):
            yield from ((name, value) for name, value in found.groupdict().items() if value)


def _say(template: str, names: dict[str, str]) -> str:
    """Fill the template's ``{name}`` places; empty when a name is missing."""
    try:
        return re.sub(r"\{(\w+)\}", lambda found: names[found[1]], template)
    except KeyError:
        return ""
