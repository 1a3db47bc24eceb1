"""ECS services: rolling deployments whose tasks live or die by what they run and by their target group."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from demo.engine.logbook import LogBook
from demo.engine.model import Commit
from demo.engine.scheduler import Process
from demo.names import arn, digest
from demo.platform.balancers import Target, TargetGroup

__all__ = ["Containers", "Rollout", "Service", "Task", "TaskDefinition"]


@dataclass(frozen=True, slots=True)
class TaskDefinition:
    """A revision of a task definition."""

    family: str
    revision: int
    region: str
    image: str
    commit: Commit | None
    at: float
    container: str
    port: int

    @property
    def arn(self) -> str:
        """The revision's ARN."""
        return arn("ecs", self.region, f"task-definition/{self.family}:{self.revision}")


@dataclass(slots=True)
class Task:
    """A task, running or stopped."""

    id: str
    definition: TaskDefinition
    started: float
    address: str
    stopped: float | None = None
    reason: str = ""
    code: str = ""
    exit_code: int | None = None


@dataclass(slots=True)
class Rollout:
    """A deployment of a service."""

    id: str
    definition: TaskDefinition
    created: float
    updated: float
    state: str = "IN_PROGRESS"
    reason: str = ""
    failed: int = 0
    running: int = 0


@dataclass(slots=True)
class Service:
    """A service on Fargate behind a target group."""

    region: str
    cluster: str
    name: str
    desired: int
    group: TargetGroup
    created: float
    rng: random.Random
    grace_s: int = 0
    breaker: dict[str, bool] = field(default_factory=lambda: {"enable": True, "rollback": False})
    rolling: dict[str, int] = field(default_factory=lambda: {"maximumPercent": 200, "minimumHealthyPercent": 100})
    definitions: list[TaskDefinition] = field(default_factory=list)
    rollouts: list[Rollout] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    events: list[tuple[float, str]] = field(default_factory=list)

    @property
    def arn(self) -> str:
        """The service's ARN."""
        return arn("ecs", self.region, f"service/{self.cluster}/{self.name}")

    @property
    def current(self) -> TaskDefinition:
        """The task definition the service is set to."""
        return self.rollouts[0].definition

    def running(self) -> list[Task]:
        """The tasks that run."""
        return [task for task in self.tasks if task.stopped is None]

    def define(self, image: str, commit: Commit | None, at: float) -> TaskDefinition:
        """Register the next revision of the task definition."""
        number = self.definitions[-1].revision + 1 if self.definitions else self.rng.randrange(40, 300)
        made = TaskDefinition(self.name, number, self.region, image, commit, at, "app", int(self.group.data["Port"]))
        self.definitions.append(made)
        return made

    def begin(self, definition: TaskDefinition, at: float) -> Rollout:
        """Make a deployment the primary one."""
        rollout = Rollout(f"ecs-svc/{self.rng.randrange(10**18, 10**19)}", definition, at, at)
        self.rollouts.insert(0, rollout)
        return rollout

    def launch(self, definition: TaskDefinition, at: float) -> Task:
        """Start a task and register it with the target group."""
        address = f"10.0.{self.rng.randrange(1, 4)}.{self.rng.randrange(10, 250)}"
        task = Task(digest(self.rng, 32), definition, at, address)
        self.tasks.append(task)
        self.group.targets.append(Target(address, definition.port, definition.commit, at))
        return task

    def stop(self, task: Task, at: float, reason: str, code: str, exit_code: int | None = None) -> None:
        """Stop a task and take it out of the target group."""
        task.stopped, task.reason, task.code, task.exit_code = at, reason, code, exit_code
        self.group.targets = [target for target in self.group.targets if target.address != task.address]

    def say(self, at: float, text: str) -> None:
        """Add a service event."""
        self.events.insert(0, (at, f"(service {self.name}) {text}"))


class Containers:
    """All ECS services of the account.

    Args:
        register_log: makes a log stream known.
    """

    def __init__(self, register_log: Callable[[LogBook], None]) -> None:
        self.services: dict[tuple[str, str, str], Service] = {}
        self._register_log = register_log

    def add(self, service: Service, image: str, commit: Commit | None, at: float) -> None:
        """Put a service in steady state into the account."""
        self.services[service.region, service.cluster, service.name] = service
        rollout = service.begin(service.define(image, commit, at), at)
        rollout.state, rollout.running = "COMPLETED", service.desired
        rollout.reason = f"ECS deployment {rollout.id} completed."
        for _ in range(service.desired):
            self._write(service, service.launch(rollout.definition, at))
        service.say(at + 90, "has reached a steady state.")

    def roll_out(self, service: Service, definition: TaskDefinition, now: Callable[[], float]) -> Process:
        """Replace the tasks one generation by the next; returns the deployment as it ended."""
        before = service.running()
        rollout = service.begin(definition, now())
        rollout.reason = f"ECS deployment {rollout.id} in progress."
        threshold = max(3, (service.desired + 1) // 2)
        while rollout.state == "IN_PROGRESS":
            yield service.rng.uniform(20, 32)
            task = service.launch(definition, now())
            self._write(service, task)
            service.say(now(), f"has started 1 tasks: (task {task.id}).")
            yield from self._judge(service, rollout, task, now)
            rollout.updated = now()
            if rollout.failed >= threshold:
                rollout.state, rollout.reason = "FAILED", "ECS deployment circuit breaker: tasks failed to start."
                service.say(now(), f"(deployment {rollout.id}) deployment failed: tasks failed to start.")
            elif rollout.running >= service.desired:
                rollout.state, rollout.reason = "COMPLETED", f"ECS deployment {rollout.id} completed."
        if rollout.state == "COMPLETED":
            for task in before:
                text = f"Scaling activity initiated by (deployment {rollout.id})"
                service.stop(task, now(), text, "ServiceSchedulerInitiated")
            service.rollouts = [rollout]
            service.say(now(), "has reached a steady state.")
        return rollout

    def _judge(self, service: Service, rollout: Rollout, task: Task, now: Callable[[], float]) -> Process:
        group, commit = service.group, task.definition.commit
        crash = commit.facts.get("crash") if commit is not None else None
        if crash:
            yield service.rng.uniform(4, 9)
            service.stop(task, now(), "Essential container in task exited", "EssentialContainerExited", int(crash))
        elif group.healthy(commit):
            yield float(group.data["HealthCheckIntervalSeconds"] * group.data["HealthyThresholdCount"])
            service.say(now(), f"registered 1 targets in (target-group {group.arn})")
            rollout.running += 1
            return
        else:
            yield service.grace_s + group.fails_after_s()
            code = f"Health checks failed with these codes: [{group.answer(commit)}]"
            text = f"(port {task.definition.port}) is unhealthy in (target-group {group.arn}) due to (reason {code})"
            service.say(now(), text)
            reason = f"Task failed ELB health checks in (target-group {group.arn})"
            service.stop(task, now(), reason, "ServiceSchedulerInitiated", 143)
        service.say(now(), f"has stopped 1 running tasks: (task {task.id}).")
        rollout.failed += 1

    def _write(self, service: Service, task: Task) -> None:
        book = LogBook(f"/ecs/{service.name}", f"ecs/{task.definition.container}/{task.id}", service.region)
        group, commit = service.group, task.definition.commit
        every = float(group.data["HealthCheckIntervalSeconds"])
        start = ["starting", f"listening on 0.0.0.0:{task.definition.port}"]
        book.write(
            task.started + 6, [f'{{"level":"info","msg":"{text}","service":"{service.name}"}}' for text in start], 2
        )
        for number in range(12):
            path, status = group.data["HealthCheckPath"], group.answer(commit)
            line = (
                f'{{"level":"info","method":"GET","path":"{path}","status":{status},"agent":"ELB-HealthChecker/2.0"}}'
            )
            book.write(task.started + 10 + every * number, [line])
        self._register_log(book)

    def find(self, region: str, cluster: str, name: str) -> Service | None:
        """Find a service by names or ARNs."""
        return self.services.get((region, cluster.rpartition("/")[2], name.rpartition("/")[2]))

    def view_events(self, service: Service, now: float) -> list[dict[str, Any]]:
        """Return the newest hundred events, newest first, as DescribeServices does."""
        events = [(at, text) for at, text in service.events if at <= now]
        return [
            {"id": f"{int(at):08x}-{number:04d}", "createdAt": at, "message": text}
            for number, (at, text) in enumerate(events[:100])
        ]
