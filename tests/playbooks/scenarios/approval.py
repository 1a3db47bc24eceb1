"""Approvals: waiting, rejected, expired, answered."""

from __future__ import annotations

from typing import Any

from core.pipeline import ActionState
from core.playbook import Subject
from tests.playbooks.corpus import Case
from tests.playbooks.recorded import Reply, reply
from tests.playbooks.scene import NOW, subject

TOPIC = "arn:aws:sns:eu-west-1:111122223333:approvers"
DAY = 86_400.0
TOKEN = "11111111-2222-3333-4444-555555555555"


def _subject(status: str) -> Subject:
    return subject(
        "Manual",
        category="Approval",
        configuration={"NotificationArn": TOPIC, "CustomData": "Finance has to agree"},
        status=status,
        state=ActionState(
            "ApprovalIt", status, changed_at=NOW - 2 * DAY, token=TOKEN if status == "InProgress" else ""
        ),
    )


def _state(status: str, **run: Any) -> Reply:
    stage = {
        "stageName": "Approval",
        "inboundTransitionState": {"enabled": True},
        "latestExecution": {"pipelineExecutionId": "e-1", "status": status},
        "actionStates": [
            {
                "actionName": "ApprovalIt",
                "latestExecution": {"status": status, "lastStatusChange": NOW - 2 * DAY, **run},
            }
        ],
    }
    return reply("codepipeline", "GetPipelineState", {"stageStates": [stage]})


TOLD = [
    reply("sns", "GetTopicAttributes", {"Attributes": {"TopicArn": TOPIC}}),
    reply(
        "sns",
        "ListSubscriptionsByTopic",
        {"Subscriptions": [{"SubscriptionArn": f"{TOPIC}:1", "Protocol": "email", "Endpoint": "oncall@example.com"}]},
    ),
    reply(
        "codepipeline",
        "GetPipelineExecution",
        {
            "pipelineExecution": {
                "artifactRevisions": [{"name": "Source", "revisionId": "abc", "revisionSummary": "Fix"}]
            }
        },
    ),
    reply("codepipeline", "GetPipeline", {"pipeline": {"name": "web"}}),
    reply("codepipeline", "ListPipelineExecutions", {"pipelineExecutionSummaries": []}),
    reply("codepipeline", "ListActionExecutions", {"actionExecutionDetails": []}),
]

CASES = [
    Case("approval-healthy", "approval", _subject("Succeeded"), [_state("Succeeded"), *TOLD]),
    Case(
        "approval-waiting",
        "approval",
        _subject("InProgress"),
        [_state("InProgress", token=TOKEN), *TOLD],
        "flow.approval-waiting",
        "Approve",
        automatic=True,
    ),
    Case(
        "approval-rejected",
        "approval",
        _subject("Failed"),
        [_state("Failed", summary="not before Monday", lastUpdatedBy="arn:aws:iam::111122223333:user/alma"), *TOLD],
        "flow.approval-waiting",
        "alma",
    ),
    Case(
        "approval-expired",
        "approval",
        _subject("Failed"),
        [_state("Failed", errorDetails={"code": "JobFailed", "message": "Approval action timed out"}), *TOLD],
        "flow.approval-waiting",
        "asked for again",
    ),
]
