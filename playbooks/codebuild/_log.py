"""What the log says, and whether what it says was refused really is."""

from __future__ import annotations

import asyncio

from core.fact import Evidence, Fact, Outcome
from core.finding import Answer, Verdict
from core.playbook import Facts, Step, Subject
from playbooks._access import ACCESS_READS, check_denials, judge_denials
from playbooks._answers import failed, not_applicable, numbers, passed, unknown, unseen, why_unseen
from playbooks._denial import Denial, denials, encoded_message
from playbooks._role_history import DECODE_READS, from_decoded, read_encoded
from playbooks._scan import examined
from playbooks._text import text_findings

from ._reads import LOG_READS, build_of, failed_phase, log_lines, log_of, phase_said, read_log, spoken

__all__ = ["ACCESS", "LOG"]

_ID = "codebuild"


def message_of(subject: Subject, facts: Facts) -> str:
    """What the services say, apart from the log: the action's error and the failed phase's context."""
    state = subject.action_state
    said = [state.error_message or (state.summary if state.status == "Failed" else "")]
    said.append(phase_said(failed_phase(build_of(facts))))
    return "\n".join(dict.fromkeys(each for each in said if each))


def _log_state(subject: Subject, facts: Facts) -> str:
    """A sentence on why there is no log, where there is none."""
    fact = facts.get("log")
    if fact is not None:
        return "" if fact.ok else why_unseen(fact)
    build = build_of(facts)
    if not build:
        return ""
    where = log_of(build, subject.region)
    return "Logs are turned off in this project." if where.state == "disabled" else "The build has written no log."


def _judge_log(subject: Subject, facts: Facts) -> Answer:
    status, lines = build_of(facts).get("buildStatus", ""), log_lines(facts)
    cannot = unseen(*spoken(facts))
    message = message_of(subject, facts)
    if status in ("SUCCEEDED", "IN_PROGRESS") and not message:
        return not_applicable(f"The build has not failed; its log has {len(lines)} lines.", *spoken(facts))
    if not lines and not message:
        return cannot or not_applicable("There is no failure to read about.")
    read = examined("Build", "CodeBuild", message, tuple(lines))
    note = _log_state(subject, facts)
    shown = [(0, each) for each in message.splitlines()[:4]]
    log = facts.get("log")
    if not read.hypotheses:
        shown += [(log.n if log else 0, f"line {each.line}: {each.text}") for each in read.telling if each.line]
        detail = f"{len(lines)} lines read; none is of a known kind. {note}".strip()
        return unknown(detail, *spoken(facts), lines=shown)
    best = read.hypotheses[0]
    for hypothesis in read.hypotheses[:2]:
        for each in hypothesis.evidence:
            shown.append(
                (log.n if log and each.line else 0, f"line {each.line}: {each.text}" if each.line else each.text)
            )
    where = f" (line {read.cause_line} of {len(lines)})" if read.cause_line else ""
    detail = f"{best.title}{where}. {note}".strip()
    found = text_findings(subject, _ID, read.hypotheses, numbers(spoken(facts)))
    answer = failed(detail, *spoken(facts), findings=found, lines=tuple(dict.fromkeys(shown)))
    if cannot and cannot.verdict is Verdict.DENIED and not lines:
        return Answer(Verdict.DENIED, f"{cannot.detail} The message alone says: {best.title}.", answer.facts, found)
    return answer


async def _gather_log(subject: Subject, evidence: Evidence) -> Facts:
    facts = await read_log(subject, evidence)
    # A long log takes the engine a while: it is read in a thread, and the judgement finds the reading made.
    await asyncio.to_thread(examined, "Build", "CodeBuild", message_of(subject, facts), tuple(log_lines(facts)))
    return facts


LOG = Step(
    id="log",
    question="What does the log say went wrong first?",
    why="The first error is the cause; what follows it is mostly its wake.",
    reads=LOG_READS,
    gather=_gather_log,
    judge=_judge_log,
)


def _refusals(subject: Subject, facts: Facts) -> tuple[Denial, ...]:
    said = [(0, line) for line in message_of(subject, facts).splitlines()]
    return denials([*said, *enumerate(log_lines(facts), start=1)]) or from_decoded(facts)


def _roles(subject: Subject, facts: Facts) -> list[str]:
    """Roles that may have been refused: the build's, then the one that starts it."""
    build = str(build_of(facts).get("serviceRole", ""))
    return [each for each in (build, subject.role_arn, subject.definition.role_arn) if each]


async def _gather_access(subject: Subject, evidence: Evidence) -> Facts:
    facts = await read_log(subject, evidence)
    if not _refusals(subject, facts):
        hidden = next((line for line in log_lines(facts) if encoded_message(line)), "")
        facts = {**facts, **(await read_encoded(evidence, hidden))}
    found = _refusals(subject, facts)
    return {**facts, **await check_denials(subject, evidence, found, _roles(subject, facts))}


def _environment(facts: Facts) -> frozenset[str]:
    """Names of parameters and secrets that CodeBuild itself fetches for the build."""
    variables = (build_of(facts).get("environment") or {}).get("environmentVariables") or ()
    kinds = ("PARAMETER_STORE", "SECRETS_MANAGER")
    named = (str(each.get("value", "")) for each in variables if each.get("type") in kinds)
    return frozenset(each.split(":")[0] if not each.startswith("arn:") else each for each in named if each)


def _judge_access(subject: Subject, facts: Facts) -> Answer:
    found = _refusals(subject, facts)
    if not found:
        if cannot := unseen(*(each for each in spoken(facts) if each.outcome is not Outcome.NO_DATA)):
            return cannot
        return passed("Neither the message nor the log speaks of a refused call.", *spoken(facts))
    text: list[Fact] = [facts[name] for name in ("log" if found[0].line else "build",) if name in facts]
    checked = judge_denials(subject, _ID, found, facts, text, _environment(facts))
    cited = [*text, *(fact for name, fact in facts.items() if name.startswith("denial"))]
    lines = [(text[0].n if text else 0, f"line {each.line}: {each.text}" if each.line else each.text) for each in found]
    lines += [(each.finding.facts[-1] if each.finding.facts else 0, each.detail) for each in checked]
    findings = [each.finding for each in checked]
    best = next((each for each in checked if each.state == "confirmed"), checked[0])
    if best.state == "confirmed":
        return failed(best.detail, *cited, findings=findings, lines=lines)
    if cannot := unseen(*(fact for name, fact in facts.items() if name.startswith("denial"))):
        return Answer(cannot.verdict, f"{best.detail} {cannot.detail}", numbers(cited), tuple(findings), tuple(lines))
    return unknown(best.detail, *cited, findings=findings, lines=lines)


ACCESS = Step(
    id="access",
    question="Was the build refused access, and does IAM agree?",
    why="A refusal names role, action and resource; IAM's simulation tells whether the role lacks it or another "
    "policy denies it.",
    reads=(*LOG_READS, *DECODE_READS, *ACCESS_READS),
    gather=_gather_access,
    judge=_judge_access,
)
