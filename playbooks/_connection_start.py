"""Whether a push starts a pipeline whose source is a connection: triggers, their filters, detection of changes."""

from __future__ import annotations

import asyncio
import fnmatch
from collections.abc import Mapping, Sequence
from typing import Any

from core.age import age
from core.fact import Evidence, Fact
from core.finding import Answer
from core.playbook import Facts, Step, Subject

from ._answers import failed, failing, finding, passed, unknown, unseen
from ._fixes import command, manual
from ._source_events import last_revision

__all__ = ["START", "filters_of"]

_ID = "source-codeconnections"
_Map = Mapping[str, Any]


async def _gather_start(subject: Subject, evidence: Evidence) -> Facts:
    pipeline, runs = await asyncio.gather(
        evidence.read("codepipeline", "GetPipeline", {"name": subject.ref.name}),
        evidence.read(
            "codepipeline", "ListPipelineExecutions", {"pipelineName": subject.ref.name, "maxResults": 20}, pages=1
        ),
    )
    return {"pipeline": pipeline, "executions": runs}


def filters_of(trigger: _Map) -> str:
    """A trigger's filters in words."""
    git = trigger.get("gitConfiguration") or {}
    parts = []
    for kind in ("push", "pullRequest"):
        for each in git.get(kind) or ():
            named = []
            for part in ("branches", "tags", "filePaths"):
                block = each.get(part) or {}
                named += [f"{part} {', '.join(block[side])} {word}" for side, word in _SIDES if block.get(side)]
            parts.append(f"{kind}: {'; '.join(named) or 'any'}")
    return " | ".join(parts)


_SIDES = (("includes", "in"), ("excludes", "out"))


def _lets_through(trigger: _Map, branch: str) -> bool:
    """Whether some filter of a trigger lets a push to (or a pull request onto) a branch through, whatever the files."""
    git = trigger.get("gitConfiguration") or {}
    filters = [each for kind in ("push", "pullRequest") for each in git.get(kind) or ()]
    for each in filters:
        block: _Map = each.get("branches") or {}
        if not block and each.get("tags"):
            continue
        wanted, unwanted = list(block.get("includes") or ()), list(block.get("excludes") or ())
        named = any(fnmatch.fnmatchcase(branch, one) for one in wanted) if wanted else True
        if named and not any(fnmatch.fnmatchcase(branch, one) for one in unwanted):
            return True
    return not filters


def _never(subject: Subject, cited: Sequence[Fact], title: str, text: str, sure: float) -> Answer:
    """The finding where pushes start nothing."""
    fix = manual(
        "connection.trigger",
        "Let a push start the pipeline",
        [
            f"{title}.",
            (
                "Correct branches, tags or file paths of the trigger (Edit, Triggers), or set DetectChanges "
                "to true and remove the trigger."
            ),
            "Start the pipeline once by hand for what was missed.",
        ],
        commands=[command(subject, "codepipeline", "StartPipelineExecution", name=subject.ref.name)],
    )
    one = finding(
        subject,
        _ID,
        "source.webhook-failed",
        sure,
        title,
        text,
        cited,
        fixes=[fix],
        disproved_by="an execution that such a push has started since",
    )
    return failed(f"{title}.", *cited, findings=[one])


def _judge_start(subject: Subject, facts: Facts) -> Answer:
    if cannot := unseen(facts["pipeline"]):
        return cannot
    triggers: Sequence[_Map] = facts["pipeline"].get("pipeline", "triggers", default=())
    mine = [
        trigger
        for trigger in triggers
        if (trigger.get("gitConfiguration") or {}).get("sourceActionName") == subject.action.name
    ]
    runs: Sequence[_Map] = facts["executions"].get("pipelineExecutionSummaries", default=())
    pushed = [run for run in runs if (run.get("trigger") or {}).get("triggerType") in ("WebhookV2", "Webhook")]
    last = pushed[0].get("startTime") if pushed else None
    seen = f"The last start by a push was {age(last, subject.now)} ago." if isinstance(last, (int, float)) else ""
    seen = seen or f"None of the last {len(runs)} starts came from a push."
    taken, at = last_revision(facts["executions"], subject.action.name)
    if taken:
        seen += f" The last revision taken is {taken[:12]}{f', {age(at, subject.now)} ago' if at is not None else ''}."
    off = subject.action.configuration.get("DetectChanges", "true").lower() == "false"
    cited = list(facts.values())
    branch = subject.action.configuration.get("BranchName", "")
    if mine:
        detail = f"A trigger starts it: {'; '.join(filters_of(each) for each in mine)}. {seen}"
        if pushed or failing(subject) or not runs or any(_lets_through(each, branch) for each in mine):
            return passed(detail, *cited)
        what = f"The trigger's filters never match a push to {branch}"
        return _never(
            subject, cited, what, f"{detail} A push to {branch}, which the action names, is none of these.", 0.6
        )
    if off:
        what = "DetectChanges is false and no trigger is declared: no push starts this pipeline"
        if pushed and pushed[0] is not runs[0] and not failing(subject):
            return _never(subject, cited, what, f"{what}. {seen} Later ones came by hand.", 0.7)
        return unknown(f"{what}. {seen}", *cited)
    return passed(
        f"Every push to {subject.action.configuration.get('BranchName', 'the branch')} starts it. {seen}", *cited
    )


START = Step(
    id="start",
    question="Does a push start the pipeline, and which one?",
    why="DetectChanges turned off, or a trigger whose filter never matches, looks like a push that got lost.",
    reads=("codepipeline:GetPipeline", "codepipeline:ListPipelineExecutions"),
    gather=_gather_start,
    judge=_judge_start,
)
