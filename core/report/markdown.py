"""A report as Markdown that fits an issue or a chat: headings, lists and fences only, no tables, no HTML."""

from __future__ import annotations

from collections.abc import Iterable

from core.age import duration
from core.report.escape import code_block, code_span, prose
from core.report.model import Cause, Change, Evidence, Excerpt, Look, Moment, MomentKind, Report
from core.report.moments import clock, day, stamp

__all__ = ["MARKS", "STAGE_MARKS", "markdown"]

#: One sign a kind of moment, each beside a word.
MARKS = {
    MomentKind.TRIGGERED: "▶",
    MomentKind.RAN: "✓",
    MomentKind.RUNS: "◐",
    MomentKind.FAILED: "✗",
    MomentKind.STOPPED: "■",
    MomentKind.WAITED: "‖",
    MomentKind.LOOKED: "◎",
    MomentKind.CHANGED: "✎",
    MomentKind.RECOVERED: "✔",
}
#: One sign a stage, by how the execution left it.
STAGE_MARKS = {"succeeded": "✓", "failed": "✗", "running": "◐", "stopped": "■", "not reached": "·"}
# An issue of GitHub takes 65,536 characters; what goes last gives way first.
_MOST_CHARS = 60_000
_CHECKS = 40


def markdown(report: Report) -> str:
    """Return the report as Markdown text."""
    parts = [
        _head(report),
        _section("Timeline (UTC)", _timeline(report.timeline)),
        _section("Cause", _causes(report)),
        _section("Log", [line for each in report.excerpts for line in _excerpt(each)]),
        _section("What was changed", [line for each in report.changes for line in _change(each)]),
        _section("Follow-ups", _follow_ups(report)),
        _section("Checked after the recovery, and fine" if report.after else "Ruled out", _looks(report.ruled_out)),
        _section("Could not be seen", _looks(report.unseen)),
        [f"Written {stamp(report.written_at)} by {report.tool}. Secrets are masked{_accounts(report)}."],
    ]
    while sum(len(line) + 1 for part in parts for line in part) > _MOST_CHARS and len(parts) > 2:
        longest = max(range(1, len(parts)), key=lambda at: sum(map(len, parts[at])))
        parts[longest] = [*parts[longest][:1], "", "Left out: too long for an issue; the page (HTML) has it."]
    return "\n\n".join("\n".join(part).rstrip("\n") for part in parts if part).rstrip() + "\n"


def _accounts(report: Report) -> str:
    return ", account ids are left out" if report.redacted else ""


def _section(title: str, lines: list[str]) -> list[str]:
    return [f"## {title}", "", *lines] if lines else []


def _head(report: Report) -> list[str]:
    where = " · ".join(filter(None, (report.region, report.account)))
    facts = [
        ("Status", prose(report.status)),
        ("Where", f"{code_span(report.pipeline)} in {prose(where)}"),
        ("Stages", " → ".join(f"{STAGE_MARKS[each.status]} {prose(each.name)}" for each in report.stages)),
        ("Execution", code_span(report.execution_id)),
        ("Began by", prose(report.trigger)),
        ("Failed", stamp(report.failed_at)),
        ("Recovered", stamp(report.recovered_at)),
        ("History", prose(report.history)),
    ]
    lines = [f"# {prose(report.pipeline)}: {prose(report.headline)}", ""]
    if report.summary:
        lines += [prose(report.summary), ""]
    lines += [f"- **{name}:** {value}" for name, value in facts if value]
    for each in report.delivered:
        who = " ".join(
            filter(None, (f"on {each.branch}" if each.branch else "", f"by {each.author}" if each.author else ""))
        )
        lines.append(
            " ".join(filter(None, ("- **Delivered:**", code_span(each.id[:40]), code_span(each.summary), prose(who))))
        )
    if report.url:
        lines.append(f"- **Console:** <{report.url}>")
    return lines


def _timeline(moments: Iterable[Moment]) -> list[str]:
    lines: list[str] = []
    today = ""
    for each in moments:
        if each.at is not None and day(each.at) != today:
            today = day(each.at)
            lines += ["", f"**{today}**", ""] if lines else [f"**{today}**", ""]
        took = f" ({duration(each.ended_at - each.at)})" if each.ended_at is not None and each.at is not None else ""
        detail = f": {prose(each.detail)}" if each.detail else ""
        time = code_span(clock(each.at) or "--:--:--")
        bold = each.kind in {MomentKind.FAILED, MomentKind.RECOVERED, MomentKind.CHANGED}
        title = f"**{prose(each.title)}**" if bold else prose(each.title)
        lines.append(f"- {time} {MARKS[each.kind]} {title}{took}{detail}")
    return lines


def _causes(report: Report) -> list[str]:
    lines: list[str] = []
    if report.message:
        lines += ["The service said:", "", *code_block(report.message.split("\n"), "text"), ""]
    if not report.causes:
        return [*lines, "No check and no known message names a cause."] if lines else []
    for number, cause in enumerate(report.causes, 1):
        lines += [*_cause(number, cause, several=len(report.causes) > 1), ""]
    if report.evidence:
        lines += ["**Evidence**", ""]
        for each in report.evidence:
            lines += _evidence(each)
    return lines


def _cause(number: int, cause: Cause, *, several: bool) -> list[str]:
    rank = f"{number}\\. " if several else ""
    cited = " ".join(f"\\[{n}\\]" for n in cause.evidence)
    lines = [f"**{rank}{prose(cause.title)}** ({prose(cause.sureness)}, {code_span(cause.id)})", ""]
    lines += [f"{prose(cause.summary[:1].upper() + cause.summary[1:])} {cited}".rstrip()]
    if cause.disproved_by:
        lines += ["", f"It would be disproved by: {prose(cause.disproved_by)}"]
    if cause.remedies:
        lines += ["", "What to do:", ""]
    for remedy in cause.remedies:
        lines.append(f"- {prose(remedy.title)} ({prose(remedy.kind)}, {prose(remedy.risk)} risk)")
        lines += [f"  - {prose(step)}" for step in remedy.steps]
        for command in remedy.commands:
            lines += ["", *code_block(command.split("\n"), "sh", indent="  ")]
    return lines


def _evidence(each: Evidence) -> list[str]:
    read = f", read {clock(each.read_at)}" if each.read_at else ""
    told = f" → {prose(each.outcome)}" if each.outcome else ""
    lines = [f"- \\[{each.n}\\] {code_span(each.detail or each.source)}{told}{read}"]
    return [*lines, *(f"  - {code_span(text)}" for text in each.said)]


def _excerpt(each: Excerpt) -> list[str]:
    last = each.first + len(each.lines) - 1
    total = f" of {each.total}" if each.total else ""
    width = len(str(last))
    marks = set(each.marked) | ({each.cause} if each.cause else set())
    body = [
        f"{'▶' if number in marks else ' '} {number:>{width}}  {line}"
        for number, line in enumerate(each.lines, each.first)
    ]
    return [f"{code_span(each.source)}, lines {each.first} to {last}{total}:", "", *code_block(body, "text"), ""]


def _change(each: Change) -> list[str]:
    took = f" ({duration(each.ended_at - each.at)})" if each.ended_at is not None else ""
    lines = [f"**{prose(each.title)}**: {prose(each.state)}", "", f"- {stamp(each.at)}{took}, by {code_span(each.who)}"]
    lines += [f"- Resource: {code_span(each.resource)}"] if each.resource else []
    lines += [f"- Proof: {prose(each.proof)}"] if each.proof and each.state == "verified" else []
    lines += [f"- Request: {code_span(each.request_id)}"] if each.request_id else []
    lines += [f"- AWS said: {code_span(each.error)}"] if each.error else []
    lines += [f"- To take it back: {prose(each.undo)}"] if each.undo and each.applied else []
    if each.diff:
        lines += ["", *code_block(each.diff, "diff")]
    if each.command:
        lines += ["", *code_block(each.command.split("\n"), "sh")]
    return [*lines, ""]


def _follow_ups(report: Report) -> list[str]:
    lines = []
    for each in report.follow_ups:
        lines.append(f"- [ ] {prose(each.title)}" + (f": {prose(each.why)}" if each.why else ""))
        if each.command:
            lines += ["", *code_block(each.command.split("\n"), "sh", indent="  "), ""]
    return lines


def _looks(looks: tuple[Look, ...]) -> list[str]:
    lines = [f"- {prose(each.question)} {prose(each.detail)}" for each in looks[:_CHECKS]]
    return [*lines, f"- … and {len(looks) - _CHECKS} more"] if len(looks) > _CHECKS else lines
