"""What CodeBuild holds, as frozen models. Times are epoch seconds (UTC). Shapes follow API 2016-10-06."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.secret_values import NO_VALUES, SecretValues

__all__ = ["Build", "BuildPhase", "LogLocation"]


@dataclass(frozen=True, slots=True)
class LogLocation:
    """Where a log is: a CloudWatch stream, an S3 object, or nowhere yet.

    `state` says why there may be none: ``ready``, ``pending`` (the stream is made when the build starts), ``disabled``.
    """

    group: str = ""
    stream: str = ""
    region: str = ""
    s3_arn: str = ""
    url: str = ""
    state: str = "ready"

    @property
    def name(self) -> str:
        """Group and stream as one readable name."""
        return f"{self.group}:{self.stream}" if self.stream else self.group or self.s3_arn


@dataclass(frozen=True, slots=True)
class BuildPhase:
    """One phase of a build; `contexts` are (status code, message) as CodeBuild gives them."""

    name: str
    status: str = ""
    started_at: float | None = None
    duration_s: float | None = None
    contexts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Build:
    """One build, as BatchGetBuilds gives it."""

    id: str  # project:uuid
    arn: str
    project: str
    status: str  # SUCCEEDED | FAILED | FAULT | TIMED_OUT | IN_PROGRESS | STOPPED
    current_phase: str = ""
    started_at: float | None = None
    ended_at: float | None = None
    phases: tuple[BuildPhase, ...] = ()
    log: LogLocation = field(default_factory=LogLocation)
    service_role: str = ""
    image: str = ""
    compute_type: str = ""
    privileged: bool = False
    timeout_min: int | None = None
    initiator: str = ""
    source_version: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)  # name → type; values stay with AWS
    hidden: SecretValues = field(default=NO_VALUES, repr=False, compare=False)  # what its log must not show

    @property
    def running(self) -> bool:
        """Whether the build has not ended yet."""
        return self.status == "IN_PROGRESS"

    @property
    def failed_phase(self) -> BuildPhase | None:
        """The first phase that did not succeed, or None."""
        bad = ("FAILED", "FAULT", "TIMED_OUT", "CLIENT_ERROR")
        return next((phase for phase in self.phases if phase.status in bad), None)
