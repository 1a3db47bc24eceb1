"""What an action sees while it runs: its declaration, its execution, the account around it, and the time."""

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from demo.engine.model import ActionRun, Artifact, Commit, Execution
from demo.names import ACCOUNT_ID, token, uuid

if TYPE_CHECKING:
    from demo.engine.pipeline import Pipeline
    from demo.world import World

__all__ = ["ActionContext", "ActionFailed", "Timeline", "refusal"]


class ActionFailed(Exception):
    """An action came to a bad end: CodePipeline's error code and message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Timeline:
    """Where a process stands in time: the scheduler's present, or a moment of the past that is being told."""

    __slots__ = ("_world", "past")

    def __init__(self, world: "World", past: float | None = None) -> None:
        self._world = world
        self.past = past

    def now(self) -> float:
        """Return the moment in seconds since the epoch."""
        return self._world.scheduler.now if self.past is None else self.past


def refusal(role_arn: str, session: str, action: str, resource: str, reason: str) -> str:
    """Word a denial as IAM does."""
    role = role_arn.rpartition("/")[2]
    user = f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/{role}/{session}"
    return f"User: {user} is not authorized to perform: {action} on resource: {resource} {reason}"


@dataclass(slots=True)
class ActionContext:
    """One run of one action.

    Attributes:
        past: a run of former times, which everything allowed.
    """

    world: "World"
    pipeline: "Pipeline"
    execution: Execution
    run: ActionRun
    timeline: Timeline
    rng: random.Random

    @property
    def past(self) -> bool:
        """Whether this run is being told, not lived: nothing in the present account stops it."""
        return self.execution.past

    @property
    def config(self) -> dict[str, str]:
        """The action's configuration with variables resolved."""
        return self.run.config

    @property
    def role(self) -> str:
        """The role the action runs as."""
        return str(self.run.action.get("roleArn") or self.pipeline.definition["roleArn"])

    @property
    def region(self) -> str:
        """The region the action works in."""
        return str(self.run.action.get("region") or self.pipeline.region)

    def now(self) -> float:
        """Return the run's moment."""
        return self.timeline.now()

    def require(self, action: str, resource: str, prefix: str = "", suffix: str = "") -> None:
        """Ask IAM whether the action's role may do something.

        Raises:
            ActionFailed: it may not; the message is worded by IAM between prefix and suffix.
        """
        if self.past:
            return
        decision = self.world.iam.decide(self.role, action, resource)
        if not decision.allowed:
            text = refusal(self.role, str(int(self.now() * 1000)), action, resource, decision.reason)
            self.world.record_denial(self.region, self.role, action, resource, text)
            raise ActionFailed("PermissionError", f"{prefix}{text}{suffix}")

    def commit(self) -> Commit | None:
        """Return the revision the first input artifact was made from."""
        return self.run.inputs[0].commit if self.run.inputs else None

    def produce(
        self,
        commit: Commit | None,
        places: Sequence[tuple[str, str]] = (),
        ballast: Mapping[str, int] = MappingProxyType({}),
    ) -> list[Artifact]:
        """Store the declared output artifacts.

        Args:
            commit: the revision they are made from.
            places: bucket and key of each, in their order, where they were settled before; else new ones.
            ballast: bytes that lie in each beside the revision's files, by path.

        Raises:
            ActionFailed: the role may not write to the store.
        """
        made = []
        for number, declared in enumerate(self.run.action.get("outputArtifacts", [])):
            bucket = self.pipeline.store(self.region)
            key = f"{self.pipeline.name[:20]}/{declared['name'][:10]}/{token(self.rng)}"
            bucket, key = places[number] if places else (bucket, key)
            self.require("s3:PutObject", f"arn:aws:s3:::{bucket}/{key}", "Unable to write the artifact: ")
            artifact = Artifact(declared["name"], bucket, key, commit, self.now(), ballast)
            self.execution.artifacts[artifact.name] = artifact
            self.world.artifacts.add(artifact, source=self.run.action["actionTypeId"]["category"] == "Source")
            made.append(artifact)
        self.run.outputs = made
        return made

    def publish(self, variables: Mapping[str, str]) -> None:
        """Set the action's output variables, in its namespace if it has one."""
        self.run.variables = dict(variables)
        namespace = self.run.action.get("namespace")
        if namespace:
            self.execution.namespaces[namespace] = dict(variables)

    def fresh_id(self) -> str:
        """Draw an id."""
        return uuid(self.rng)


def resolve(config: Mapping[str, Any], execution: Execution) -> dict[str, str]:
    """Replace ``#{namespace.name}`` by what the execution holds.

    Raises:
        ActionFailed: a reference that nothing resolves.
    """

    def value(found: re.Match[str]) -> str:
        namespace, _, name = found[1].partition(".")
        if namespace == "codepipeline" and name == "PipelineExecutionId":
            return execution.id
        if namespace == "variables":
            for variable in execution.variables:
                if variable["name"] == name:
                    return variable["resolvedValue"]
        try:
            return execution.namespaces[namespace][name]
        except KeyError:
            raise ActionFailed(
                "ConfigurationError",
                "An action configuration variable could not be resolved: "
                f"The variable reference #{{{found[1]}}} does not exist",
            ) from None

    return {key: re.sub(r"#\{([\w.-]+)\}", value, str(text)) for key, text in config.items()}
