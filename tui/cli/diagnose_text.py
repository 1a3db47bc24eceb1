"""A diagnosis as text for a tired reader: what is broken, why, on what evidence, what to do. Pure."""

from __future__ import annotations

from core.age import age
from core.commands import aws_command
from core.diagnosis import Checked, Diagnosis
from core.fact import Fact
from core.finding import Finding, Fix, Verdict
from core.pipeline import ActionState
from core.text import sanitize
from tui.output import LOOKS, Look, cut, indented, paint, run_look, sureness, verdict_look

__all__ = ["report"]

_STATUS_LOOKS = {
    "failed": LOOKS["failed"],
    "stuck": LOOKS["stuck"],
    "approval": LOOKS["waiting"],
    "running": LOOKS["running"],
    "inprogress": LOOKS["running"],
    "off": LOOKS["off"],
    "ok": LOOKS["ok"],
    "succeeded": LOOKS["ok"],
}
_ERROR_CHARS = 2000
_DETAIL_CHARS = 400
_DETAILS = 6  # lines about one fact
_FEW = 3  # questions that one missing permission leaves open, each shown on its own
_WORTH_SHOWING = 0.45  # less sure than this, a finding gets one line


def report(found: Diagnosis, width: int | None) -> list[str]:
    """Return the lines of a diagnosis, for a terminal of `width` cells (None: nothing is wrapped)."""
    lines = [*_head(found), *_error(found.subject.action_state, width)]
    told: set[int] = set()
    strong = [each for number, each in enumerate(found.findings) if not number or _strong(each, found.findings[0])]
    for number, finding in enumerate(strong, 1):
        lines += ["", *_finding(number, finding, found, width, told)]
    if not found.findings:
        lines += ["", *_nothing(found, width)]
    lines += _weak([each for each in found.findings if each not in strong])
    lines += _checks("Ruled out", found.ruled_out, width)
    lines += _unseen(found.unseen, width)
    if found.wanted:
        lines += indented(f"Ask for: {', '.join(found.wanted)}", 4, width, first="  ")
    lines += _checks("Could not tell", [each for each in found.checks if each.answer.verdict is Verdict.UNKNOWN], width)
    spent = f"{len(found.checks)} checks · {found.api_calls} calls · {found.took_s:.1f} s"
    return [*lines, "", paint(spent, dim=True)]


def _strong(finding: Finding, first: Finding) -> bool:
    """Whether a finding after the first is worth more than a line: beside a proven one, only what is proven too."""
    return finding.proven or (finding.confidence >= _WORTH_SHOWING and not first.proven)


def _weak(findings: list[Finding]) -> list[str]:
    if not findings:
        return []
    lines = [
        f"  {sanitize(each.title)}  {paint(f'{sureness(each.confidence)} · {each.cause}', dim=True)}"
        for each in findings
    ]
    return ["", paint("Less likely", bold=True), *lines]


def _head(found: Diagnosis) -> list[str]:
    subject = found.subject
    place = subject.ref.place
    where = " · ".join(filter(None, (place.region, place.profile, subject.identity.account)))
    look = _STATUS_LOOKS.get(found.status, LOOKS["unknown"])
    ran = subject.action_state
    since = f"{age(ran.changed_at, subject.now)} ago" if ran.changed_at is not None else ""
    point = f"{subject.stage.name} / {subject.action.name}"
    provider = f" ({subject.action.provider})" if subject.action.provider else ""
    action_look = run_look(ran.status, waits=bool(ran.token))
    when = paint(" · ".join(filter(None, (ran.status, since))), dim=True)
    lines = [
        f"{paint(sanitize(subject.ref.name), bold=True)}  {paint(sanitize(where), dim=True)}",
        paint(f"{look.glyph} {sanitize(found.status)}", look),
        f"{paint(action_look.glyph, action_look)} {paint(sanitize(point), bold=True)}{sanitize(provider)}  {when}",
    ]
    if subject.execution and subject.execution.id:
        lines.append(paint(f"  execution {sanitize(subject.execution.id)}", dim=True))
    return lines


def _error(ran: ActionState, width: int | None) -> list[str]:
    """What the service itself said."""
    text = f"{ran.error_code}: {ran.error_message}" if ran.error_code else ran.error_message or ran.summary
    if not text:
        return []
    return ["", *indented(cut(sanitize(text), _ERROR_CHARS), 2, width)]


def _nothing(found: Diagnosis, width: int | None) -> list[str]:
    if found.status not in {"failed", "stuck"}:
        return ["Nothing was found to be wrong."]
    text = "No cause was found by these checks."
    if found.subject.action.provider == "CodeBuild":
        text += f" Read the log: `pipemedic logs {sanitize(found.subject.ref.name)}`."
    return indented(text, 0, width)


def _finding(number: int, finding: Finding, found: Diagnosis, width: int | None, told: set[int]) -> list[str]:
    """One finding; `told` are facts shown in full already, which are cited by number alone."""
    sure = sureness(finding.confidence, proven=finding.proven)
    look = LOOKS["failed"] if finding.proven or finding.confidence >= _WORTH_SHOWING else LOOKS["stuck"]
    title = indented(sanitize(finding.title), 3, width)
    lines = [
        f"{number}. {paint(title[0].strip(), look)}",
        *(f"   {paint(line.strip(), look)}" for line in title[1:]),
        f"   {paint(sure, bold=True)}  {paint(finding.cause, dim=True)}",
        *indented(sanitize(finding.summary), 3, width),
    ]
    facts = {fact.n: fact for fact in found.facts}
    cited = [facts[n] for n in finding.facts if n in facts]
    if cited:
        again = " ".join(f"[{fact.n}]" for fact in cited if fact.n in told)
        lines.append(paint("   Evidence", bold=True) + (f"  {again} above" if again else ""))
    for fact in cited:
        if fact.n not in told:
            told.add(fact.n)
            lines += _evidence(fact, _details(fact, finding, found), width)
    if finding.disproved_by:
        lines += indented(sanitize(f"Would be disproved by: {finding.disproved_by}"), 3, width)
    for fix in finding.fixes:
        lines += _fix(fix, found, width)
    return lines


def _details(fact: Fact, finding: Finding, found: Diagnosis) -> list[str]:
    """What the checks behind a finding say about a fact, each sentence once."""
    answers = [each.answer for each in found.checks if any(one.cause == finding.cause for one in each.answer.findings)]
    said = list(dict.fromkeys(text for answer in answers for n, text in answer.lines if n == fact.n))
    more = [f"… and {len(said) - _DETAILS} more"] if len(said) > _DETAILS else []
    return said[:_DETAILS] + more


def _evidence(fact: Fact, details: list[str], width: int | None) -> list[str]:
    margin = f"   [{fact.n}] "
    end = f" → {fact.outcome.value.replace('_', ' ')}"
    call = sanitize(fact.call)
    if width is not None:
        call = cut(call, max(width - len(margin) - len(end), 20))
    lines = [f"{margin}{call}{end}"]
    for text in ([fact.error] if fact.error else []) + details:
        lines += indented(cut(sanitize(text), _DETAIL_CHARS), len(margin), width)
    return lines


def _fix(fix: Fix, found: Diagnosis, width: int | None) -> list[str]:
    place = found.subject.ref.place
    kind = paint(f"{fix.kind} · {fix.risk.value} risk", dim=True)
    steps = fix.steps
    if fix.plan or fix.commands or fix.title not in steps:
        lines = [f"   {paint('Fix', bold=True)}  {sanitize(fix.title)}  {kind}"]
    else:
        lines = [paint("   What to do", bold=True)]
    if fix.plan:
        command = aws_command(fix.plan.call, region=place.region, profile=place.profile)
        lines.append(f"     $ {sanitize(command)}")
        text = "pipemedic shows the change, makes it when you confirm, and checks that it helped: d, then f."
        lines += indented(text, 5, width)
        lines += [paint("     Or by hand", bold=True)] if steps else []
    for number, step in enumerate(steps, 1):
        lines += indented(sanitize(step), 8, width, first=f"     {number}. ")
    lines += [f"     $ {sanitize(command)}" for command in fix.commands]
    if fix.console_url:
        lines.append(f"     {sanitize(fix.console_url)}")
    return lines


def _unseen(checks: tuple[Checked, ...], width: int | None) -> list[str]:
    """What was not allowed to be looked at; many questions that one permission closes are told in one."""
    by_reason: dict[str, list[Checked]] = {}
    for each in checks:
        by_reason.setdefault(each.answer.detail, []).append(each)
    single = [each for group in by_reason.values() if len(group) <= _FEW for each in group]
    lines = _checks("Not allowed to look", single, width)
    many = {reason: group for reason, group in by_reason.items() if len(group) > _FEW}
    if many and not lines:
        lines = ["", paint("Not allowed to look", bold=True)]
    look: Look = verdict_look(Verdict.DENIED)
    for reason, group in many.items():
        asked = list(dict.fromkeys(each.step.question for each in group))
        text = f"{reason} {len(asked)} questions stay open: {' '.join(asked[:_FEW])} …"
        wrapped = indented(sanitize(text), 4, width, first="  ? ")
        lines += [wrapped[0].replace("  ? ", f"  {paint(look.glyph, look)} ", 1), *wrapped[1:]]
    return lines


def _checks(title: str, checks: tuple[Checked, ...] | list[Checked], width: int | None) -> list[str]:
    if not checks:
        return []
    lines = ["", paint(title, bold=True)]
    for each in checks:
        look: Look = verdict_look(each.answer.verdict)
        text = f"{each.step.question} {each.answer.detail}"
        wrapped = indented(sanitize(text), 4, width, first="  ? ")
        lines += [wrapped[0].replace("  ? ", f"  {paint(look.glyph, look)} ", 1), *wrapped[1:]]
    return lines
