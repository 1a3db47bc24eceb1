"""What CodePipeline holds, as frozen models (API 2015-07-09). Times are epoch seconds (UTC); absent is None."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from core.place import PipelineRef

__all__ = [
    "ActionDecl",
    "ActionExecution",
    "ActionState",
    "Approval",
    "ArtifactStore",
    "Definition",
    "Execution",
    "ExecutionTerms",
    "PipelineSnapshot",
    "PipelineState",
    "Revision",
    "StageDecl",
    "StageState",
    "Transition",
]

_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ActionDecl:
    """One action as the definition declares it."""

    name: str
    category: str  # Source | Build | Test | Deploy | Invoke | Approval | Compute
    provider: str
    owner: str = "AWS"
    version: str = "1"
    run_order: int = 1
    configuration: Mapping[str, str] = field(default_factory=lambda: _NONE)
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    role_arn: str = ""  # empty: the pipeline's own role acts
    region: str = ""  # empty: the pipeline's own region
    namespace: str = ""
    timeout_min: int | None = None


@dataclass(frozen=True, slots=True)
class StageDecl:
    """One stage as the definition declares it; actions in the order of the definition."""

    name: str
    actions: tuple[ActionDecl, ...] = ()
    conditions: tuple[str, ...] = ()  # of beforeEntry, onSuccess, onFailure: those that are declared


@dataclass(frozen=True, slots=True)
class ArtifactStore:
    """An S3 bucket that carries artifacts; `key` is the KMS key's id, ARN or alias, empty for aws/s3."""

    location: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Definition:
    """A pipeline's structure, as GetPipeline gives it.

    Attributes:
        stores: artifact store by region; the key is empty where the definition has a single store.
        raw: the JSON text of the structure, indented, as `aws codepipeline get-pipeline` prints it.
    """

    name: str
    version: int
    role_arn: str
    stages: tuple[StageDecl, ...]
    stores: Mapping[str, ArtifactStore]
    arn: str = ""
    pipeline_type: str = "V1"
    execution_mode: str = "SUPERSEDED"
    variables: tuple[str, ...] = ()
    triggers: tuple[str, ...] = ()  # names of source actions that have a trigger configuration
    created_at: float | None = None
    updated_at: float | None = None
    raw: str = ""

    def stage(self, name: str) -> StageDecl | None:
        """The stage of that name, or None."""
        return next((stage for stage in self.stages if stage.name == name), None)

    def action(self, stage: str, name: str) -> ActionDecl | None:
        """The action of that name in that stage, or None."""
        found = self.stage(stage)
        return next((action for action in found.actions if action.name == name), None) if found else None


@dataclass(frozen=True, slots=True)
class Approval:
    """What a waiting approval action needs to be answered, and until when it waits."""

    token: str
    custom_data: str = ""
    review_url: str = ""


@dataclass(frozen=True, slots=True)
class ActionState:
    """An action's latest execution, as GetPipelineState gives it; `status` is empty when it has never run."""

    name: str
    status: str = ""  # InProgress | Abandoned | Succeeded | Failed
    summary: str = ""
    changed_at: float | None = None
    error_code: str = ""
    error_message: str = ""
    external_id: str = ""  # CodeBuild: project:build; CodeDeploy: d-…; CloudFormation: the stack
    external_url: str = ""
    percent: int | None = None
    token: str = ""  # of a waiting approval
    revision_id: str = ""
    revision_url: str = ""
    entity_url: str = ""
    action_execution_id: str = ""
    updated_by: str = ""


@dataclass(frozen=True, slots=True)
class Transition:
    """The way into a stage: enabled, or disabled by whom, when and why."""

    enabled: bool = True
    changed_by: str = ""
    changed_at: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class StageState:
    """A stage's latest execution; `inbound` are executions that wait to enter it."""

    name: str
    status: str = ""  # Cancelled | InProgress | Failed | Stopped | Stopping | Succeeded | Skipped; empty: never run
    execution_id: str = ""
    transition: Transition = field(default_factory=Transition)
    actions: tuple[ActionState, ...] = ()
    inbound: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()  # of entry, success, failure: those whose latest run failed


@dataclass(frozen=True, slots=True)
class PipelineState:
    """All stages with their latest executions, as GetPipelineState gives them."""

    name: str
    version: int
    stages: tuple[StageState, ...]
    created_at: float | None = None
    updated_at: float | None = None

    def stage(self, name: str) -> StageState | None:
        """The stage of that name, or None."""
        return next((stage for stage in self.stages if stage.name == name), None)

    def action(self, stage: str, name: str) -> ActionState | None:
        """The action of that name in that stage, or None."""
        found = self.stage(stage)
        return next((action for action in found.actions if action.name == name), None) if found else None


@dataclass(frozen=True, slots=True)
class Revision:
    """What a source action brought: a commit, an object version, an image digest."""

    action: str
    id: str
    summary: str = ""  # commit message, or the provider's JSON summary reduced to its message
    url: str = ""
    author: str = ""
    branch: str = ""


@dataclass(frozen=True, slots=True)
class Execution:
    """One execution of a pipeline, as ListPipelineExecutions gives it."""

    id: str
    status: str  # Cancelled | InProgress | Stopped | Stopping | Succeeded | Superseded | Failed
    started_at: float | None = None
    updated_at: float | None = None
    summary: str = ""
    trigger: str = ""  # Webhook | WebhookV2 | StartPipelineExecution | CloudWatchEvent | PollForSourceChanges | …
    trigger_detail: str = ""
    revisions: tuple[Revision, ...] = ()
    mode: str = ""
    kind: str = "STANDARD"  # or ROLLBACK
    stop_reason: str = ""


@dataclass(frozen=True, slots=True)
class ExecutionTerms:
    """On what terms an execution runs, as GetPipelineExecution gives it: the definition's version, its variables."""

    version: int
    variables: Mapping[str, str] = field(default_factory=lambda: _NONE, repr=False)


@dataclass(frozen=True, slots=True)
class ActionExecution:
    """One run of one action, as ListActionExecutions gives it."""

    id: str
    execution_id: str
    stage: str
    action: str
    status: str
    started_at: float | None = None
    updated_at: float | None = None
    provider: str = ""
    external_id: str = ""
    external_url: str = ""
    summary: str = ""
    error_code: str = ""
    error_message: str = ""
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    configuration: Mapping[str, str] = field(default_factory=lambda: _NONE, repr=False)  # with its variables resolved
    branch: str = ""  # of a source action
    author: str = ""

    @property
    def as_state(self) -> ActionState:
        """The state that GetPipelineState would show right after this run."""
        return ActionState(
            name=self.action,
            status=self.status,
            summary=self.summary,
            changed_at=self.updated_at,
            error_code=self.error_code,
            error_message=self.error_message,
            external_id=self.external_id,
            external_url=self.external_url,
            action_execution_id=self.id,
        )


@dataclass(frozen=True, slots=True)
class PipelineSnapshot:
    """All that one row of the fleet needs, with when it was read (epoch seconds) and what failed, if anything did."""

    ref: PipelineRef
    read_at: float
    state: PipelineState | None = None
    execution: Execution | None = None
    usual_s: float | None = None  # median duration of past successes, where enough were read
    error: str = ""
