"""All logs that belong to an action, from what AWS says of it: builds of a batch, attempts, functions, containers.

Nothing is guessed: a log group comes from the resource that writes it (a function's LoggingConfig, a container's
logConfiguration), a stream from the build that names it. What cannot be shown here is listed with the reason.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.build import LogLocation
from core.fact import Evidence, Fact
from core.logs import LogGroup
from core.pipeline import ActionExecution
from core.playbook import Subject
from tui.logs.sources import EventReader, event_reader

__all__ = ["LogSource", "attempts", "sources_of"]

_IDS_AT_ONCE = 100  # BatchGetBuilds takes so many
_STREAM_PREFIX = 512  # characters of a stream's name at most
_AGENT = "codedeploy"  # in the name of the groups that the agent's files are shipped to, by convention


@dataclass(frozen=True, slots=True)
class LogSource:
    """One log.

    Attributes:
        title: what writes it.
        detail: how it stands, or why it cannot be shown.
        where: a stream or an object, else None.
        group: a log group or some of its streams, else None.
        reader: events that a service tells, else None.
        failed: whether what wrote it failed.
    """

    title: str
    detail: str = ""
    where: LogLocation | None = None
    group: LogGroup | None = None
    reader: EventReader | None = None
    failed: bool = False

    @property
    def shown(self) -> bool:
        """Whether it can be opened."""
        return self.where is not None or self.group is not None or self.reader is not None


async def sources_of(subject: Subject, evidence: Evidence, runs: Sequence[ActionExecution] = ()) -> list[LogSource]:
    """Return the logs of an action, failed ones first among equals; `runs` are all runs of its execution's actions."""
    found: list[LogSource] = []
    provider = subject.action.provider
    if provider == "CodeBuild":
        found += await _builds(subject, evidence, runs)
    if provider == "Lambda":
        found += await _function(subject, evidence)
    if provider == "ECS":
        given = subject.action.configuration
        where = given.get("ClusterName", "default"), given.get("ServiceName", "")
        found += await _containers(subject, evidence, *where)
    if told := event_reader(subject):
        found.insert(0, LogSource(told[0], "as the service tells them", reader=told[1]))
    if provider == "CodeDeploy":
        found += await _agents(subject, evidence)
    return found


def attempts(subject: Subject, runs: Iterable[ActionExecution]) -> list[str]:
    """The ids of what an action ran before and after retries, newest first."""
    own = [run for run in runs if (run.stage, run.action) == (subject.stage.name, subject.action.name)]
    ids = [run.external_id for run in sorted(own, key=lambda run: -(run.started_at or 0.0)) if run.external_id]
    return list(dict.fromkeys(filter(None, [subject.action_state.external_id, *ids])))


async def _builds(subject: Subject, evidence: Evidence, runs: Sequence[ActionExecution]) -> list[LogSource]:
    found: list[LogSource] = []
    ids = attempts(subject, runs)
    for number, identity in enumerate(ids):
        name = f"attempt {len(ids) - number} of {len(ids)}" if len(ids) > 1 else "build"
        members = await _of_batch(evidence, identity, subject.region)
        wanted = [build for build, _ in members] or [identity]
        names = [f"{name}, {part}" for _, part in members] or [name]
        fact = await evidence.read("codebuild", "BatchGetBuilds", {"ids": wanted[:_IDS_AT_ONCE]}, region=subject.region)
        if not fact.ok:
            found.append(LogSource(name, _why(fact)))
            continue
        held = {str(each.get("arn")): each for each in fact.get("builds", default=())}
        held |= {str(each.get("id")): each for each in held.values()}
        for build, title in zip(wanted, names, strict=True):
            found.append(_build(title, build, held.get(build)))
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


def _build(title: str, identity: str, build: Mapping[str, Any] | None) -> LogSource:
    if build is None:
        return LogSource(title, f"{identity} is gone: builds are kept for a year")
    from aws.mapping.codebuild import log_location  # noqa: PLC0415 (imported by the desk in a thread)

    where = log_location(build)
    status = str(build.get("buildStatus", "")).lower().replace("_", " ")
    said = {"pending": ", has written no log yet", "disabled": ", logging is switched off in the project"}
    shown = where if where.stream or where.s3_arn else None
    detail = f"{status}{said.get(where.state, '')} · {build.get('id', identity)}"
    return LogSource(title, detail, where=shown, failed=status not in {"succeeded", "in progress", "stopped"})


async def _function(subject: Subject, evidence: Evidence) -> list[LogSource]:
    name = subject.action.configuration.get("FunctionName", "")
    if not name:
        return []
    fact = await evidence.read("lambda", "GetFunctionConfiguration", {"FunctionName": name}, region=subject.region)
    title = f"function {name}"
    if not fact.ok:
        return [LogSource(title, _why(fact))]
    group = str(fact.get("LoggingConfig", "LogGroup", default=f"/aws/lambda/{fact.get('FunctionName', default=name)}"))
    found = [LogSource(title, group, group=LogGroup(group, subject.region))]
    if request := subject.action_state.external_id:
        only = LogGroup(group, subject.region, pattern=f'"{request}"')
        found.insert(0, LogSource(f"{title}, this request", f"lines with {request}", group=only))
    return found


async def _containers(subject: Subject, evidence: Evidence, cluster: str, service: str) -> list[LogSource]:
    params = {"cluster": cluster, "services": [service]}
    fact = await evidence.read("ecs", "DescribeServices", params, region=subject.region)
    held = fact.get("services", 0, "deployments", 0, "taskDefinition") or fact.get("services", 0, "taskDefinition")
    if not held:
        return [LogSource(f"containers of {service}", _why(fact))] if not fact.ok else []
    fact = await evidence.read("ecs", "DescribeTaskDefinition", {"taskDefinition": held}, region=subject.region)
    if not fact.ok:
        return [LogSource(f"containers of {service}", _why(fact))]
    containers = fact.get("taskDefinition", "containerDefinitions", default=())
    return [_container(each, subject.region) for each in containers]


def _container(container: Mapping[str, Any], region: str) -> LogSource:
    """A container's log, where its driver writes to CloudWatch; else where it goes."""
    name = str(container.get("name", ""))
    title = f"container {name}"
    configuration = container.get("logConfiguration") or {}
    driver, options = str(configuration.get("logDriver", "")), configuration.get("options") or {}
    if driver == "awslogs" and options.get("awslogs-group"):
        group = str(options["awslogs-group"])
        prefix = str(options.get("awslogs-stream-prefix", ""))
        streams = f"{prefix}/{name}/"[:_STREAM_PREFIX] if prefix else ""
        chosen = LogGroup(group, str(options.get("awslogs-region") or region), prefix=streams)
        return LogSource(title, chosen.label, group=chosen)
    if not driver:
        return LogSource(title, "has no log configuration: what it prints is not kept")
    if driver == "awsfirelens":
        router = options.get("Name") or "a destination that its router's own file names"
        group = str(options.get("log_group_name", ""))
        if str(router) in {"cloudwatch", "cloudwatch_logs"} and group and "$" not in group:
            chosen = LogGroup(group, str(options.get("region") or region))
            return LogSource(title, f"{group}, by FireLens", group=chosen)
        return LogSource(title, f"goes through FireLens to {router}: not to be read here")
    return LogSource(title, f"goes to {driver}: not to be read here")


async def _agents(subject: Subject, evidence: Evidence) -> list[LogSource]:
    """Streams named after a deployment's instances, in groups named after the agent: where its log is shipped."""
    deployment = subject.action_state.external_id
    if not deployment:
        return []
    region = subject.region
    listed = await evidence.read("codedeploy", "ListDeploymentTargets", {"deploymentId": deployment}, region=region)
    instances = [str(each) for each in listed.get("targetIds", default=()) if str(each).startswith(("i-", "mi-"))]
    if not instances:
        return []
    groups = await evidence.read("logs", "DescribeLogGroups", {"logGroupNamePattern": _AGENT}, region=region, pages=1)
    found: list[LogSource] = []
    for group in (str(each.get("logGroupName")) for each in groups.get("logGroups", default=())):
        streams = [stream async for stream in _streams_of(evidence, group, instances[:20], region)]
        found += [LogSource(f"agent on {each}", group, where=LogLocation(group, each, region)) for each in streams]
    return found


async def _streams_of(evidence: Evidence, group: str, instances: Sequence[str], region: str) -> AsyncIterator[str]:
    for instance in instances:
        params = {"logGroupName": group, "logStreamNamePrefix": instance}
        fact = await evidence.read("logs", "DescribeLogStreams", params, region=region, pages=1)
        for each in fact.get("logStreams", default=()):
            yield str(each.get("logStreamName"))


def _why(fact: Fact) -> str:
    """Why a log cannot be found."""
    return f"{fact.service} {fact.operation}: {fact.outcome.value.replace('_', ' ')}. {fact.error}".strip()
