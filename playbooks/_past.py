"""The past of a pipeline as facts, and the case that advice is given on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from core.fact import Evidence, Fact, Outcome
from core.finding import Answer, Finding, Verdict
from core.playbook import Facts, Step, Subject
from core.profile.api import action_run, assemble, past_build, past_run
from core.profile.case import Advice, Case, Rule
from core.profile.extras import extras_of
from core.profile.model import ActionRun, History

from ._answers import failed, finding, passed, unknown, unseen

__all__ = ["LATE_FACTOR", "LATE_LEAST_S", "READS", "asks", "case_of", "late_by_s", "read_past"]

READS = (
    "codebuild:BatchGetBuilds",
    "codepipeline:ListActionExecutions",
    "codepipeline:ListPipelineExecutions",
)
_ACTION_PAGES = 5
_BATCH, _MOST_BUILDS = 100, 300
# A run is late from this many times its usual time on, and this long beyond it (s).
LATE_FACTOR, LATE_LEAST_S = 1.5, 600.0
_SURE = {"replayed": 0.6, "measured": 0.55, "estimated": 0.4}

Read = Callable[[Case, Evidence], Awaitable[dict[str, Fact]]]


async def read_past(subject: Subject, evidence: Evidence) -> dict[str, Fact]:
    """The newest hundred executions, their actions, and the builds of those."""
    name = subject.ref.name
    executions, actions = await asyncio.gather(
        evidence.read("codepipeline", "ListPipelineExecutions", {"pipelineName": name, "maxResults": 100}, pages=1),
        evidence.read(
            "codepipeline", "ListActionExecutions", {"pipelineName": name, "maxResults": 100}, pages=_ACTION_PAGES
        ),
    )
    facts = {"executions": executions, "actions": actions}
    regions: dict[str, dict[str, None]] = {}
    for _, run in _actions(actions):
        if run.provider == "CodeBuild" and ":" in run.external_id:
            place = subject.ref.place.region
            regions.setdefault("" if run.region in ("", place) else run.region, {})[run.external_id] = None
    batches = []
    for region, ids in regions.items():
        some = list(ids)[:_MOST_BUILDS]
        batches += [(region, some[at : at + _BATCH]) for at in range(0, len(some), _BATCH)]
    found = await asyncio.gather(
        *(evidence.read("codebuild", "BatchGetBuilds", {"ids": ids}, region=region) for region, ids in batches)
    )
    return facts | {f"builds:{number}": fact for number, fact in enumerate(found)}


def _maps(fact: Fact, member: str) -> Sequence[Mapping[str, Any]]:
    return [each for each in fact.get(member, default=()) if isinstance(each, Mapping)]


def _actions(fact: Fact) -> list[tuple[str, ActionRun]]:
    return [run for each in _maps(fact, "actionExecutionDetails") if (run := action_run(each))]


def _history(subject: Subject, facts: Facts) -> History:
    actions = _actions(facts["actions"])
    seen = {execution for execution, _ in actions}
    runs = [run for each in _maps(facts["executions"], "pipelineExecutionSummaries") if (run := past_run(each))]
    builds = [
        build
        for name, fact in facts.items()
        if name.startswith("builds:")
        for each in _maps(fact, "builds")
        if (build := past_build(each)).id
    ]
    whole = assemble([run for run in runs if run.id in seen or not run.over], actions)
    # The oldest one may lack actions that lie on a page which was not read.
    kept = whole[:-1] if facts["actions"].outcome is Outcome.TRUNCATED else whole
    return History(subject.ref.name, kept, {build.id: build for build in builds}, subject.now)


def case_of(subject: Subject, facts: Facts) -> Case:
    """The case that advice is given on, from facts by name."""
    return Case(
        subject.ref,
        subject.identity.account,
        subject.definition,
        _history(subject, facts),
        extras_of(facts),
        facts,
        frozenset(stage.name for stage in subject.state.stages if not stage.transition.enabled),
    )


def late_by_s(subject: Subject, history: History) -> float | None:
    """By how much the run under way is late; 0 where it is not, None where none is under way or nothing is known."""
    under_way = next((run for run in history.runs if not run.over), None)
    good = sorted(run.took_s for run in history.good)
    if under_way is None or len(good) < 3:
        return None
    usual, ran = good[len(good) // 2], subject.now - under_way.started_at
    return ran - usual if ran > max(usual * LATE_FACTOR, usual + LATE_LEAST_S) else 0.0


def _confidence(advice: Advice) -> float:
    return _SURE.get(advice.basis.partition(" ")[0], 0.4)


def _finding(subject: Subject, playbook: str, advice: Advice, facts: Facts) -> Finding:
    cited = [facts["executions"], facts["actions"], *(fact for fact in facts.values() if fact.n in advice.facts)]
    made = finding(
        subject,
        playbook,
        advice.cause,
        _confidence(advice),
        advice.title,
        " ".join(filter(None, (advice.summary, _range(advice)))),
        cited,
        fixes=advice.fixes,
        disproved_by="executions after the change that take as long as before",
    )
    if not advice.nodes:
        return made
    stage, action = advice.nodes[0]
    return Finding(
        made.cause,
        made.confidence,
        made.title,
        made.summary,
        stage,
        action,
        made.facts,
        made.fixes,
        made.disproved_by,
        made.playbook,
    )


def _range(advice: Advice) -> str:
    if advice.saving is None:
        return ""
    return f"It would save {advice.saving.span}; {advice.basis}."


def asks(
    playbook: str,
    step_id: str,
    question: str,
    why: str,
    rules: Sequence[Rule],
    nothing: str,
    *,
    read: Read | None = None,
    reads: tuple[str, ...] = (),
    only: tuple[str, ...] = (),
) -> Step:
    """A step that asks rules for advice.

    Args:
        playbook: whose step it is.
        step_id: its id; `question` and `why` as of any step.
        question: what it asks.
        why: one sentence.
        rules: what gives the advice.
        nothing: the answer where there is none.
        read: what is read beside the past, with the IAM actions in `reads`.
        reads: IAM actions of `read`.
        only: causes to keep; empty for all.
    """

    async def gather(subject: Subject, evidence: Evidence) -> Facts:
        facts = await read_past(subject, evidence)
        if read is None or not facts["executions"].ok or not facts["actions"].ok:
            return facts
        return facts | await read(case_of(subject, facts), evidence)

    def judge(subject: Subject, facts: Facts) -> Answer:
        if cannot := unseen(facts["executions"], facts["actions"]):
            return cannot
        case = case_of(subject, facts)
        advice = [one for rule in rules for one in rule(case) if not only or one.cause in only]
        cited = [facts["executions"], facts["actions"]]
        if advice:
            return _advised(subject, playbook, case, sorted(advice, key=lambda each: -each.saved_s), facts)
        own = [
            fact for name, fact in facts.items() if name.partition(":")[0] not in ("executions", "actions", "builds")
        ]
        refused = next((fact for fact in own if fact.outcome is Outcome.DENIED), None)
        if refused is not None and (cannot := unseen(refused)):
            return cannot
        if not case.history.good:
            return unknown("No execution went all the way yet: there is nothing to learn from.", *cited)
        return passed(nothing, *cited, *(fact for fact in own if fact.ok))

    return Step(step_id, question, why, tuple(sorted({*READS, *reads})), gather, judge)


def _advised(subject: Subject, playbook: str, case: Case, advice: Sequence[Advice], facts: Facts) -> Answer:
    """Findings, unless a run is under way that is not late: then it is a remark."""
    cited = [facts["executions"], facts["actions"]]
    lines = [(cited[1].n, line) for one in advice for line in (f"{one.title}.", *one.lines)]
    if late_by_s(subject, case.history) == 0.0:
        answer = passed(f"The run under way is not late. For later: {advice[0].title}.", *cited)
        return Answer(Verdict.PASSED, answer.detail, answer.facts, lines=tuple(lines))
    findings = [_finding(subject, playbook, one, facts) for one in advice]
    return failed(f"{advice[0].title}.", *cited, findings=findings, lines=lines)
