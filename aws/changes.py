"""The changes that pipemedic may make at all, and what AWS means when it refuses one."""

from __future__ import annotations

from core.errors import AwsError

__all__ = ["ALLOWED", "JOBS", "refusal"]

# By botocore's service name. What is not here cannot be sent, whoever asks.
ALLOWED: dict[str, frozenset[str]] = {
    "autoscaling": frozenset({"ResumeProcesses", "SuspendProcesses"}),
    "cloudformation": frozenset({"ContinueUpdateRollback", "DeleteStack"}),
    "cloudwatch": frozenset({"SetAlarmState"}),
    "codebuild": frozenset(
        {"RetryBuild", "RetryBuildBatch", "StartBuild", "StopBuild", "StopBuildBatch", "UpdateProject"}
    ),
    "codedeploy": frozenset({"ContinueDeployment", "StopDeployment", "UpdateDeploymentGroup"}),
    "codepipeline": frozenset(
        {
            "DisableStageTransition",
            "EnableStageTransition",
            "OverrideStageCondition",
            "PutApprovalResult",
            "RetryStageExecution",
            "RollbackStage",
            "StartPipelineExecution",
            "StopPipelineExecution",
            "UpdatePipeline",
        }
    ),
    "ecs": frozenset({"UpdateService"}),
    "elbv2": frozenset({"ModifyTargetGroup", "ModifyTargetGroupAttributes"}),
    "events": frozenset({"DeleteRule", "DisableRule", "EnableRule", "PutRule", "PutTargets", "RemoveTargets"}),
    "iam": frozenset(
        {
            "CreatePolicyVersion",
            "CreateRole",
            "DeletePolicyVersion",
            "DeleteRole",
            "DeleteRolePolicy",
            "PutRolePolicy",
            "SetDefaultPolicyVersion",
            "UpdateAssumeRolePolicy",
        }
    ),
    "kms": frozenset({"CreateGrant", "PutKeyPolicy", "RevokeGrant"}),
    "s3": frozenset(
        {"DeleteBucketPolicy", "PutBucketNotificationConfiguration", "PutBucketPolicy", "PutBucketVersioning"}
    ),
}

# Jobs that make a report and change nothing else. They are no reads, so read-only mode refuses them all the same; there
# is nothing to confirm or to undo, so they need no plan.
JOBS: dict[str, frozenset[str]] = {"iam": frozenset({"GenerateServiceLastAccessedDetails"})}

_WORDS = {
    "ApprovalAlreadyCompletedException": "Someone has answered this approval already.",
    "ConcurrentModification": "Someone else is changing the same thing at this moment.",
    "ConcurrentModificationException": "Someone else is changing the same thing at this moment.",
    "ConcurrentPipelineExecutionsLimitExceededException": "As many executions run already as the pipeline allows.",
    "ConditionNotOverridableException": "The condition does not hold the execution up any more.",
    "ConflictException": "Someone else is changing the same thing at this moment.",
    "DeploymentAlreadyCompletedException": "The deployment has ended already.",
    "DeploymentIsNotInReadyStateException": "The deployment does not wait any more.",
    "DuplicatedStopRequestException": "The execution has been told to stop already.",
    "InvalidApprovalTokenException": "This approval is closed: it was answered, or a newer execution took over.",
    "LimitExceeded": "A limit of AWS is reached (for a policy: its size, or the number of its versions).",
    "LimitExceededException": "A limit of AWS is reached.",
    "NotLatestPipelineExecutionException": "A newer execution has entered this stage; only that one can be retried.",
    "PipelineExecutionNotStoppableException": "The execution has ended, or is stopping already.",
    "PipelineExecutionOutdatedException": "The pipeline has changed since this execution ran.",
    "StageNotRetryableException": "The stage cannot be retried: it no longer stands failed, or it was edited.",
    "UnableToRollbackStageException": "The stage cannot be rolled back to that execution.",
    "UnmodifiableEntity": "AWS owns this resource and lets no one change it.",
}


def refusal(error: AwsError) -> str:
    """Return what a refusal means in plain words, with AWS's own after it."""
    words = _WORDS.get(error.code)
    return f"{words} AWS says: {error.detail}" if words else str(error)
