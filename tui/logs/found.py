"""All logs that belong to an action, from what AWS says of it: builds of a batch, attempts, functions, containers.

Nothing is guessed: a log group comes from the resource that writes it (a function's LoggingConfig, a container's
logConfiguration), a stream from the build that names it. What cannot be shown here is listed with the reason.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.arn import Arn
from core.attention import FocusPoint
from core.build import LogLocation
from core.fact import Evidence, Fact
from core.logs import LogGroup
from core.pipeline import ActionExecution
from core.place import Place
from core.playbook import Subject
from tui.logs.source import LogSource, SourceKind
from tui.logs.sources import event_reader

__all__ = ["Offer", "attempts", "sources_of"]

_IDS_AT_ONCE = 100  # BatchGetBuilds takes so many
_STREAM_PREFIX = 512  # characters of a stream's name at most
_HISTORY_PAGES = 25
# Of a run that ended so long ago, what its group has around its end is meant, not what comes now.
_LONG_AGO_S, _BEFORE_S, _AFTER_S = 1800.0, 3600.0, 300.0
_AGENT = "codedeploy"  # in the name of the groups that the agent's files are shipped to, by convention


@dataclass(frozen=True, slots=True)
class Offer:
    """One log of an action.

    Attributes:
        title: what writes it.
        detail: how it stands, or why it cannot be shown.
        source: what opens it; None where nothing does.
        failed: whether what wrote it failed.
    """

    title: str
    detail: str = ""
    source: LogSource | None = None
    failed: bool = False


async def sources_of(subject: Subject, evidence: Evidence, runs: Sequence[ActionExecution] = ()) -> list[Offer]:
    """Return the logs of an action, what its service tells first; `runs` are all runs of its execution's actions."""
    found: list[Offer] = []
    provider = subject.action.provider
    if provider == "CodeBuild":
        found += await _builds(subject, evidence, runs)
    if provider == "Lambda":
        found += await _function(subject, evidence, subject.action.configuration.get("FunctionName", ""))
    if provider == "ECS":
        given = subject.action.configuration
        found += await _containers(subject, evidence, given.get("ClusterName", "default"), given.get("ServiceName", ""))
    if provider == "CodeDeployToECS":
        for target in await _targets(subject, evidence):
            cluster, _, service = target.partition(":")
            found += await _containers(subject, evidence, cluster, service) if service else []
    if told := event_reader(subject):
        point = FocusPoint(subject.stage.name, subject.action.name)
        run = subject.execution.id if subject.execution else ""
        events = replace(LogSource.of_action(subject.ref, point, run), kind=SourceKind.EVENTS, title=told[0])
        found.insert(0, Offer(told[0], "as the service tells them", events))
    if provider == "CodeDeploy":
        found += await _agents(subject, evidence)
    if provider == "StepFunctions":
        found += await _state_machine(subject, evidence)
    return found


def attempts(subject: Subject, runs: Iterable[ActionExecution]) -> list[str]:
    """The ids of what an action ran before and after retries, newest first."""
    own = [run for run in runs if (run.stage, run.action) == (subject.stage.name, subject.action.name)]
    ids = [run.external_id for run in sorted(own, key=lambda run: -(run.started_at or 0.0)) if run.external_id]
    return list(dict.fromkeys(filter(None, [subject.action_state.external_id, *ids])))


async def _builds(subject: Subject, evidence: Evidence, runs: Sequence[ActionExecution]) -> list[Offer]:
    found: list[Offer] = []
    ids = attempts(subject, runs)
    for number, identity in enumerate(ids):
        name = f"attempt {len(ids) - number} of {len(ids)}" if len(ids) > 1 else "build"
        members = await _of_batch(evidence, identity, subject.region)
        wanted = [build for build, _ in members] or [identity]
        names = [f"{name}, {part}" for _, part in members] or [name]
        fact = await evidence.read("codebuild", "BatchGetBuilds", {"ids": wanted[:_IDS_AT_ONCE]}, region=subject.region)
        if not fact.ok:
            found.append(Offer(name, _why(fact)))
            continue
        held = {str(each.get("arn")): each for each in fact.get("builds", default=())}
        held |= {str(each.get("id")): each for each in held.values()}
        for build, title in zip(wanted, names, strict=True):
            found.append(_build(subject, title, build, held.get(build)))
    return found


async def _of_batch(evidence: Evidence, identity: str, region: str) -> list[tuple[str, str]]:
    """The builds of a batch with their names in it, earlier tries too; none where it is a single build."""
    if ":build-batch/" not in identity and not await _is_batch(evidence, identity, region):
        return []
    fact = await evidence.read("codebuild", "BatchGetBuildBatches", {"ids": [identity]}, region=region)
    members: list[tuple[str, str]] = []
    for group in fact.get("buildBatches", 0, "buildGroups", default=()):
        part = str(group.get("identifier", ""))
        now = group.get("currentBuildSummary") or {}
        if now.get("arn"):
            members.append((str(now["arn"]), part))
        members += [
            (str(each["arn"]), f"{part}, tried before")
            for each in group.get("priorBuildSummaryList") or ()
            if each.get("arn")
        ]
    return members


async def _is_batch(evidence: Evidence, identity: str, region: str) -> bool:
    """Whether no build has that id: a batch's looks the same."""
    fact = await evidence.read("codebuild", "BatchGetBuilds", {"ids": [identity]}, region=region)
    return fact.ok and not fact.get("builds", default=())


def _build(subject: Subject, title: str, identity: str, build: Mapping[str, Any] | None) -> Offer:
    if build is None:
        return Offer(title, f"{identity} is gone: builds are kept for a year")
    from aws.mapping.codebuild import log_location  # noqa: PLC0415 (imported by the desk in a thread)

    where = log_location(build)
    status = str(build.get("buildStatus", "")).lower().replace("_", " ")
    said = {"pending": ", has written no log yet", "disabled": ", logging is switched off in the project"}
    shown = _at(subject, where, title) if where.stream or where.s3_arn else None
    detail = f"{status}{said.get(where.state, '')} · {build.get('id', identity)}"
    return Offer(title, detail, shown, failed=status not in {"succeeded", "in progress", "stopped"})


def _at(subject: Subject, where: LogLocation, title: str) -> LogSource:
    return LogSource.of_location(_place(subject), where, title)


def _place(subject: Subject) -> Place:
    return Place(subject.ref.place.profile, subject.region)


def _of_run(subject: Subject, group: LogGroup, title: str) -> LogSource:
    """A group from a while before the action's run ended on; of a run long over, the time around it alone."""
    source = LogSource.of_group(_place(subject), group, title)
    state = subject.action_state
    if state.status == "InProgress" or state.changed_at is None:
        return source
    since_ms, until_ms = (int((state.changed_at + off_s) * 1000) for off_s in (-_BEFORE_S, _AFTER_S))
    over = subject.now - state.changed_at >= _LONG_AGO_S
    return replace(source, since_ms=since_ms, until_ms=until_ms if over else 0)


async def _function(subject: Subject, evidence: Evidence, name: str) -> list[Offer]:
    if not name:
        return []
    fact = await evidence.read("lambda", "GetFunctionConfiguration", {"FunctionName": name}, region=subject.region)
    title = f"function {fact.get('FunctionName', default=name)}"
    if not fact.ok:
        return [Offer(title, _why(fact))]
    group = str(fact.get("LoggingConfig", "LogGroup", default=f"/aws/lambda/{fact.get('FunctionName', default=name)}"))
    found = [Offer(title, group, _of_run(subject, LogGroup(group, subject.region), title))]
    if subject.action.provider == "Lambda" and (request := subject.action_state.external_id):
        only = LogGroup(group, subject.region, pattern=f'"{request}"')
        narrow = f"{title}, this request"
        found.append(Offer(narrow, f"lines with {request}", _of_run(subject, only, narrow)))
    return found


async def _state_machine(subject: Subject, evidence: Evidence) -> list[Offer]:
    """What the state machine itself logs, and the functions that its execution called."""
    run, region = subject.action_state.external_id, subject.region
    if not run.startswith("arn:"):
        return []
    fact = await evidence.read("stepfunctions", "DescribeExecution", {"executionArn": run}, region=region)
    machine = str(fact.get("stateMachineArn", default=subject.action.configuration.get("StateMachineArn", "")))
    found: list[Offer] = []
    if machine:
        fact = await evidence.read("stepfunctions", "DescribeStateMachine", {"stateMachineArn": machine}, region=region)
        found += _machine_logs(subject, fact, machine, run)
    history = {"executionArn": run, "includeExecutionData": False}
    fact = await evidence.read("stepfunctions", "GetExecutionHistory", history, region=region, pages=_HISTORY_PAGES)
    called = dict.fromkeys(
        str(details["resource"])
        for event in fact.get("events", default=())
        if (details := event.get("lambdaFunctionScheduledEventDetails")) and details.get("resource")
    )
    for function in called:
        found += await _function(subject, evidence, function)
    return found


def _machine_logs(subject: Subject, fact: Fact, machine: str, run: str) -> list[Offer]:
    title = f"log of {machine.rpartition(':')[2]}"
    if not fact.ok:
        return [Offer(title, _why(fact))]
    places = fact.get("loggingConfiguration", "destinations", default=())
    arns = [Arn.parse(str((each.get("cloudWatchLogsLogGroup") or {}).get("logGroupArn", ""))) for each in places]
    groups = [arn.resource.removeprefix("log-group:").removesuffix(":*") for arn in arns if arn]
    if not groups:
        return [Offer(title, "logging is switched off in the state machine")]
    only = f'{{ $.execution_arn = "{run}" }}'
    return [
        Offer(title, group, _of_run(subject, LogGroup(group, subject.region, pattern=only), title)) for group in groups
    ]


async def _containers(subject: Subject, evidence: Evidence, cluster: str, service: str) -> list[Offer]:
    params = {"cluster": cluster, "services": [service]}
    fact = await evidence.read("ecs", "DescribeServices", params, region=subject.region)
    # While a deployment runs, the newest definition is the one in question.
    held = fact.get("services", 0, "deployments", 0, "taskDefinition") or fact.get("services", 0, "taskDefinition")
    if not held:
        return [Offer(f"containers of {service}", _why(fact))] if not fact.ok else []
    fact = await evidence.read("ecs", "DescribeTaskDefinition", {"taskDefinition": held}, region=subject.region)
    if not fact.ok:
        return [Offer(f"containers of {service}", _why(fact))]
    containers = fact.get("taskDefinition", "containerDefinitions", default=())
    return [_container(subject, each) for each in containers]


def _container(subject: Subject, container: Mapping[str, Any]) -> Offer:
    """A container's log, where its driver writes to CloudWatch; else where it goes."""
    name = str(container.get("name", ""))
    title = f"container {name}"
    configuration = container.get("logConfiguration") or {}
    driver, options = str(configuration.get("logDriver", "")), configuration.get("options") or {}
    if driver == "awslogs" and options.get("awslogs-group"):
        group = str(options["awslogs-group"])
        prefix = str(options.get("awslogs-stream-prefix", ""))
        streams = f"{prefix}/{name}/"[:_STREAM_PREFIX] if prefix else ""
        chosen = LogGroup(group, str(options.get("awslogs-region") or subject.region), prefix=streams)
        return Offer(title, chosen.label, _of_run(subject, chosen, title))
    if not driver:
        return Offer(title, "has no log configuration: what it prints is not kept")
    if driver == "awsfirelens":
        router = options.get("Name") or "a destination that its router's own file names"
        group = str(options.get("log_group_name", ""))
        if str(router) in {"cloudwatch", "cloudwatch_logs"} and group and "$" not in group:
            chosen = LogGroup(group, str(options.get("region") or subject.region))
            return Offer(title, f"{group}, by FireLens", _of_run(subject, chosen, title))
        return Offer(title, f"goes through FireLens to {router}: not to be read here")
    return Offer(title, f"goes to {driver}: not to be read here")


async def _agents(subject: Subject, evidence: Evidence) -> list[Offer]:
    """Streams named after a deployment's instances, in groups named after the agent: where its log is shipped."""
    region = subject.region
    instances = [each for each in await _targets(subject, evidence) if each.startswith(("i-", "mi-"))]
    if not instances:
        return []
    groups = await evidence.read("logs", "DescribeLogGroups", {"logGroupNamePattern": _AGENT}, region=region, pages=1)
    found: list[Offer] = []
    for group in (str(each.get("logGroupName")) for each in groups.get("logGroups", default=())):
        streams = [stream async for stream in _streams_of(evidence, group, instances[:20], region)]
        found += [
            Offer(title, group, _at(subject, LogLocation(group, each, region), title))
            for each in streams
            if (title := f"agent on {each}")
        ]
    return found


async def _targets(subject: Subject, evidence: Evidence) -> list[str]:
    """The ids of a deployment's targets: instances, and services as ``cluster:service``."""
    if not (deployment := subject.action_state.external_id):
        return []
    params = {"deploymentId": deployment}
    listed = await evidence.read("codedeploy", "ListDeploymentTargets", params, region=subject.region)
    return [str(each) for each in listed.get("targetIds", default=())]


async def _streams_of(evidence: Evidence, group: str, instances: Sequence[str], region: str) -> AsyncIterator[str]:
    for instance in instances:
        params = {"logGroupName": group, "logStreamNamePrefix": instance}
        fact = await evidence.read("logs", "DescribeLogStreams", params, region=region, pages=1)
        for each in fact.get("logStreams", default=()):
            yield str(each.get("logStreamName"))


def _why(fact: Fact) -> str:
    """Why a log cannot be found."""
    return f"{fact.service} {fact.operation}: {fact.outcome.value.replace('_', ' ')}. {fact.error}".strip()
