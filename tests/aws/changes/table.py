"""Every action and fix that the program offers, and how one knows its plan among those that were applied and proven."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from aws.changes import ALLOWED
from core.plan import Plan
from tests.aws.changing import PROVEN

__all__ = ["TABLE", "lacking"]

Known = Callable[[Plan], bool]


def call(operation: str, **params: Any) -> Known:
    """A call with these parameters; ``service:Operation``."""
    service, _, name = operation.partition(":")

    def known(plan: Plan) -> bool:
        made = plan.call
        same = (made.service, made.operation) == (service, name)
        return same and all(made.params.get(key) == value for key, value in params.items())

    return known


def sets(operation: str, *members: str) -> Known:
    """A call that has all these parameters."""
    base = call(operation)
    return lambda plan: base(plan) and all(plan.call.params.get(each) for each in members)


def edits(*words: str) -> Known:
    """An edit of a pipeline's structure with one of these words on a line that differs."""

    def known(plan: Plan) -> bool:
        if plan.call.operation != "UpdatePipeline":
            return False
        before, after = set(plan.before.splitlines()), set(plan.after.splitlines())
        changed = " ".join(line for line in before ^ after)
        return any(f'"{word}"' in changed for word in words)

    return known


def environment(member: str) -> Known:
    """A change of one member of a build project's environment."""

    def known(plan: Plan) -> bool:
        if plan.call.operation != "UpdateProject" or "environment" not in plan.call.params:
            return False
        before = (json.loads(plan.before) or {}).get("environment") or {}
        return bool(plan.call.params["environment"].get(member) != before.get(member))

    return known


def variable(kind: str) -> Known:
    """A variable of a build project that comes from there."""
    base = call("codebuild:UpdateProject")

    def known(plan: Plan) -> bool:
        held = (plan.call.params.get("environment") or {}).get("environmentVariables", ())
        return base(plan) and any(each.get("type") == kind for each in held)

    return known


def rule(source: str) -> Known:
    """A rule made for events of a source."""
    base = call("events:PutRule")
    return lambda plan: base(plan) and json.loads(plan.call.params["EventPattern"])["source"] == [source]


def text(operation: str, word: str) -> Known:
    """A call in whose parameters a word stands."""
    base = call(operation)
    return lambda plan: base(plan) and word in json.dumps(plan.call.params)


_STOP, _RETRY = "codepipeline:StopPipelineExecution", "codepipeline:RetryStageExecution"
_PROJECT, _GROUP, _SERVICE = "codebuild:UpdateProject", "codedeploy:UpdateDeploymentGroup", "ecs:UpdateService"
_GOES_ON = "cloudformation:ContinueUpdateRollback"

TABLE: Mapping[str, Known] = {
    # Actions
    "retry a stage: failed actions": call(_RETRY, retryMode="FAILED_ACTIONS"),
    "retry a stage: all actions": call(_RETRY, retryMode="ALL_ACTIONS"),
    "start": call("codepipeline:StartPipelineExecution"),
    "start with variables": sets("codepipeline:StartPipelineExecution", "variables"),
    "start with pinned source revisions": sets("codepipeline:StartPipelineExecution", "sourceRevisions"),
    "stop: wait": call(_STOP, abandon=False),
    "stop: abandon": call(_STOP, abandon=True),
    "roll a stage back": call("codepipeline:RollbackStage"),
    "enable a transition": call("codepipeline:EnableStageTransition"),
    "disable a transition with a reason": sets("codepipeline:DisableStageTransition", "reason"),
    "override a stage condition": call("codepipeline:OverrideStageCondition"),
    "approve with a comment": text("codepipeline:PutApprovalResult", "Approved"),
    "reject with a comment": text("codepipeline:PutApprovalResult", "Rejected"),
    "CodeBuild: stop": call("codebuild:StopBuild"),
    "CodeBuild: retry": call("codebuild:RetryBuild"),
    "CodeBuild: start with overrides": sets(
        "codebuild:StartBuild", "computeTypeOverride", "environmentVariablesOverride"
    ),
    "CodeBuild: batches": call("codebuild:RetryBuildBatch"),
    "CodeDeploy: stop": call("codedeploy:StopDeployment", autoRollbackEnabled=False),
    "CodeDeploy: stop and roll back": call("codedeploy:StopDeployment", autoRollbackEnabled=True),
    "CodeDeploy: continue": call("codedeploy:ContinueDeployment"),
    # Fixes
    "missing action, inline": call("iam:PutRolePolicy"),
    "missing action, managed policy": call("iam:CreatePolicyVersion"),
    "trust policy": call("iam:UpdateAssumeRolePolicy"),
    "PassRole": text("iam:PutRolePolicy", "iam:PassRole"),
    "KMS key policy": call("kms:PutKeyPolicy"),
    "KMS grant": call("kms:CreateGrant"),
    "bucket policy": call("s3:PutBucketPolicy"),
    "bucket versioning": call("s3:PutBucketVersioning"),
    "EventBridge rule: enable": call("events:EnableRule"),
    "EventBridge rule: CodeCommit": rule("aws.codecommit"),
    "EventBridge rule: S3": rule("aws.s3"),
    "EventBridge rule: ECR": rule("aws.ecr"),
    "EventBridge rule: its role": call("iam:CreateRole"),
    "EventBridge rule: its target": call("events:PutTargets"),
    "S3 EventBridge notification": call("s3:PutBucketNotificationConfiguration"),
    "definition: branch": edits("BranchName"),
    "definition: repository": edits("FullRepositoryId", "RepositoryName"),
    "definition: connection": edits("ConnectionArn"),
    "definition: capabilities": edits("Capabilities"),
    "definition: artifact names": edits("outputArtifacts", "name"),
    "definition: runOrder": edits("runOrder"),
    "definition: image-definitions file": edits("FileName"),
    "definition: role": edits("roleArn"),
    "project: privileged": environment("privilegedMode"),
    "project: image": environment("image"),
    "project: compute type": environment("computeType"),
    "project: time-outs": sets(_PROJECT, "timeoutInMinutes", "queuedTimeoutInMinutes"),
    "project: variable from a parameter": variable("PARAMETER_STORE"),
    "project: variable from a secret": variable("SECRETS_MANAGER"),
    "project: VPC": sets(_PROJECT, "vpcConfig"),
    "project: log settings": sets(_PROJECT, "logsConfig"),
    "project: cache": sets(_PROJECT, "cache"),
    "project: concurrency": sets(_PROJECT, "concurrentBuildLimit"),
    "group: alarm": sets(_GROUP, "alarmConfiguration"),
    "group: rollback": sets(_GROUP, "autoRollbackConfiguration"),
    "group: tags": sets(_GROUP, "ec2TagFilters"),
    "group: load balancer": sets(_GROUP, "loadBalancerInfo"),
    "group: target group": text(_GROUP, "targetGroupInfoList"),
    "ECS: grace period": sets(_SERVICE, "healthCheckGracePeriodSeconds"),
    "ECS: circuit breaker": text(_SERVICE, "deploymentCircuitBreaker"),
    "ECS: forced new deployment": call(_SERVICE, forceNewDeployment=True),
    "ECS: back to the last good task definition": sets(_SERVICE, "taskDefinition"),
    "suspended Auto Scaling processes": call("autoscaling:ResumeProcesses"),
    "stack: continue-update-rollback with skips": sets(_GOES_ON, "ResourcesToSkip"),
    "stack: delete by its name": lambda plan: call("cloudformation:DeleteStack")(plan) and bool(plan.typed),
    "target group: health check": call("elbv2:ModifyTargetGroup"),
    "target group: deregistration delay": call("elbv2:ModifyTargetGroupAttributes"),
    "alarm state": call("cloudwatch:SetAlarmState"),
}


def lacking() -> list[str]:
    """Return the rows of which no plan was proven, and operations of the write path that nothing made."""
    rows = [name for name, known in TABLE.items() if not any(known(plan) for plan in PROVEN)]
    made = {f"{plan.call.service}:{plan.call.operation}" for plan in PROVEN}
    allowed = {f"{service}:{operation}" for service, found in ALLOWED.items() for operation in found}
    return [*rows, *sorted(allowed - made)]
