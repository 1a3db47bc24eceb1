"""The selected pipeline in short: stages, the failed action's own words, the likeliest cause, what to press. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from textual.content import Content

from core.age import age, duration
from core.attention import Condition
from core.delivery import delivery
from core.diagnosis import Diagnosis
from core.finding import Finding
from core.pipeline import ActionState, PipelineSnapshot, PipelineState
from core.signatures import Hypothesis
from core.text import clip, sanitize
from tui.fleet_book import Entry
from tui.tones import condition_tone, confidence_word, stage_tones
from widgets.document import Block, choice, gap, outcome, paragraph
from widgets.ink import inked, join
from widgets.status import MARKS, Tone

__all__ = ["Glance", "preview"]

_STAGES = 10
_ERROR_LINES = 6
_ERROR_CHARS = 700
# Where the cause is known the error's first words are enough.
_ERROR_CHARS_KNOWN = 330
# An answer older than this says its age (s); what is on the screen is read more often, unless AWS does not answer.
_OLD_S = 30.0
_MOVES = frozenset({Condition.RUNNING, Condition.STUCK})
_NEEDS_HELP = frozenset({Condition.FAILED, Condition.STUCK, Condition.WAITING, Condition.OFF})


@dataclass(frozen=True, slots=True)
class Glance:
    """What is known of a pipeline at this moment.

    Attributes:
        diagnosis: what the playbooks found, once they have run on this state.
        hypothesis: what the error text alone says, before that.
        checking: whether the playbooks are running.
        trouble: why they could not.
        can_fix: whether changes may be made from here.
        mark: the context it is in, on its colour.
    """

    entry: Entry
    diagnosis: Diagnosis | None = None
    hypothesis: Hypothesis | None = None
    checking: bool = False
    trouble: str = ""
    can_fix: bool = False
    mark: Content | None = None


def preview(glance: Glance, now: float) -> tuple[Block, ...]:
    """Return the preview as a document."""
    entry = glance.entry
    found, place, snapshot = entry.assessment, entry.ref.place, entry.snapshot
    old = f"read {age(snapshot.read_at, now)} ago" if snapshot and now - snapshot.read_at > _OLD_S else ""
    where = inked(" · ".join(filter(None, (old, place.region, place.profile))), "$foreground-muted")
    if glance.mark:
        where = join(where, " ", glance.mark)
    blocks = [Block((inked(sanitize(entry.ref.name), "bold"),), note=where)]
    if snapshot is None or snapshot.state is None:
        words = sanitize(snapshot.error) if snapshot and snapshot.error else "reading …"
        return (*blocks, gap(), paragraph(words, muted=True))
    since = f"for {age(found.since, now)}" if found.since else ""
    blocks.append(outcome(condition_tone(found.condition), found.word, since))
    if found.condition in _MOVES and (expected := _expected(snapshot, now)):
        blocks.append(paragraph(expected, muted=True))
    if snapshot.execution:
        blocks.append(paragraph(delivery(snapshot.execution), muted=True))
    blocks += [gap(), paragraph(_stages(snapshot.state))]
    for part in (_trouble_of(glance, snapshot.state, now), _cause(glance), _next(glance)):
        blocks += [gap(), *part] if part else []
    return tuple(blocks)


def _expected(snapshot: PipelineSnapshot, now: float) -> str:
    """When what runs should end, by its own usual duration; empty where that is not known."""
    execution, usual_s = snapshot.execution, snapshot.usual_s
    if usual_s is None or execution is None or execution.started_at is None or execution.status != "InProgress":
        return ""
    left_s = execution.started_at + usual_s - now
    words = f"should end in {duration(left_s)}" if left_s >= 0 else f"{duration(-left_s)} over its time"
    return f"usually takes {duration(usual_s)} · {words}"


def _stages(state: PipelineState) -> Content:
    """The stages in a row; in a long pipeline, neighbours that stand alike are counted."""
    parts: list[Content | str] = []
    long = len(state.stages) > _STAGES
    alike = groupby(
        zip(state.stages, stage_tones(state), strict=True),
        key=lambda each: (each[1], each[0].transition.enabled) if long else each[0].name,
    )
    for _, group in alike:
        stages = list(group)
        tone = stages[0][1]
        if parts:
            parts.append(inked(" ── " if stages[0][0].transition.enabled else " ─⊘─ ", "$foreground-muted"))
        name = stages[0][0].name if len(stages) == 1 else f"{len(stages)} stages"
        mark = MARKS[tone]
        parts.append(inked(f"{mark.glyph}\u00a0" + sanitize(name).replace(" ", "\u00a0"), mark.style))
    return join(*parts)


def _trouble_of(glance: Glance, state: PipelineState, now: float) -> list[Block]:
    found = glance.entry.assessment
    if found.focus is None or found.condition in {Condition.OK, Condition.NEVER}:
        return []
    action = state.action(found.focus.stage, found.focus.action)
    name = " / ".join(filter(None, (found.focus.stage, found.focus.action)))
    when = f"{age(action.changed_at, now)} ago" if action and action.changed_at else ""
    head = outcome(condition_tone(found.condition), sanitize(name), when)
    known = bool(glance.diagnosis and glance.diagnosis.findings)
    text = _shortened(_words(action) or found.why, _ERROR_CHARS_KNOWN if known else _ERROR_CHARS)
    return [head, paragraph(text, indent=2)] if text else [head]


def _words(action: ActionState | None) -> str:
    return (action.error_message or action.summary) if action else ""


def _shortened(text: str, most: int = _ERROR_CHARS) -> str:
    lines = [line.strip() for line in sanitize(text).splitlines() if line.strip()]
    kept = lines[:_ERROR_LINES]
    return clip("\n".join(kept) + (" …" if len(lines) > _ERROR_LINES else ""), most)


def _cause(glance: Glance) -> list[Block]:
    if glance.diagnosis and glance.diagnosis.findings:
        return _finding(glance.diagnosis.findings[0])
    if glance.trouble:
        return [outcome(Tone.WARNING, "The checks could not run"), paragraph(sanitize(glance.trouble), indent=2)]
    checking = [outcome(Tone.RUNNING, "asking AWS …")] if glance.checking else []
    if glance.hypothesis:
        said = glance.hypothesis
        head = _head("Likely cause, from its words alone", said.confidence)
        return [head, paragraph(sanitize(said.title)), paragraph(said.cause, muted=True), *checking]
    if not checking and glance.diagnosis and glance.entry.assessment.condition in {Condition.FAILED, Condition.STUCK}:
        passed = len(glance.diagnosis.ruled_out)
        return [paragraph(f"No cause found: {passed} checks passed. Press d to see what was looked at.")]
    return checking


def _head(words: str, confidence: float, *, proven: bool = False) -> Block:
    return Block((inked(words, "bold"),), note=inked(confidence_word(confidence, proven=proven), "$text-accent"))


def _finding(finding: Finding) -> list[Block]:
    cited = "".join(f"[{number}]" for number in finding.facts[:6])
    return [
        _head("Cause" if finding.proven else "Likely cause", finding.confidence, proven=finding.proven),
        paragraph(inked(sanitize(finding.title), "bold $text-error")),
        paragraph(_shortened(finding.summary)),
        Block((inked(finding.cause, "$foreground-muted"),), note=inked(cited, "$foreground-muted")),
    ]


def _next(glance: Glance) -> list[Block]:
    if glance.entry.assessment.condition not in _NEEDS_HELP:
        return []
    blocks = [paragraph(inked("Next", "bold"))]
    finding = glance.diagnosis.findings[0] if glance.diagnosis and glance.diagnosis.findings else None
    fix = next((fix for fix in finding.fixes if fix.plan), None) if finding else None
    key = "f" if glance.can_fix else "›"
    if fix:
        blocks.append(choice(key, f"{sanitize(fix.title)} ({fix.risk.value} risk)"))
    elif finding and finding.fixes:
        blocks.append(choice(key, f"{sanitize(finding.fixes[0].title)} (by hand)"))
    return [*blocks, choice("d", "walk the playbook"), choice("l", "open the log")]
