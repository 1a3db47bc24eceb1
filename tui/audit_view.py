"""An audit as rows and documents: scores of pipelines, findings by severity, one finding in full. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean

from core.age import age
from core.audit.model import AuditFinding, Severity
from core.audit.score import WEIGHTS
from core.place import PipelineRef
from core.text import clip, sanitize
from tui.audit_run import AuditReport
from tui.audit_text import change_of, counted
from tui.diagnosis_view import fact_block, fix_blocks
from widgets.document import Block, gap, heading, outcome, pair, paragraph
from widgets.ink import Ink, inked, join
from widgets.keyed_table import Column, Row
from widgets.status import Tone, status

__all__ = [
    "ALL",
    "FINDING_COLUMNS",
    "SCORE_COLUMNS",
    "finding_blocks",
    "finding_rows",
    "group_blocks",
    "head_line",
    "key_of",
    "score_rows",
]

#: Key of the row that stands for the whole fleet.
ALL = "*"
SCORE_COLUMNS = (
    Column("score", "SCORE", 5, "right"),
    Column("name", "PIPELINE", 12, flexible=True),
    Column("found", "FOUND", 5, "right"),
    Column("trend", "TREND", 6, "right", drop=1),
    Column("place", "PLACE", 16, drop=2),
)
FINDING_COLUMNS = (
    Column("title", "FINDING, THE WORST FIRST", 44, flexible=True),
    Column("pipelines", "PIPELINES", 22, drop=2),
    Column("fix", "FIX", 9, drop=1),
)
_TONES = {
    Severity.CRITICAL: Tone.FAILED,
    Severity.HIGH: Tone.FAILED,
    Severity.MEDIUM: Tone.STUCK,
    Severity.LOW: Tone.WARNING,
    Severity.INFO: Tone.IDLE,
}
_CHARS = 400
_COSTS = ", ".join(f"{each.value} {WEIGHTS[each] * 100:.0f} %" for each in Severity if WEIGHTS[each])
_HOW = f"a score is 100; each open finding costs of what is left: {_COSTS}"
Past = Mapping[PipelineRef, Sequence[tuple[str, int]]]
"""Scores of earlier days with their days, oldest first."""
_LEVELS = "▁▂▃▄▅▆▇█"
_DAYS = 30  # days of a score that are drawn


def key_of(finding: AuditFinding) -> str:
    """A row's key: a finding may stand twice, once open and once accepted for other pipelines."""
    return f"{finding.id}{'+' if finding.suppressed else ''}"


def head_line(report: AuditReport | None, progress: str, now: float) -> Ink:
    """What was audited, when, and what came of it."""
    if report is None:
        return join(inked("Audit", "bold"), f"   {progress or 'reading …'}")
    bad = any(each.severity.at_least(Severity.HIGH) for each in report.open_findings)
    blind = f"   ? {len(report.blind)} not looked at" if report.blind else ""
    return join(
        inked("Audit", "bold"),
        f"   {len(report.scores)} pipelines   ",
        inked(counted(report), "$text-error" if bad else "$text-warning" if report.open_findings else "$text-success"),
        inked(blind, "$text-warning"),
        inked(f"   {progress or f'read {age(report.at, now)} ago · {report.calls} calls'}", "$foreground-muted"),
    )


def _score(number: int) -> Ink:
    tone = Tone.OK if number >= 90 else Tone.STUCK if number >= 60 else Tone.FAILED
    return inked(str(number), {Tone.OK: "$text-success", Tone.STUCK: "$text-warning"}.get(tone, "bold $text-error"))


def score_rows(report: AuditReport, past: Past) -> list[Row]:
    """The whole fleet with its mean, then each pipeline, the worst first."""
    open_findings = report.open_findings
    mean, before = _mean(report, past)
    whole = _score(mean) if mean is not None else ""
    moved = _trend(mean, before) if mean is not None else ""
    rows = [Row(ALL, (whole, inked("all pipelines", "bold"), str(len(open_findings)), moved, ""))]
    for ref, number in sorted(report.scores.items(), key=lambda each: (each[1], each[0].name)):
        found = sum(ref in each.pipelines for each in open_findings)
        blind = "?" if any(ref in each.pipelines for each in report.blind) else ""
        place = sanitize(str(ref.place))
        moved = _trend(number, _last(past, ref))
        cells = (_score(number), sanitize(ref.name), f"{found}{blind}", moved, place)
        rows.append(Row(ref.key, cells, dim=not found))
    return rows


def _last(past: Past, ref: PipelineRef) -> int | None:
    days = past.get(ref, ())
    return days[-1][1] if days else None


def _mean(report: AuditReport, past: Past) -> tuple[int | None, int | None]:
    """The mean score now, and what it was of those pipelines that were audited before (the others as they are now)."""
    if not report.scores:
        return None, None
    earlier = {ref: _last(past, ref) for ref in report.scores}
    then = [number if (old := earlier[ref]) is None else old for ref, number in report.scores.items()]
    known = any(old is not None for old in earlier.values())
    return round(fmean(report.scores.values())), round(fmean(then)) if known else None


def _course(days: Sequence[tuple[str, int]], number: int) -> str:
    """The scores of the last days as bars, and from when: ``▅▅▆█ 74 → 83 since 2026-11-02``."""
    shown = [*days[-_DAYS:], ("", number)]
    bars = "".join(_LEVELS[min(score * len(_LEVELS) // 101, len(_LEVELS) - 1)] for _, score in shown)
    return f"{bars}  {shown[0][1]} → {number} since {shown[0][0]}"


def _trend(number: int, earlier: int | None) -> Ink:
    if earlier is None:
        return ""
    moved = number - earlier
    if not moved:
        return "="
    return inked(f"{'▲' if moved > 0 else '▼'} {moved:+d}", "$text-success" if moved > 0 else "$text-error")


def finding_rows(findings: Sequence[AuditFinding]) -> list[Row]:
    """Findings under a row for each severity; accepted ones last."""
    rows: list[Row] = []
    for severity in Severity:
        group = [each for each in findings if each.severity is severity and each.suppressed is None]
        if group:
            head = join(status(_TONES[severity], severity.value), f"  {len(group)}")
            rows.append(Row(f"severity:{severity.value}", (head, "", "")))
            rows += [_row(each) for each in group]
    accepted = [each for each in findings if each.suppressed]
    if accepted:
        head = join(status(Tone.SKIPPED, "accepted"), f"  {len(accepted)}")
        rows.append(Row("severity:accepted", (head, "", "")))
        rows += [_row(each) for each in accepted]
    return rows


def _row(finding: AuditFinding) -> Row:
    names = [sanitize(ref.name) for ref in finding.pipelines]
    what = names[0] if len(names) == 1 else f"{names[0]} +{len(names) - 1}"
    kind = "automatic" if any(fix.plan for fix in finding.fixes) else "by hand"
    return Row(key_of(finding), (f"  {sanitize(finding.title)}", what, kind), dim=finding.suppressed is not None)


def group_blocks(report: AuditReport | None, past: Past, ref: PipelineRef | None) -> tuple[Block, ...]:
    """What to say where no finding is under the cursor: the score, what could not be looked at."""
    if report is None:
        return ()
    blocks: list[Block] = []
    if ref is not None and ref in report.scores:
        number = report.scores[ref]
        blocks += [heading(sanitize(ref.name)), pair("place", sanitize(f"{ref.place} · {report.account_of(ref)}"))]
        blocks.append(pair("score", join(_score(number), " of 100")))
        if days := past.get(ref):
            blocks += [pair("trend", change_of(number, days[-1])), pair("course", _course(days, number))]
        else:
            blocks.append(
                pair("trend", inked("none yet: it was not audited here on an earlier day", "$foreground-muted"))
            )
    else:
        blocks += [heading("All pipelines"), pair("found", counted(report))]
    blocks.append(pair("how", inked(_HOW, "$foreground-muted")))
    if not any(ref is None or ref in each.pipelines for each in report.open_findings):
        blocks.append(outcome(Tone.OK, "Nothing was found."))
    blocks += _blind_blocks(report, ref)
    for entry in report.expired:
        blocks.append(outcome(Tone.WARNING, sanitize(f"A suppression has expired (line {entry.line}): {entry.reason}")))
    for entry in report.unused:
        text = f"A suppression fits nothing any more (line {entry.line}): {entry.reason}"
        blocks.append(outcome(Tone.WARNING, sanitize(text)))
    return tuple(blocks)


def _blind_blocks(report: AuditReport, ref: PipelineRef | None) -> Iterator[Block]:
    blind = [each for each in report.blind if ref is None or ref in each.pipelines]
    if blind:
        yield gap()
        yield heading("Not looked at", "neither found nor well")
    for each in blind:
        yield outcome(Tone.DENIED if each.denied else Tone.UNKNOWN, clip(sanitize(each.sentence), _CHARS))
    for place, error in report.troubles.items():
        yield outcome(Tone.WARNING, clip(sanitize(f"{place}: {error}"), _CHARS))


def finding_blocks(finding: AuditFinding) -> tuple[Block, ...]:
    """One finding: what, why, evidence by number, what to do, AWS's page."""
    tone = _TONES[finding.severity]
    blocks = [
        Block((inked(sanitize(finding.title), "bold"),)),
        outcome(tone, finding.severity.value, f"{finding.rule} · {finding.cause}"),
        paragraph(sanitize(finding.summary)),
        paragraph(f"Why: {sanitize(finding.why)}", muted=True),
        pair("resource", sanitize(finding.resource)),
        pair("pipelines", sanitize(", ".join(ref.name for ref in finding.pipelines))),
    ]
    if entry := finding.suppressed:
        blocks.append(outcome(Tone.SKIPPED, sanitize(f"Accepted until {entry.until}: {entry.reason}")))
    blocks += [gap(), heading("Evidence"), *(fact_block(each) for each in finding.facts)]
    blocks += [
        Block((sanitize(text),), lead=inked(f"[{number}] " if number else "· ", "$text-accent"), indent=2)
        for number, text in finding.lines
    ]
    blocks += [gap(), heading("What to do")]
    for order, fix in enumerate(finding.fixes, 1):
        blocks += fix_blocks(fix, "f" if fix.plan else f"{order}")
        if fix.plan:
            blocks += [paragraph(sanitize(step), indent=6, muted=True) for step in fix.steps]
    return (*blocks, gap(), pair("AWS's page", finding.link))
