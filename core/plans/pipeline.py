"""Changes of a pipeline's flow: retry a stage, open or close the way into one, release a change. Pure.

Source: https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_RetryStageExecution.html and its siblings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.fact import Fact
from core.place import PipelineRef
from core.plan import Call, Check, Plan, Risk, Undo
from core.plans._stages import stage_in, standing, standing_words, state_read

__all__ = [
    "answer_approval",
    "disable_transition",
    "enable_transition",
    "retry_stage",
    "start_execution",
    "stop_execution",
]

FAILED_ACTIONS = "FAILED_ACTIONS"


def _changed_since(fact: Fact, stage: str, then: float) -> bool:
    for action in stage_in(fact, stage).get("actionStates") or ():
        changed = (action.get("latestExecution") or {}).get("lastStatusChange")
        if isinstance(changed, (int, float)) and changed > then:
            return True
    return False


def retry_stage(
    ref: PipelineRef,
    account: str,
    stage: str,
    execution_id: str,
    mode: str = FAILED_ACTIONS,
    *,
    failed_at: float | None = None,
    status: str = "Failed",
) -> Plan:
    """Plan to run a failed stage again.

    Args:
        ref: the pipeline.
        account: its account.
        stage: the failed stage's name.
        execution_id: the execution that failed in it; another one there is a conflict.
        mode: ``FAILED_ACTIONS`` or ``ALL_ACTIONS``.
        failed_at: when the stage's last action changed (epoch seconds): a change after it proves the retry, even one
            that has failed again already.
        status: the stage's status as read: ``Failed`` or ``Stopped``.
    """

    def again(facts: tuple[Fact, ...]) -> bool:
        seen = standing(facts[0], stage)
        moved = failed_at is not None and _changed_since(facts[0], stage, failed_at)
        return seen.execution_id == execution_id and (seen.status in ("InProgress", "Succeeded") or moved)

    what = "its failed actions" if mode == FAILED_ACTIONS else "all its actions"
    params = {"pipelineName": ref.name, "stageName": stage, "pipelineExecutionId": execution_id, "retryMode": mode}
    return Plan(
        id="pipeline.retry-stage",
        title=f"Retry stage {stage} of {ref.name} ({what})",
        place=ref.place,
        account=account,
        pipeline=ref.name,
        resource=f"{ref.name}/{stage}",
        call=Call("codepipeline", "RetryStageExecution", params),
        risk=Risk.MEDIUM,
        risk_note=f"Runs {what} again with the same revisions; a deployment is made again.",
        precondition=Check(
            describe=f"Execution {execution_id} is still the one that failed in {stage}",
            reads=(state_read(ref.name),),
            holds=lambda facts: standing(facts[0], stage)[:2] == (execution_id, status),
        ),
        verification=Check(f"Stage {stage} runs again", (state_read(ref.name),), again, deadline_s=90.0),
        before=f"{stage}: {status}\nexecution {execution_id}",
        after=f"{stage}: InProgress\nexecution {execution_id}",
        syntax="text",
        permissions=("codepipeline:RetryStageExecution",),
        present=lambda facts: standing_words(facts[0], stage),
        undo=Undo(f"Stop execution {execution_id}", _stop(ref.name, execution_id, "retry taken back")),
    )


def _stop(name: str, execution_id: str, reason: str, *, abandon: bool = False) -> Call:
    params = {"pipelineName": name, "pipelineExecutionId": execution_id, "abandon": abandon, "reason": reason}
    return Call("codepipeline", "StopPipelineExecution", params)


def _enabled(fact: Fact, stage: str) -> bool | None:
    enabled = (stage_in(fact, stage).get("inboundTransitionState") or {}).get("enabled")
    return enabled if isinstance(enabled, bool) else None


def _way(fact: Fact, stage: str) -> str:
    """The way into a stage as it stands, in words."""
    found = stage_in(fact, stage).get("inboundTransitionState") or {}
    reason = f" ({found['disabledReason']})" if found.get("disabledReason") else ""
    return f"{stage}: {'enabled' if found.get('enabled') else 'disabled'}{reason}"


def _enable(name: str, stage: str) -> Call:
    params = {"pipelineName": name, "stageName": stage, "transitionType": "Inbound"}
    return Call("codepipeline", "EnableStageTransition", params)


def _disable(name: str, stage: str, reason: str) -> Call:
    params = {"pipelineName": name, "stageName": stage, "transitionType": "Inbound", "reason": reason}
    return Call("codepipeline", "DisableStageTransition", params)


def enable_transition(
    ref: PipelineRef, account: str, stage: str, *, reason: str = "", waiting: Sequence[str] = ()
) -> Plan:
    """Plan to open the way into a stage.

    Args:
        ref: the pipeline.
        account: its account.
        stage: the stage whose inbound transition is disabled.
        reason: why it was disabled, as CodePipeline gives it; the undo gives it again.
        waiting: ids of executions that will enter the stage at once.
    """
    go_on = tuple(f"execution {each} goes on into {stage}" for each in waiting)
    return Plan(
        id="pipeline.enable-transition",
        title=f"Enable the transition into {stage} of {ref.name}",
        place=ref.place,
        account=account,
        pipeline=ref.name,
        resource=f"{ref.name}/{stage}",
        call=_enable(ref.name, stage),
        risk=Risk.MEDIUM,
        risk_note="What waits before the stage enters it at once." if waiting else "Later executions enter the stage.",
        precondition=Check(
            describe=f"The transition into {stage} is still disabled",
            reads=(state_read(ref.name),),
            holds=lambda facts: _enabled(facts[0], stage) is False,
        ),
        verification=Check(
            f"The transition into {stage} is enabled",
            (state_read(ref.name),),
            lambda facts: _enabled(facts[0], stage) is True,
        ),
        before=f"{stage}: disabled" + (f" ({reason})" if reason else ""),
        after=f"{stage}: enabled",
        syntax="text",
        permissions=("codepipeline:EnableStageTransition",),
        present=lambda facts: _way(facts[0], stage),
        affects=go_on,
        undo=Undo("Disable the transition again", _disable(ref.name, stage, reason or "disabled again")),
    )


def disable_transition(ref: PipelineRef, account: str, stage: str, reason: str) -> Plan:
    """Plan to close the way into a stage; `reason` is shown to everyone who looks (300 characters at most)."""
    return Plan(
        id="pipeline.disable-transition",
        title=f"Disable the transition into {stage} of {ref.name}",
        place=ref.place,
        account=account,
        pipeline=ref.name,
        resource=f"{ref.name}/{stage}",
        call=_disable(ref.name, stage, reason[:300]),
        risk=Risk.MEDIUM,
        risk_note="Executions stop before the stage until it is enabled again.",
        precondition=Check(
            f"The transition into {stage} is still enabled",
            (state_read(ref.name),),
            lambda facts: _enabled(facts[0], stage) is True,
        ),
        verification=Check(
            f"The transition into {stage} is disabled",
            (state_read(ref.name),),
            lambda facts: _enabled(facts[0], stage) is False,
        ),
        before=f"{stage}: enabled",
        after=f"{stage}: disabled ({reason[:300]})",
        syntax="text",
        permissions=("codepipeline:DisableStageTransition",),
        present=lambda facts: _way(facts[0], stage),
        undo=Undo("Enable the transition again", _enable(ref.name, stage)),
    )


def _executions(name: str) -> Call:
    return Call("codepipeline", "ListPipelineExecutions", {"pipelineName": name, "maxResults": 10})


def _newest(fact: Fact) -> str:
    return str(fact.get("pipelineExecutionSummaries", 0, "pipelineExecutionId", default=""))


def start_execution(
    ref: PipelineRef,
    account: str,
    *,
    newest: str,
    production: bool = True,
    variables: Mapping[str, str] | None = None,
    revisions: Sequence[Mapping[str, str]] = (),
) -> Plan:
    """Plan to release a change: start the pipeline from its source.

    Args:
        ref: the pipeline.
        account: its account.
        newest: id of its newest execution as last read (empty: it has never run); another one is a conflict.
        production: whether what the pipeline does is not known to be harmless (then the risk is not low).
        variables: values of the pipeline's variables; those not given keep their defaults.
        revisions: source revisions to pin, as in the API: ``actionName``, ``revisionType`` (COMMIT_ID, IMAGE_DIGEST,
            S3_OBJECT_VERSION_ID, S3_OBJECT_KEY), ``revisionValue``.
    """
    params: dict[str, Any] = {"name": ref.name}
    if variables:
        params["variables"] = [{"name": name, "value": value} for name, value in variables.items()]
    if revisions:
        params["sourceRevisions"] = [dict(each) for each in revisions]
    pinned = [f"{each['actionName']}: {each['revisionValue']}" for each in revisions]
    chosen = [*pinned, *(f"variable {name} = {value}" for name, value in (variables or {}).items())]
    what = "pinned revisions" if revisions else "the latest revisions"
    note = (
        f"Runs the whole pipeline with {'the revisions named' if revisions else 'the newest revision of every source'}."
    )
    return Plan(
        id="pipeline.start",
        title=f"Start {ref.name} with {what}",
        place=ref.place,
        account=account,
        pipeline=ref.name,
        resource=ref.name,
        call=Call("codepipeline", "StartPipelineExecution", params),
        risk=Risk.MEDIUM if production else Risk.LOW,
        risk_note=note,
        precondition=Check(
            "No newer execution has started", (_executions(ref.name),), lambda facts: _newest(facts[0]) == newest
        ),
        verification=Check(
            "A new execution is there",
            (_executions(ref.name),),
            lambda facts: _newest(facts[0]) not in ("", newest),
        ),
        before=f"newest execution: {newest or 'none'}",
        after="\n".join(("newest execution: a new one", *chosen)),
        present=lambda facts: f"newest execution: {_newest(facts[0]) or 'none'}",
        syntax="text",
        permissions=("codepipeline:StartPipelineExecution",),
        made={"pipelineExecutionId": ("pipelineExecutionId",)},
        undo=Undo(
            "Stop the execution",
            follow=lambda made: _stop(ref.name, made["pipelineExecutionId"], "start taken back"),
        ),
    )


def _execution_status(fact: Fact) -> str:
    return str(fact.get("pipelineExecution", "status", default=""))


def stop_execution(ref: PipelineRef, account: str, execution_id: str, reason: str, *, abandon: bool = False) -> Plan:
    """Plan to stop an execution: after its running actions, or at once and leaving them behind (`abandon`)."""
    read = Call("codepipeline", "GetPipelineExecution", {"pipelineName": ref.name, "pipelineExecutionId": execution_id})
    note = (
        "Abandon: the execution ends at once. Actions under way are left to themselves (a build or deployment goes on "
        "unwatched), and a retry may run beside what is still running."
        if abandon
        else "Wait: actions under way finish first, then nothing further starts. The stage can be retried afterwards."
    )
    return Plan(
        id="pipeline.stop",
        title=f"Stop execution {execution_id} of {ref.name}",
        place=ref.place,
        account=account,
        pipeline=ref.name,
        resource=f"{ref.name}/{execution_id}",
        call=_stop(ref.name, execution_id, reason[:200], abandon=abandon),
        risk=Risk.HIGH if abandon else Risk.MEDIUM,
        risk_note=note,
        precondition=Check(
            "The execution still runs", (read,), lambda facts: _execution_status(facts[0]) == "InProgress"
        ),
        verification=Check(
            "The execution stops",
            (read,),
            lambda facts: _execution_status(facts[0]) in ("Stopping", "Stopped"),
        ),
        before=f"{execution_id}: InProgress",
        after=f"{execution_id}: {'Stopped' if abandon else 'Stopping'}",
        present=lambda facts: f"{execution_id}: {_execution_status(facts[0])}",
        syntax="text",
        permissions=("codepipeline:StopPipelineExecution",),
    )


def answer_approval(
    ref: PipelineRef, account: str, stage: str, action: str, token: str, *, approve: bool, summary: str
) -> Plan:
    """Plan to approve or reject what a manual approval waits for.

    Args:
        ref: the pipeline.
        account: its account.
        stage: the approval's stage.
        action: the approval's name.
        token: of the waiting request, from GetPipelineState; another token there is a conflict.
        approve: True lets the execution go on, False fails the stage.
        summary: the comment that everyone will see (512 characters at most).
    """

    def last_run(fact: Fact) -> Mapping[str, Any]:
        found = [each for each in stage_in(fact, stage).get("actionStates") or () if each.get("actionName") == action]
        return (found[0].get("latestExecution") or {}) if found else {}

    def waiting(fact: Fact) -> str:
        run = last_run(fact)
        return str(run.get("token", "")) if run.get("status") == "InProgress" else ""

    def present(facts: tuple[Fact, ...]) -> str:
        run = last_run(facts[0])
        if run.get("status") == "InProgress":
            return f"{action}: waiting, with another request than the one you saw"
        by = f" by {run['lastUpdatedBy']}" if run.get("lastUpdatedBy") else ""
        said = f": {run['summary']}" if run.get("summary") else ""
        return f"{action}: {run.get('status', 'not asked')}{by}{said}"

    word, verb = ("Approved", "Approve") if approve else ("Rejected", "Reject")
    result = {"summary": summary[:512], "status": word}
    params = {"pipelineName": ref.name, "stageName": stage, "actionName": action, "result": result, "token": token}
    return Plan(
        id=f"pipeline.{verb.lower()}",
        title=f"{verb} {action} in stage {stage} of {ref.name}",
        place=ref.place,
        account=account,
        pipeline=ref.name,
        resource=f"{ref.name}/{stage}/{action}",
        call=Call("codepipeline", "PutApprovalResult", params),
        risk=Risk.HIGH,
        risk_note="The execution goes on at once." if approve else "The stage fails; the execution does not go on.",
        precondition=Check(
            "The same approval still waits", (state_read(ref.name),), lambda facts: waiting(facts[0]) == token
        ),
        verification=Check(
            "The approval no longer waits", (state_read(ref.name),), lambda facts: waiting(facts[0]) != token
        ),
        before=f"{action}: waiting",
        after=f"{action}: {word}",
        present=present,
        syntax="text",
        permissions=("codepipeline:PutApprovalResult",),
        typed=ref.name if approve else "",
    )
