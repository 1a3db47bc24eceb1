"""The CloudFormation template of `pipemedic fleet template`: a rule, its queue, and a policy for who reads it. Pure.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html (what a queue's policy has to allow)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["DETAIL_TYPES", "as_yaml", "template"]

DETAIL_TYPES = (
    "CodePipeline Pipeline Execution State Change",
    "CodePipeline Stage Execution State Change",
    "CodePipeline Action Execution State Change",
)
_QUEUE_ARN = {"Fn::GetAtt": ["Queue", "Arn"]}
_RULE_ARN = {"Fn::GetAtt": ["Rule", "Arn"]}


def template() -> dict[str, Any]:
    """Return the template, one for each account and region (and each person who watches: messages go to one reader)."""
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "State changes of CodePipeline for pipemedic: an EventBridge rule, its queue, and a policy",
        "Parameters": {
            "Name": {
                "Type": "String",
                "Default": "pipemedic",
                "AllowedPattern": "[A-Za-z0-9_-]{1,60}",
                "Description": "Of the queue and the rule. A queue has one reader: deploy one stack for each.",
            }
        },
        "Resources": {
            "Queue": _queue(),
            "QueuePolicy": _queue_policy(),
            "Rule": _rule(),
            "ReaderPolicy": _reader_policy(),
        },
        "Outputs": {
            "QueueUrl": {
                "Description": 'For the configuration: [contexts.NAME] queue = "..."',
                "Value": {"Ref": "Queue"},
            },
            "ReaderPolicyArn": {
                "Description": "Attach it to who runs pipemedic",
                "Value": {"Ref": "ReaderPolicy"},
            },
        },
    }


def _queue() -> dict[str, Any]:
    return {
        "Type": "AWS::SQS::Queue",
        "Properties": {
            "QueueName": {"Ref": "Name"},
            "SqsManagedSseEnabled": True,
            "MessageRetentionPeriod": 3600,
            "VisibilityTimeout": 60,
            "ReceiveMessageWaitTimeSeconds": 20,
        },
    }


def _queue_policy() -> dict[str, Any]:
    return {
        "Type": "AWS::SQS::QueuePolicy",
        "Properties": {
            "Queues": [{"Ref": "Queue"}],
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Sid": "OnlyTheRuleSends",
                        "Effect": "Allow",
                        "Principal": {"Service": "events.amazonaws.com"},
                        "Action": "sqs:SendMessage",
                        "Resource": _QUEUE_ARN,
                        "Condition": {"ArnEquals": {"aws:SourceArn": _RULE_ARN}},
                    },
                    {
                        "Sid": "OnlyOverTls",
                        "Effect": "Deny",
                        "Principal": "*",
                        "Action": "sqs:*",
                        "Resource": _QUEUE_ARN,
                        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                    },
                ],
            },
        },
    }


def _rule() -> dict[str, Any]:
    return {
        "Type": "AWS::Events::Rule",
        "Properties": {
            "Name": {"Ref": "Name"},
            "Description": "CodePipeline's state changes for pipemedic",
            "State": "ENABLED",
            "EventPattern": {"source": ["aws.codepipeline"], "detail-type": list(DETAIL_TYPES)},
            "Targets": [{"Id": "queue", "Arn": _QUEUE_ARN}],
        },
    }


def _reader_policy() -> dict[str, Any]:
    return {
        "Type": "AWS::IAM::ManagedPolicy",
        "Properties": {
            "Description": "Take state changes from pipemedic's queue, and check how it is set up",
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Sid": "TakeMessages",
                        "Effect": "Allow",
                        "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
                        "Resource": _QUEUE_ARN,
                    },
                    {
                        "Sid": "CheckTheRule",
                        "Effect": "Allow",
                        "Action": ["events:DescribeRule", "events:ListTargetsByRule"],
                        "Resource": _RULE_ARN,
                    },
                    {
                        "Sid": "FindTheRule",
                        "Effect": "Allow",
                        "Action": "events:ListRuleNamesByTarget",
                        "Resource": "*",
                    },
                ],
            },
        },
    }


def as_yaml(value: Mapping[str, Any]) -> str:
    """Return a template as YAML, in its own order."""
    import yaml  # noqa: PLC0415 (only where it is printed)

    class _Dumper(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:
            del data
            return True

    return yaml.dump(dict(value), Dumper=_Dumper, sort_keys=False, width=120, allow_unicode=True)
