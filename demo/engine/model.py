"""The things the engine moves: revisions, executions, action runs. Mutable, because time changes them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from demo.engine.conditions import ConditionRun
from demo.engine.scheduler import Signal, Task

__all__ = ["ActionRun", "Artifact", "Commit", "Execution", "Repository", "StageSlot", "Trigger"]


@dataclass(frozen=True, slots=True)
class Commit:
    """A revision of a repository, bucket object or image.

    Attributes:
        facts: what running the code would show (failing tests, memory it needs, the path it answers on, ...).
        files: the files the account looks into, by path (buildspec.yml, appspec.yml, ...).
    """

    id: str
    message: str
    author: str
    at: float
    facts: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Repository:
    """A place revisions come from: ``provider`` is GitHub, Bitbucket, CodeCommit, S3 or ECR."""

    name: str
    provider: str
    branches: dict[str, list[Commit]]

    def head(self, branch: str) -> Commit | None:
        """Return the newest revision of a branch."""
        commits = self.branches.get(branch)
        return commits[-1] if commits else None


@dataclass(frozen=True, slots=True)
class Trigger:
    """What started an execution, in CodePipeline's words."""

    kind: str
    detail: str


@dataclass(frozen=True, slots=True)
class Artifact:
    """An artifact in the store, with the revision it was made from and when (epoch seconds).

    `ballast` are bytes that lie in it beside the revision's files, by path.
    """

    name: str
    bucket: str
    key: str
    commit: Commit | None
    made: float
    ballast: Mapping[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class ActionRun:
    """One execution of an action."""

    id: str
    stage: str
    action: Mapping[str, Any]
    started: float
    updated: float
    status: str = "InProgress"
    config: dict[str, str] = field(default_factory=dict)
    inputs: list[Artifact] = field(default_factory=list)
    outputs: list[Artifact] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    summary: str = ""
    external_id: str = ""
    external_url: str = ""
    error: tuple[str, str] | None = None
    token: str = ""
    updated_by: str = ""
    percent: int | None = None
    revision: tuple[str, str, str] | None = None

    @property
    def name(self) -> str:
        """The action's name."""
        return str(self.action["name"])


@dataclass(slots=True)
class Execution:
    """One way of a revision through a pipeline."""

    id: str
    number: int
    version: int
    started: float
    updated: float
    trigger: Trigger
    mode: str
    status: str = "InProgress"
    status_summary: str = ""
    kind: str = "STANDARD"
    rollback_of: str = ""
    stop_reason: str = ""
    abandon: bool = False
    variables: list[dict[str, str]] = field(default_factory=list)
    runs: list[ActionRun] = field(default_factory=list)
    stage_status: dict[str, str] = field(default_factory=dict)
    artifacts: dict[str, Artifact] = field(default_factory=dict)
    namespaces: dict[str, dict[str, str]] = field(default_factory=dict)
    pinned: dict[str, str] = field(default_factory=dict)
    task: Task | None = None
    past: bool = False

    @property
    def finished(self) -> bool:
        """Whether it has come to an end."""
        return self.status not in {"InProgress", "Stopping"}

    def sources(self) -> list[ActionRun]:
        """The newest run of each source action that found a revision."""
        found = {run.name: run for run in self.runs if run.revision is not None}
        return list(found.values())


@dataclass(slots=True)
class StageSlot:
    """A stage with who is in it, who waits before it, and its inbound transition."""

    name: str
    declaration: Mapping[str, Any]
    enabled: bool = True
    reason: str = ""
    changed_by: str = ""
    changed_at: float | None = None
    current: Execution | None = None
    latest: Execution | None = None
    waiting: list[Execution] = field(default_factory=list)
    runs: dict[str, ActionRun] = field(default_factory=dict)
    conditions: dict[str, ConditionRun] = field(default_factory=dict)
    retries: int = 0
    signal: Signal = field(default_factory=Signal)
