"""From a pipeline's name to its diagnosis: what is asked about, which playbooks fit, what they find.

Shared by the screens and the command line. All reads go through the given cloud; nothing here changes anything.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from core.arn import Arn
from core.attention import Condition, assess
from core.build import Build, LogLocation
from core.diagnosis import Checked, Diagnosis, choose, diagnose
from core.errors import AwsError, CredentialsExpired, CredentialsMissing, UsageError
from core.fact import Evidence
from core.finding import Finding, Verdict
from core.pipeline import (
    ActionDecl,
    ActionExecution,
    ActionState,
    Definition,
    Execution,
    PipelineSnapshot,
    PipelineState,
    StageDecl,
)
from core.place import Identity, PipelineRef, Place
from core.playbook import Playbook, Subject
from core.ranking import from_hypotheses, rank
from core.signatures import Failure, Hypothesis, explain
from core.text import sanitize
from tui.asked import chosen_execution, point_of_past, point_of_present
from tui.side_by_side import side_by_side

if TYPE_CHECKING:
    from aws.cloud import Cloud

__all__ = [
    "at_latest_build",
    "builds_there_are",
    "log_of",
    "log_of_action",
    "quick_cause",
    "subject_at",
    "subject_of",
    "triage",
    "triage_subject",
]

Clock = Callable[[], float]
# Causes are looked for in the text of conditions that a fault can bring about.
_TROUBLED = frozenset({Condition.FAILED, Condition.STUCK, Condition.STOPPED})
# Beside what playbooks found, text alone must be this sure to be heard.
_BESIDE_FINDINGS = 0.3


async def subject_of(
    cloud: Cloud,
    ref: PipelineRef,
    *,
    execution_id: str = "",
    stage: str = "",
    action: str = "",
    clock: Clock = time.time,
) -> Subject:
    """Read what a diagnosis starts from; the reads go side by side.

    Args:
        cloud: an open cloud.
        ref: the pipeline.
        execution_id: a past execution (its id or an unambiguous beginning); empty: the present state.
        stage: the stage to look at; empty: where attention is needed.
        action: the action to look at; empty: the one that failed, runs or comes first in the stage.
        clock: epoch seconds.

    Raises:
        UsageError: no such execution, stage or action.
        AwsError: identity, definition or state could not be read.
    """
    return (await _ask(cloud, ref, (execution_id, stage, action), clock))[0]


async def _ask(cloud: Cloud, ref: PipelineRef, asked: tuple[str, str, str], clock: Clock) -> tuple[Subject, str]:
    """The subject, and the pipeline's condition in a word; for a past execution how that one ended."""
    execution_id, stage, action = asked
    reader = cloud.pipelines(ref.place)
    async with side_by_side() as group:
        identity = group.create_task(_caller(cloud, ref.place))
        definition = group.create_task(reader.definition(ref.name))
        state = group.create_task(reader.state(ref.name))
        executions = group.create_task(_executions(cloud, ref, execution_id))
    structure, present, known = definition.result(), state.result(), executions.result()
    if execution_id:
        past = chosen_execution(known, execution_id, ref.name)
        ran = await reader.action_executions(ref.name, past.id)
        point = point_of_past(structure, past, ran, stage, action)
        status = past.status.lower()
    else:
        snapshot = _snapshot(ref, present, known, clock())
        point = point_of_present(structure, snapshot, known, stage, action)
        status = assess(snapshot, snapshot.read_at).word
    subject = Subject(
        ref,
        _known(identity.result(), structure),
        structure,
        present,
        clock(),
        point.stage,
        point.action,
        point.ran,
        point.execution,
    )
    return replace(subject, hypotheses=await asyncio.to_thread(_hypotheses, subject)), status


async def _caller(cloud: Cloud, place: Place) -> Identity:
    """Who asks; nothing is known of them where STS does not answer (no way to it), which keeps nobody from looking.

    Raises:
        CredentialsExpired, CredentialsMissing: nothing can be asked at all.
    """
    try:
        return await cloud.identity(place)
    except (CredentialsExpired, CredentialsMissing):
        raise
    except AwsError:
        return Identity("", "")


def _known(identity: Identity, definition: Definition) -> Identity:
    """The identity; account and partition are the pipeline's own where STS said nothing of them."""
    if identity.account:
        return identity
    own = Arn.parse(definition.arn) or Arn.parse(definition.role_arn)
    if own is None:
        return identity
    return Identity(own.account, identity.arn, own.partition)


async def subject_at(subject: Subject, run: ActionExecution, execution: Execution | None) -> Subject:
    """Return a subject moved to one run of one action, with what the run's own message says."""
    definition = subject.definition
    moved = replace(
        subject,
        stage=definition.stage(run.stage) or StageDecl(run.stage),
        action=definition.action(run.stage, run.action) or ActionDecl(run.action, "", run.provider),
        action_state=run.as_state,
        execution=execution or subject.execution,
    )
    return replace(moved, hypotheses=await asyncio.to_thread(_hypotheses, moved))


def _snapshot(
    ref: PipelineRef, state: PipelineState, executions: tuple[Execution, ...], now: float
) -> PipelineSnapshot:
    from aws.mapping.codepipeline import usual_duration  # noqa: PLC0415 (the room that talks to AWS)

    return PipelineSnapshot(ref, now, state, executions[0] if executions else None, usual_duration(executions))


async def triage(
    cloud: Cloud,
    ref: PipelineRef,
    *,
    execution_id: str = "",
    stage: str = "",
    action: str = "",
    progress: Callable[[Checked], None] | None = None,
    clock: Clock = time.time,
) -> Diagnosis:
    """Run all playbooks that fit a pipeline's trouble and rank what they find. Arguments and errors as `subject_of`.

    `progress` is called with each check as it is answered.
    """
    began = clock()
    subject, status = await _ask(cloud, ref, (execution_id, stage, action), clock)
    return await triage_subject(
        cloud, subject, status, past=bool(execution_id), progress=progress, clock=clock, began=began
    )


async def triage_subject(
    cloud: Cloud,
    subject: Subject,
    status: str,
    *,
    past: bool,
    progress: Callable[[Checked], None] | None = None,
    clock: Clock = time.time,
    began: float | None = None,
) -> Diagnosis:
    """Do the same for an action that has been read already.

    Args:
        cloud: an open cloud.
        subject: the action.
        status: the pipeline's condition in a word.
        past: whether it belongs to an execution that is over.
        progress: called with each check as it is answered.
        clock: epoch seconds.
        began: when the work began; now unless given.
    """
    from tui.team.load import all_playbooks, built_in  # noqa: PLC0415 (walks and imports every playbook)

    began = clock() if began is None else began
    books = choose(await asyncio.to_thread(all_playbooks), subject)
    evidence = cloud.evidence(subject.ref.place)
    found = await diagnose(subject, books, evidence, status=status, clock=clock, progress=progress)
    least = _BESIDE_FINDINGS if found.findings else 0.0
    # A team's playbook looks at a part of what a cause may be: that it found nothing refutes no text.
    judged = _judged([book for book in books if book in built_in()], found.checks)
    text = await _from_text(subject, judged, evidence, least=least, past=past)
    findings = rank((*found.findings, *text), refuted=found.refuted)
    return replace(found, findings=findings, facts=evidence.facts, api_calls=evidence.calls, took_s=clock() - began)


def _judged(books: Sequence[Playbook], checks: Sequence[Checked]) -> frozenset[str]:
    """The causes of those playbooks that could look at all they wanted to: what they did not find is not there."""
    unsure = {each.playbook for each in checks if each.answer.verdict in {Verdict.UNKNOWN, Verdict.DENIED}}
    return frozenset(cause for book in books if book.id not in unsure for cause in book.causes)


async def _from_text(
    subject: Subject, judged: frozenset[str], evidence: Evidence, *, least: float, past: bool
) -> tuple[Finding, ...]:
    """What the error text says of causes that were not judged; it cites the call that gave the text.

    `least` is the confidence below which it is left out.
    """
    said = [each for each in subject.hypotheses if each.cause not in judged and each.confidence >= least]
    if not said:
        return ()
    if past and subject.execution:
        operation = "ListActionExecutions"
        params = {"pipelineName": subject.ref.name, "filter": {"pipelineExecutionId": subject.execution.id}}
        fact = await evidence.read("codepipeline", operation, params)
    else:
        fact = await evidence.read("codepipeline", "GetPipelineState", {"name": subject.ref.name})
    return tuple(from_hypotheses(said, subject.stage.name, subject.action.name, (fact.n,)))


def quick_cause(
    snapshot: PipelineSnapshot, definition: Definition | None = None, *, now: float | None = None
) -> Hypothesis | None:
    """Return what the error text alone says about a pipeline in trouble, or None. Asks AWS nothing.

    The first call reads the knowledge base (tens of milliseconds): on a screen, make it in a thread. `now` is epoch
    seconds, the moment of the snapshot unless given.
    """
    found = assess(snapshot, snapshot.read_at if now is None else now)
    if snapshot.state is None or found.focus is None or found.condition not in _TROUBLED:
        return None
    ran = snapshot.state.action(found.focus.stage, found.focus.action)
    declared = definition.action(found.focus.stage, found.focus.action) if definition else None
    message = _message(ran) if ran else found.why
    provider = declared.provider if declared else ""
    said = explain(
        Failure(stage=declared.category if declared else found.focus.stage, provider=provider, message=message)
    )
    return said[0] if said else None


async def log_of_action(
    cloud: Cloud, ref: PipelineRef, stage: str, action: str, execution_id: str = ""
) -> tuple[LogLocation, Build]:
    """Return the build an action started and where that build says its log is.

    Where no action is named and none has failed, the build that ran last.

    Raises:
        UsageError: no such action or execution, or one that has no build (another provider, or it has not begun).
        AwsError: pipeline or build could not be read; NotFound where the build is gone (kept a year).
    """
    subject = await subject_of(cloud, ref, execution_id=execution_id, stage=stage, action=action)
    if not (stage or action or execution_id) and subject.action_state.status != "Failed":
        subject = at_latest_build(subject)
    return await log_of(cloud, subject)


def at_latest_build(subject: Subject) -> Subject:
    """The same subject at the build action that ran last; unchanged where an action of CodeBuild is meant already."""
    if subject.action.provider == "CodeBuild":
        return subject
    ran = [
        (found.changed_at or 0.0, stage, action, found)
        for stage in subject.definition.stages
        for action in stage.actions
        if action.provider == "CodeBuild" and (found := subject.state.action(stage.name, action.name))
        if found.external_id
    ]
    if not ran:
        return subject
    _, stage, action, found = max(ran, key=lambda each: each[0])
    return replace(subject, stage=stage, action=action, action_state=found)


async def log_of(cloud: Cloud, subject: Subject) -> tuple[LogLocation, Build]:
    """Return the same for an action that has been read already. Raises as `log_of_action`."""
    name = f"{subject.stage.name} / {subject.action.name}"
    if subject.action.provider != "CodeBuild":
        raise UsageError(
            f"{name} runs in {subject.action.provider}, which has no build log.{builds_there_are(subject)}"
        )
    build_id = subject.action_state.external_id
    if not build_id:
        ran = subject.action_state
        if ran.status == "Failed":
            raise UsageError(f"{name} failed before it started a build: {sanitize(_message(ran))}")
        raise UsageError(f"{name} has not started a build yet.")
    place = Place(subject.ref.place.profile, subject.region)
    reader = cloud.builds(place)
    builds = await reader.builds((build_id,)) or await reader.of_batch(build_id)
    if not builds:
        return await reader.log_of(build_id), Build(build_id, "", "", "")
    return builds[0].log, builds[0]


def builds_there_are(subject: Subject) -> str:
    """The pipeline's build actions in a sentence that follows another one."""
    names = [
        f"{stage.name} / {action.name}"
        for stage in subject.definition.stages
        for action in stage.actions
        if action.provider == "CodeBuild"
    ]
    return f" Builds: {'; '.join(names)}." if names else " This pipeline has no build action."


async def _executions(cloud: Cloud, ref: PipelineRef, wanted: str) -> tuple[Execution, ...]:
    """The newest executions; as many pages as it takes to find the wanted one (at most 1,000 executions)."""
    reader = cloud.pipelines(ref.place)
    found: list[Execution] = []
    token = ""
    for _ in range(10 if wanted else 1):
        try:
            page = await reader.executions(ref.name, token=token, limit=100 if wanted else 25)
        except AwsError:
            if wanted:
                raise
            return ()  # the state alone is enough to diagnose the present
        found += page.items
        token = page.next_token
        if not token or any(each.id.startswith(wanted) for each in page.items):
            break
    return tuple(found)


def _message(ran: ActionState) -> str:
    """All that the service said: code with message, and the summary."""
    error = f"{ran.error_code}: {ran.error_message}" if ran.error_code else ran.error_message
    return "\n".join(filter(None, (error, ran.summary)))


def _hypotheses(subject: Subject) -> tuple[Hypothesis, ...]:
    ran = subject.action_state
    if ran.status not in {"Failed", "Abandoned"}:
        return ()
    return explain(Failure(subject.action.category, subject.action.provider, _message(ran)))
