"""An EventBridge rule that starts a pipeline, made from nothing: role, its policy, rule, target. Pure.

Four calls are four plans, each proven before the next is offered. Source:
https://docs.aws.amazon.com/codepipeline/latest/userguide/create-cwe-ecr-source-api.html and its siblings for CodeCommit
and S3.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from core.plan import Call, Plan, Risk
from core.plans.setting import Setting, Where, setting
from core.policy import as_text

__all__ = ["TARGET_ID", "codecommit_pattern", "create_trigger", "ecr_pattern", "s3_pattern"]

TARGET_ID = "codepipeline"
_POLICY = "start-pipeline"


def codecommit_pattern(repository_arn: str, branch: str) -> dict[str, Any]:
    """Return the event pattern of a push to a branch of a CodeCommit repository."""
    return {
        "source": ["aws.codecommit"],
        "detail-type": ["CodeCommit Repository State Change"],
        "resources": [repository_arn],
        "detail": {
            "event": ["referenceCreated", "referenceUpdated"],
            "referenceType": ["branch"],
            "referenceName": [branch],
        },
    }


def s3_pattern(bucket: str, key: str) -> dict[str, Any]:
    """Return the event pattern of a new object version; the bucket must send its events to EventBridge."""
    return {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {"bucket": {"name": [bucket]}, "object": {"key": [key]}},
    }


def ecr_pattern(repository: str, tag: str) -> dict[str, Any]:
    """Return the event pattern of an image pushed with a tag."""
    return {
        "source": ["aws.ecr"],
        "detail-type": ["ECR Image Action"],
        "detail": {
            "action-type": ["PUSH"],
            "result": ["SUCCESS"],
            "repository-name": [repository],
            "image-tag": [tag],
        },
    }


def create_trigger(where: Where, *, rule: str, pattern: Mapping[str, Any], pipeline_arn: str, role: str) -> Plan:
    """Plan a rule that starts a pipeline, with a new role for it.

    Args:
        where: for which pipeline, by whom.
        rule: the new rule's name.
        pattern: what it listens to.
        pipeline_arn: what it starts.
        role: the new role's name.

    Returns:
        The first of four plans; each has the following one in `then`. A name that is taken already is a conflict.
    """
    role_arn = f"arn:{pipeline_arn.split(':')[1]}:iam::{where.account}:role/{role}"
    target = _target(where, rule, pipeline_arn, role_arn)
    put_rule = replace(_rule(where, rule, dict(pattern)), then=target)
    allow = replace(_allow(where, role, role_arn, pipeline_arn), then=put_rule)
    return replace(_role(where, role, role_arn), then=allow)


def _role(where: Where, role: str, role_arn: str) -> Plan:
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
    return setting(
        where,
        Setting(
            id="iam.create-role",
            title=f"Create the role {role} that EventBridge takes on",
            resource=role_arn,
            call=Call("iam", "CreateRole", {"RoleName": role, "AssumeRolePolicyDocument": json.dumps(trust)}),
            back=Call("iam", "DeleteRole", {"RoleName": role}),
            back_words="Delete the role again",
            before="",
            after=as_text(trust),
            risk=Risk.LOW,
            risk_note="A new role that may do nothing yet. Step 1 of 4.",
            permissions=("iam:CreateRole", "iam:DeleteRole"),
        ),
    )


def _allow(where: Where, role: str, role_arn: str, pipeline_arn: str) -> Plan:
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "codepipeline:StartPipelineExecution", "Resource": pipeline_arn}],
    }
    names = {"RoleName": role, "PolicyName": _POLICY}
    return setting(
        where,
        Setting(
            id="iam.allow-start",
            title=f"Allow role {role} to start {where.pipeline}",
            resource=role_arn,
            call=Call("iam", "PutRolePolicy", {**names, "PolicyDocument": json.dumps(document)}),
            back=Call("iam", "DeleteRolePolicy", names),
            back_words="Delete the policy again",
            before="",
            after=as_text(document),
            risk=Risk.LOW,
            risk_note="The role may start this one pipeline. Step 2 of 4.",
            permissions=("iam:PutRolePolicy", "iam:DeleteRolePolicy"),
        ),
    )


def _rule(where: Where, rule: str, pattern: dict[str, Any]) -> Plan:
    params = {"Name": rule, "EventBusName": "default", "EventPattern": json.dumps(pattern), "State": "ENABLED"}
    return setting(
        where,
        Setting(
            id="events.create-rule",
            title=f"Create the EventBridge rule {rule}",
            resource=rule,
            call=Call("events", "PutRule", params),
            back=Call("events", "DeleteRule", {"Name": rule, "EventBusName": "default"}),
            back_words="Delete the rule again",
            before="",
            after=as_text(pattern),
            risk=Risk.LOW,
            risk_note="A new rule that starts nothing until it has a target. Step 3 of 4.",
            permissions=("events:PutRule", "events:DeleteRule"),
        ),
    )


def _target(where: Where, rule: str, pipeline_arn: str, role_arn: str) -> Plan:
    names = {"Rule": rule, "EventBusName": "default"}
    target = {"Id": TARGET_ID, "Arn": pipeline_arn, "RoleArn": role_arn}
    return setting(
        where,
        Setting(
            id="events.put-target",
            title=f"Have the rule {rule} start {where.pipeline}",
            resource=rule,
            call=Call("events", "PutTargets", {**names, "Targets": [target]}),
            back=Call("events", "RemoveTargets", {**names, "Ids": [TARGET_ID]}),
            back_words="Take the target off the rule again",
            before="",
            after=as_text(target),
            risk=Risk.MEDIUM,
            risk_note="From now on a change of the source starts the pipeline by itself. Step 4 of 4.",
            permissions=("events:PutTargets", "events:RemoveTargets", "iam:PassRole"),
        ),
    )
