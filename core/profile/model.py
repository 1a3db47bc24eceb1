"""The past of a pipeline as a profile needs it: executions, action runs, builds. Slim, frozen, without any secret.

Times are epoch seconds (UTC), durations seconds; absent is None.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

__all__ = ["ActionRun", "History", "Node", "PastBuild", "PastRun", "StoredArtifact", "label"]

Node = tuple[str, str]
"""One action of a definition: its stage's name and its own."""

_NO_BUILDS: Mapping[str, PastBuild] = MappingProxyType({})


def label(node: Node) -> str:
    """Return an action as people write it: ``Test / Unit``."""
    return f"{node[0]} / {node[1]}"


@dataclass(frozen=True, slots=True)
class StoredArtifact:
    """An artifact of one action run, as an object in the artifact store."""

    name: str
    bucket: str
    key: str


@dataclass(frozen=True, slots=True)
class ActionRun:
    """One run of one action (ListActionExecutions); a retry is a run of its own."""

    id: str
    stage: str
    action: str
    status: str
    started_at: float
    ended_at: float | None
    category: str = ""
    provider: str = ""
    region: str = ""
    external_id: str = ""
    inputs: tuple[StoredArtifact, ...] = ()
    outputs: tuple[StoredArtifact, ...] = ()

    @property
    def node(self) -> Node:
        """Which action of the definition ran."""
        return self.stage, self.action

    @property
    def took_s(self) -> float:
        """How long it took; 0 while it runs."""
        return max((self.ended_at or self.started_at) - self.started_at, 0.0)


@dataclass(frozen=True, slots=True)
class PastBuild:
    """One build (BatchGetBuilds): its phases with their seconds, and the environment it ran in.

    `cache` is the project's cache type at that time: ``NO_CACHE``, ``S3`` or ``LOCAL``; empty where it is not told.
    """

    id: str
    project: str
    status: str
    started_at: float | None = None
    ended_at: float | None = None
    phases: tuple[tuple[str, float], ...] = ()
    compute: str = ""
    environment: str = ""  # LINUX_CONTAINER | ARM_CONTAINER | …
    image: str = ""
    cache: str = ""
    log_group: str = ""
    log_stream: str = ""
    reports: tuple[str, ...] = ()

    def phase_s(self, *names: str) -> float:
        """Seconds spent in these phases."""
        return sum(seconds for name, seconds in self.phases if name in names)


@dataclass(frozen=True, slots=True)
class PastRun:
    """One execution of the pipeline with all its action runs, oldest first."""

    id: str
    status: str  # Cancelled | InProgress | Stopped | Stopping | Succeeded | Superseded | Failed
    started_at: float
    ended_at: float | None
    mode: str = ""
    trigger: str = ""
    kind: str = "STANDARD"
    revisions: tuple[str, ...] = ()  # ``action=revision id``
    actions: tuple[ActionRun, ...] = ()

    @property
    def good(self) -> bool:
        """Whether it went all the way."""
        return self.status == "Succeeded" and self.kind == "STANDARD"

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.status not in {"InProgress", "Stopping"}

    @property
    def took_s(self) -> float:
        """From its start to its end; 0 while it runs."""
        return max((self.ended_at or self.started_at) - self.started_at, 0.0) if self.over else 0.0

    @property
    def retried(self) -> bool:
        """Whether some action ran more than once."""
        return len({run.node for run in self.actions}) != len(self.actions)


@dataclass(frozen=True, slots=True)
class History:
    """What was read of a pipeline's past.

    Attributes:
        runs: executions, newest first.
        builds: by id, as far as they could be read (CodeBuild keeps them a year).
        truncated: whether older executions were left unread.
        notes: what could not be read and why, one sentence each.
    """

    pipeline: str
    runs: tuple[PastRun, ...] = ()
    builds: Mapping[str, PastBuild] = field(default_factory=lambda: _NO_BUILDS)
    read_at: float = 0.0
    truncated: bool = False
    notes: tuple[str, ...] = ()

    @property
    def good(self) -> tuple[PastRun, ...]:
        """Executions that went all the way, newest first."""
        return tuple(run for run in self.runs if run.good)

    def last(self, count: int) -> History:
        """The same with the newest `count` executions."""
        return History(
            self.pipeline,
            self.runs[:count],
            self.builds,
            self.read_at,
            self.truncated or len(self.runs) > count,
            self.notes,
        )

    def build_of(self, run: ActionRun) -> PastBuild | None:
        """The build that an action run started, where it was read."""
        return self.builds.get(run.external_id) if run.external_id else None
