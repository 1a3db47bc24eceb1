"""Retry, start, stop, transitions, rollback, conditions. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.actions.model import Action, Answers, Ask, Choice, Facts, Situation
from core.errors import UsageError
from core.pipeline import StageState
from core.plan import Call, Plan
from core.plans.pipeline import (
    disable_transition,
    enable_transition,
    retry_stage,
    start_execution,
    stop_execution,
)
from core.plans.stage import CONDITION_TYPES, override_condition, roll_back
from core.text import first_line

__all__ = ["overrides", "retries", "rollbacks", "start", "stops", "transitions"]

# How a source's revision is named when it is pinned (API_SourceRevisionOverride).
_REVISION_TYPES = {
    "Bitbucket": "COMMIT_ID",
    "CodeCommit": "COMMIT_ID",
    "CodeStarSourceConnection": "COMMIT_ID",
    "ECR": "IMAGE_DIGEST",
    "GitHub": "COMMIT_ID",
    "S3": "S3_OBJECT_VERSION_ID",
}
_REASON = Ask("reason", "Reason", "everyone who looks will see it", required=True, limit=200)


def _stages(situation: Situation) -> Sequence[StageState]:
    """The stage under the cursor, or all."""
    point = situation.point
    chosen = [each for each in situation.state.stages if point and each.name == point.stage]
    return chosen or situation.state.stages


def retries(situation: Situation) -> tuple[Action, ...]:
    """Retry the failed actions, or all, of each failed stage."""
    failed = [each for each in situation.state.stages if each.status in ("Failed", "Stopped")]
    if not failed:
        text = "Runs a failed stage again with the same revisions."
        return (Action("retry", "Retry a stage", text, "no stage has failed"),)
    return tuple(_retry(situation, stage, mode) for stage in failed for mode in ("FAILED_ACTIONS", "ALL_ACTIONS"))


def _retry(situation: Situation, stage: StageState, mode: str) -> Action:
    failed_at = max((each.changed_at for each in stage.actions if each.changed_at), default=None)
    every = mode == "ALL_ACTIONS"
    what = "all its actions" if every else "its failed actions"
    more = " What succeeded in it is run again too." if every else " What succeeded in it is left as it is."
    status = stage.status

    def make(given: Answers, facts: Facts) -> Plan:
        del given, facts
        return retry_stage(
            situation.ref,
            situation.account,
            stage.name,
            stage.execution_id,
            mode,
            failed_at=failed_at,
            status=status,
        )

    return Action(
        id=f"{'retry-all' if every else 'retry-failed'}:{stage.name}",
        title=f"Retry stage {stage.name} ({what})",
        consequence=f"Runs {what} again with the same revisions; a deployment is made again.{more}",
        make=make,
    )


def start(situation: Situation) -> Action:
    """Release a change."""
    sources = [
        (action.name, _REVISION_TYPES[action.provider])
        for action in (situation.definition.stages[0].actions if situation.definition.stages else ())
        if action.provider in _REVISION_TYPES
    ]
    variables = situation.definition.variables

    def asks(facts: Facts) -> tuple[Ask, ...]:
        pins = [
            Ask(f"revision:{name}", f"Revision of {name}", f"{kind.lower().replace('_', ' ')}; empty: the newest")
            for name, kind in sources
        ]
        return (*(_variable(name, facts) for name in variables), *pins)

    def make(given: Answers, facts: Facts) -> Plan:
        del facts
        return start_execution(
            situation.ref,
            situation.account,
            newest=situation.newest,
            variables={name: given[f"variable:{name}"] for name in variables if given.get(f"variable:{name}")},
            revisions=[
                {"actionName": name, "revisionType": kind, "revisionValue": given[f"revision:{name}"]}
                for name, kind in sources
                if given.get(f"revision:{name}")
            ],
        )

    return Action(
        id="start",
        title="Start an execution",
        consequence=f"Runs the whole pipeline from its source.{_crowd(situation)}",
        reads=(Call("codepipeline", "GetPipeline", {"name": situation.ref.name}),) if variables else (),
        asks=asks,
        make=make,
    )


def _variable(name: str, facts: Facts) -> Ask:
    """The question for one variable: its default is what an empty answer means; without one a value is needed."""
    declared: Sequence[Mapping[str, object]] = facts[0].get("pipeline", "variables", default=()) if facts else ()
    found = next((each for each in declared if each.get("name") == name), {})
    default, about = found.get("defaultValue"), str(found.get("description") or "")
    empty = "it has no default" if found and default is None else f"empty: {default}" if found else "empty: its default"
    hint = " · ".join(filter(None, (about, empty)))
    return Ask(f"variable:{name}", f"Variable {name}", hint, required=bool(found) and default is None)


def _crowd(situation: Situation) -> str:
    running = [each for each in situation.executions if each.status == "InProgress"]
    if not running:
        return ""
    mode = {
        "QUEUED": "the new one waits its turn",
        "PARALLEL": "the new one runs beside",
    }.get(situation.definition.execution_mode, "the new one takes the place of those that wait before a stage")
    return f" {len(running)} run already: {mode}."


def _running(situation: Situation) -> list[tuple[str, str]]:
    """Executions that can be stopped, with what they are at."""
    at = {each.execution_id: each.name for each in situation.state.stages if each.status in ("InProgress", "Stopping")}
    waiting = {name: f"before {each.name}" for each in situation.state.stages for name in each.inbound}
    listed = {each.id: "" for each in situation.executions if each.status in ("InProgress", "Stopping")}
    return list({**listed, **{key: f"in {name}" for key, name in at.items()}, **waiting}.items())


def stops(situation: Situation) -> tuple[Action, ...]:
    """Stop each execution that runs: after its actions, or at once."""
    running = _running(situation)
    if not running:
        text = "Ends an execution before its end."
        return (Action("stop", "Stop an execution", text, "no execution runs"),)
    return tuple(_stop(situation, name, at, abandon=abandon) for name, at in running for abandon in (False, True))


def _stop(situation: Situation, execution_id: str, at: str, *, abandon: bool) -> Action:
    def make(given: Answers, facts: Facts) -> Plan:
        del facts
        return stop_execution(situation.ref, situation.account, execution_id, given["reason"], abandon=abandon)

    consequence = (
        "It ends at once. Actions under way are left to themselves: a build or deployment goes on unwatched, and a "
        "retry may run beside it."
        if abandon
        else "Actions under way finish first, then nothing further starts. The stage can be retried afterwards."
    )
    return Action(
        id=f"{'abandon' if abandon else 'stop'}:{execution_id}",
        title=f"Stop execution {execution_id[:8]} {at} ({'abandon' if abandon else 'wait for its actions'})",
        consequence=consequence,
        asks=lambda _: (_REASON,),
        make=make,
    )


def transitions(situation: Situation) -> tuple[Action, ...]:
    """Open or close the way into each stage but the first."""
    first = situation.state.stages[0].name if situation.state.stages else ""
    return tuple(_transition(situation, stage) for stage in _stages(situation) if stage.name != first)


def _transition(situation: Situation, stage: StageState) -> Action:
    way = stage.transition

    def make(given: Answers, facts: Facts) -> Plan:
        del facts
        ref, account = situation.ref, situation.account
        if way.enabled:
            return disable_transition(ref, account, stage.name, given["reason"])
        return enable_transition(ref, account, stage.name, reason=way.reason, waiting=stage.inbound)

    if way.enabled:
        return Action(
            id=f"disable:{stage.name}",
            title=f"Disable the transition into {stage.name}",
            consequence="Executions stop before the stage until someone enables it again; what is in it goes on.",
            asks=lambda _: (_REASON,),
            make=make,
        )
    waits = f"{len(stage.inbound)} waiting goes in at once." if stage.inbound else "Later executions go in."
    return Action(
        id=f"enable:{stage.name}",
        title=f"Enable the transition into {stage.name}",
        consequence=f"{waits} It was disabled: {way.reason or 'no reason given'}",
        make=make,
    )


def rollbacks(situation: Situation) -> tuple[Action, ...]:
    """Roll a stage back to an execution that was good in it."""
    first = situation.state.stages[0].name if situation.state.stages else ""
    return tuple(_rollback(situation, stage) for stage in _stages(situation) if stage.name != first)


def _rollback(situation: Situation, stage: StageState) -> Action:
    read = Call(
        "codepipeline",
        "ListPipelineExecutions",
        {
            "pipelineName": situation.ref.name,
            "maxResults": 20,
            "filter": {"succeededInStage": {"stageName": stage.name}},
        },
    )

    def good(facts: Facts) -> dict[str, str]:
        found: Sequence[Mapping[str, object]] = facts[0].get("pipelineExecutionSummaries", default=())
        ids = {str(each.get("pipelineExecutionId", "")): _brought(each) for each in found}
        return {name: text for name, text in ids.items() if name and name != stage.execution_id}

    def asks(facts: Facts) -> tuple[Ask, ...]:
        choices = tuple(Choice(name, f"{name[:8]}  {text}") for name, text in good(facts).items())
        if not choices:
            raise UsageError(f"No other execution has succeeded in {stage.name}.")
        return (
            Ask("target", f"Back to which execution that succeeded in {stage.name}?", required=True, choices=choices),
        )

    def make(given: Answers, facts: Facts) -> Plan:
        target = given["target"]
        lines = [good(facts).get(target, "")]
        return roll_back(
            situation.ref, situation.account, stage.name, target, present=stage.execution_id, revisions=lines
        )

    why_not = ""
    if situation.definition.pipeline_type != "V2":
        why_not = "only pipelines of type V2 roll back"
    elif stage.status in ("InProgress", "Stopping"):
        why_not = "an execution runs in the stage"
    return Action(
        id=f"rollback:{stage.name}",
        title=f"Roll stage {stage.name} back to a good execution …",
        consequence="Runs the stage's actions with an earlier execution's revisions; what is deployed now is replaced.",
        why_not=why_not,
        reads=(read,),
        asks=asks,
        make=make,
    )


def _brought(summary: Mapping[str, object]) -> str:
    revisions = summary.get("sourceRevisions")
    words = [
        f"{str(each.get('revisionId', ''))[:8]} {first_line(str(each.get('revisionSummary', '')))}"
        for each in (revisions if isinstance(revisions, list) else [])
    ]
    return " · ".join(words)


def overrides(situation: Situation) -> tuple[Action, ...]:
    """Let an execution pass a condition that failed."""
    return tuple(
        _override(situation, stage, condition)
        for stage in situation.state.stages
        for condition in stage.conditions
        if condition in CONDITION_TYPES
    )


def _override(situation: Situation, stage: StageState, condition: str) -> Action:
    execution_id = stage.execution_id or (stage.inbound[0] if stage.inbound else "")

    def make(given: Answers, facts: Facts) -> Plan:
        del given, facts
        return override_condition(situation.ref, situation.account, stage.name, execution_id, condition)

    return Action(
        id=f"override:{stage.name}/{condition}",
        title=f"Override the {condition} condition of {stage.name}",
        consequence="The execution goes on although the check that was put there against it says no.",
        make=make,
    )
