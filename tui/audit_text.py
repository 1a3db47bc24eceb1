"""An audit as text: scores, findings by severity, what could not be looked at. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from core.audit.model import AuditFinding, Severity, Suppression
from core.commands import aws_command
from core.finding import Fix
from core.place import PipelineRef
from core.text import sanitize
from tui.audit_run import AuditReport
from tui.output import LOOKS, Cell, Column, Look, indented, paint, table

__all__ = ["audit_lines", "change_of", "counted", "described"]

LOOK_OF = {
    Severity.CRITICAL: LOOKS["failed"],
    Severity.HIGH: LOOKS["failed"],
    Severity.MEDIUM: LOOKS["stuck"],
    Severity.LOW: Look("!", "yellow"),
    Severity.INFO: LOOKS["idle"],
}
_NAMED = 4


def counted(report: AuditReport) -> str:
    """How many findings there are, by severity: ``1 critical · 4 medium``."""
    counts = {each: sum(one.severity is each for one in report.open_findings) for each in Severity}
    return " · ".join(f"{number} {each.value}" for each, number in counts.items() if number) or "nothing found"


def change_of(number: int, earlier: tuple[str, int] | None) -> str:
    """How a score has moved since an earlier day: ``+6 since 2026-11-12``; empty where there is none."""
    if earlier is None:
        return ""
    moved = number - earlier[1]
    return f"{moved:+d} since {earlier[0]}" if moved else f"as on {earlier[0]}"


def described(entry: Suppression) -> str:
    """What an entry accepts, in words."""
    names = ("rule", "cause", "resource", "pipeline", "regex")
    what = ", ".join(f"{name} {getattr(entry, name)}" for name in names if getattr(entry, name))
    return f"line {entry.line}: {what} (until {entry.until}: {entry.reason})"


def audit_lines(
    report: AuditReport, earlier: Mapping[PipelineRef, tuple[str, int]], width: int | None, *, verbose: bool = False
) -> Iterator[str]:
    """Yield the report's lines; `verbose` adds why, steps and commands to every finding, not only the grave ones."""
    pipelines = len(report.scores)
    yield paint(f"{pipelines} pipeline{'s' if pipelines != 1 else ''} · {counted(report)}", bold=True)
    yield ""
    yield from _scores(report, earlier, width)
    for severity in Severity:
        group = [each for each in report.open_findings if each.severity is severity]
        if group:
            look = LOOK_OF[severity]
            yield ""
            yield paint(f"{look.glyph} {severity.value} · {len(group)}", look)
            for finding in group:
                yield from _finding(finding, width, full=verbose or severity.at_least(Severity.HIGH))
    yield from _accepted(report, width)
    yield from _blind(report, width)


def _scores(report: AuditReport, earlier: Mapping[PipelineRef, tuple[str, int]], width: int | None) -> Iterator[str]:
    columns = (
        Column("SCORE", right=True),
        Column("PIPELINE", 12),
        Column("FINDINGS", right=True),
        Column("TREND", drop=2),
        Column("PLACE", drop=1),
    )
    ordered = sorted(report.scores.items(), key=lambda each: (each[1], each[0].name))
    rows = []
    for ref, number in ordered:
        found = sum(ref in each.pipelines for each in report.open_findings)
        look = LOOKS["ok"] if number >= 90 else LOOKS["stuck"] if number >= 60 else LOOKS["failed"]
        blind = " ?" if any(ref in each.pipelines for each in report.blind) else ""
        cells = (
            Cell(str(number), look),
            Cell(sanitize(ref.name)),
            Cell(f"{found}{blind}"),
            Cell(change_of(number, earlier.get(ref))),
            Cell(sanitize(str(ref.place))),
        )
        rows.append(cells)
    if rows:
        yield from table(columns, rows, width)


def _finding(finding: AuditFinding, width: int | None, *, full: bool) -> Iterator[str]:
    names = [sanitize(ref.name) for ref in finding.pipelines]
    where = ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
    yield from indented(sanitize(finding.title), 2, width)
    said = indented(f"{finding.rule} · {finding.cause} · {where}", 4, width)
    yield from (paint(line, dim=True) for line in said)
    if not full:
        return
    yield from indented(sanitize(f"{finding.summary} {finding.why}"), 4, width)
    for number, text in finding.lines:
        lead = f"    [{number}] " if number else "    · "
        yield from indented(sanitize(text), len(lead), width, first=lead)
    for fix in finding.fixes:
        yield from _fix(fix, finding.pipelines[0], width)
    yield f"    {finding.link}"


def _fix(fix: Fix, ref: PipelineRef, width: int | None) -> Iterator[str]:
    title = indented(sanitize(fix.title), 9, width, first=f"    {paint('Fix', bold=True)}  ")
    yield from title[:-1]
    kind = f"{fix.kind} · {fix.risk.value} risk"
    if width is not None and len(title[-1]) + 2 + len(kind) > width:
        yield title[-1]
        yield " " * 9 + paint(kind, dim=True)
    else:
        yield f"{title[-1]}  {paint(kind, dim=True)}"
    for number, step in enumerate(fix.steps, 1):
        yield from indented(sanitize(step), 9, width, first=f"      {number}. ")
    commands = fix.commands
    if fix.plan:
        commands = (aws_command(fix.plan.call, region=ref.place.region, profile=ref.place.profile),)
    yield from (f"      $ {sanitize(each)}" for each in commands)
    if fix.console_url:
        yield f"      {sanitize(fix.console_url)}"


def _accepted(report: AuditReport, width: int | None) -> Iterator[str]:
    accepted = [each for each in report.findings if each.suppressed]
    if accepted:
        yield ""
        yield paint(f"Accepted · {len(accepted)}", bold=True)
        for finding in accepted:
            entry = finding.suppressed
            why = f"until {entry.until}: {entry.reason}" if entry else ""
            yield from indented(sanitize(f"{finding.title} ({why})"), 4, width, first="  → ")


def _blind(report: AuditReport, width: int | None) -> Iterator[str]:
    if not report.blind:
        return
    yield ""
    yield paint(f"Not looked at · {len(report.blind)}", bold=True)
    for each in report.blind:
        look = LOOKS["denied"] if each.denied else LOOKS["unknown"]
        yield from indented(sanitize(each.sentence), 4, width, first=f"  {look.glyph} ")
