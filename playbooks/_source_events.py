"""The step that asks whether a change of the source starts the pipeline, and whether the newest one did."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.age import age
from core.fact import Evidence, Fact
from core.finding import Answer
from core.playbook import Facts, Step, Subject

from ._answers import blank, failed, failing, finding, passed, unknown, unseen
from ._events import RULE_READS, Way, judge_rules, read_rules, rule_fixes
from ._state import EXECUTIONS, number, read_executions

__all__ = ["Newest", "SourceEvents", "last_revision", "start_step"]

_SOON_S = 10 * 60.0  # a change younger than this may still be on its way
_Map = Mapping[str, Any]
# (revision id, epoch seconds or None) of the newest change in the source; empty id where it is not known.
Newest = tuple[str, float | None]


def last_revision(executions: Fact, action: str) -> tuple[str, float | None]:
    """(revision id, start) of the newest execution that took a revision of a source action; empty for none."""
    found: Sequence[_Map] = executions.get("pipelineExecutionSummaries", default=())
    for run in found:
        for revision in run.get("sourceRevisions") or ():
            if revision.get("actionName") == action and revision.get("revisionId"):
                return str(revision["revisionId"]), number(run.get("startTime"))
    return "", None


@dataclass(frozen=True, slots=True)
class SourceEvents:
    """How one provider tells of changes.

    Attributes:
        playbook: id of the playbook.
        newest: finds the newest change in the facts.
        events: events that a change may send, any of which is enough.
        pattern: what a rule for this source should hold.
        polls: whether CodePipeline can poll this provider (and does unless told otherwise).
    """

    playbook: str
    newest: Callable[[Subject, Facts], Newest]
    events: Callable[[Subject], Sequence[_Map]]
    pattern: Callable[[Subject], _Map]
    polls: bool

    def behind(self, subject: Subject, facts: Facts) -> tuple[str, bool]:
        """Return how the newest change stands to the last one taken, and whether it was missed."""
        revision, at = self.newest(subject, facts)
        taken, _ = last_revision(facts["executions"], subject.action.name)
        if not revision or not taken:
            return "", False
        if revision == taken:
            return "The newest change has been taken.", False
        ago = f" {age(at, subject.now)} ago" if at is not None else ""
        if at is not None and subject.now - at < _SOON_S:
            return f"The newest change {revision[:12]} came just now.", False
        return f"The newest change {revision[:12]} came{ago} and started nothing (last taken: {taken[:12]}).", True

    def judge(self, subject: Subject, facts: Facts) -> Answer:
        """Return whether a change starts the pipeline."""
        polling = self.polls and subject.action.configuration.get("PollForSourceChanges", "true").lower() != "false"
        turned_off = number(facts["pipeline"].get("metadata", "pollingDisabledAt"))
        polling = polling and turned_off is None
        rules = [fact for name, fact in facts.items() if name.startswith(("rules", "rule:", "targets:"))]
        if cannot := unseen(*rules) or blank(facts["rules"], "RuleNames", listing=True):
            return passed("CodePipeline polls the source itself.") if polling else cannot
        cited = [fact for name, fact in facts.items() if name not in ("executions", "pipeline")]
        way = judge_rules(subject, facts, self.events(subject))
        behind, missed = self.behind(subject, facts)
        if way.ok or polling:
            how = way.detail if way.ok else "CodePipeline polls the source itself."
            both = " It polls as well, so a change may start it twice." if polling and way.ok else ""
            return passed(f"{how}{both} {behind}".strip(), *cited)
        return self._trouble(subject, way, f"{way.detail} {behind}".strip(), [*cited, facts["executions"]], missed)

    def _trouble(self, subject: Subject, way: Way, detail: str, cited: Sequence[Fact], missed: bool) -> Answer:
        gone = way.rule is not None and way.kind == "role" and "does not exist" in way.detail
        if (way.kind == "none" or gone) and not missed:
            return unknown(f"{detail} Nothing starts it by itself, and nothing seems missed.", *cited)
        sure = missed and not failing(subject)  # what starts it did not break a run that was started
        one = finding(
            subject,
            self.playbook,
            "source.trigger-missing",
            0.96 if sure else 0.4 if missed else 0.5,
            f"Changes of {subject.action.name} start nothing: {way.detail.rstrip('.')}",
            f"CodePipeline learns of changes through EventBridge here (it does not poll). {detail}",
            cited,
            fixes=rule_fixes(subject, way, self.pattern(subject)),
            disproved_by="an execution that an event of this source started after that",
            proven=sure,
        )
        return failed(detail, *cited, findings=[one])


def start_step(
    how: SourceEvents,
    *,
    question: str,
    why: str,
    reads: tuple[str, ...],
    read_source: Callable[[Subject, Evidence], Awaitable[dict[str, Fact]]],
) -> Step:
    """Make the step; `reads` are the IAM actions that `read_source` (the newest change) needs."""

    async def gather(subject: Subject, evidence: Evidence) -> Facts:
        rules, executions, pipeline, newest = await asyncio.gather(
            read_rules(subject, evidence),
            read_executions(subject, evidence),
            evidence.read("codepipeline", "GetPipeline", {"name": subject.ref.name}),
            read_source(subject, evidence),
        )
        return {**rules, "executions": executions, "pipeline": pipeline, **newest}

    needed = (*RULE_READS, EXECUTIONS, "codepipeline:GetPipeline", *reads)
    return Step("start", question, why, needed, gather, how.judge)
