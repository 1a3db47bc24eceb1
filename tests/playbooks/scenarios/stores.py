"""Sources in S3 and ECR: absent, unversioned, without events."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from core.playbook import Subject
from tests.playbooks.corpus import Case
from tests.playbooks.recorded import Reply, absent, denied, reply
from tests.playbooks.scene import ACCOUNT, NOW, REGION, subject, trust

PIPELINE = f"arn:aws:codepipeline:{REGION}:{ACCOUNT}:web"
RULE_ROLE = f"arn:aws:iam::{ACCOUNT}:role/start-web"


def _subject(provider: str, configuration: Mapping[str, str], status: str, message: str) -> Subject:
    return subject(
        provider, category="Source", configuration=configuration, outputs=["S"], status=status, message=message
    )


def _s3(status: str = "Succeeded", message: str = "", **config: str) -> Subject:
    given = {"S3Bucket": "inbox", "S3ObjectKey": "app/source.zip", "PollForSourceChanges": "false", **config}
    return _subject("S3", given, status, message)


def _ecr(status: str = "Succeeded", message: str = "") -> Subject:
    return _subject("ECR", {"RepositoryName": "shop", "ImageTag": "release"}, status, message)


def _rule(pattern: Mapping[str, Any], state: str = "ENABLED") -> list[Reply]:
    return [
        reply("events", "ListRuleNamesByTarget", {"RuleNames": ["start"]}),
        reply(
            "events",
            "DescribeRule",
            {"Name": "start", "Arn": "arn:rule", "State": state, "EventPattern": json.dumps(pattern)},
        ),
        reply("events", "ListTargetsByRule", {"Targets": [{"Id": "1", "Arn": PIPELINE, "RoleArn": RULE_ROLE}]}),
        trust(RULE_ROLE, "events.amazonaws.com"),
        reply("codepipeline", "ListWebhooks", {"webhooks": []}),
        reply("scheduler", "ListSchedules", {"Schedules": []}),
    ]


def _taken(revision: str) -> Reply:
    run = {
        "pipelineExecutionId": "e-1",
        "status": "Succeeded",
        "startTime": NOW - 90_000,
        "trigger": {"triggerType": "CloudWatchEvent"},
        "sourceRevisions": [{"actionName": "SourceIt", "revisionId": revision}],
    }
    return reply("codepipeline", "ListPipelineExecutions", {"pipelineExecutionSummaries": [run]})


S3_RULE = _rule(
    {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {"bucket": {"name": ["inbox"]}, "object": {"key": ["app/source.zip"]}},
    }
)
TRAIL_RULE = _rule(
    {
        "source": ["aws.s3"],
        "detail-type": ["AWS API Call via CloudTrail"],
        "detail": {
            "eventSource": ["s3.amazonaws.com"],
            "eventName": ["PutObject", "CompleteMultipartUpload", "CopyObject"],
            "requestParameters": {"bucketName": ["inbox"], "key": ["app/source.zip"]},
        },
    }
)
ECR_PATTERN = {
    "source": ["aws.ecr"],
    "detail": {"action-type": ["PUSH"], "image-tag": ["release"], "repository-name": ["shop"], "result": ["SUCCESS"]},
}
S3_WELL = [
    reply("s3", "GetBucketVersioning", {"Status": "Enabled"}),
    reply("s3", "HeadObject", {"VersionId": "v2", "ContentLength": 2048, "LastModified": NOW - 9000}),
    reply("s3", "GetBucketNotificationConfiguration", {"EventBridgeConfiguration": {}}),
    _taken("v2"),
]
ECR_WELL = [
    reply("ecr", "DescribeRepositories", {"repositories": [{"repositoryName": "shop"}]}),
    reply("ecr", "DescribeImages", {"imageDetails": [{"imageDigest": "sha256:2", "imagePushedAt": NOW - 9000}]}),
    _taken("sha256:2"),
]

CASES = [
    Case("s3-source-healthy", "source-s3", _s3(), [*S3_RULE, *S3_WELL]),
    Case("s3-source-healthy-by-trail", "source-s3", _s3(), [*TRAIL_RULE, *S3_WELL]),
    Case(
        "s3-source-object-gone",
        "source-s3",
        _s3("Failed", "The object with key 'app/source.zip' does not exist in bucket inbox"),
        [absent("s3", "HeadObject"), *S3_RULE, *S3_WELL],
        "source.object-missing",
        "list-objects-v2",
    ),
    Case(
        "s3-source-unversioned",
        "source-s3",
        _s3("Failed", "The bucket inbox must be versioned"),
        [reply("s3", "GetBucketVersioning", {}), *S3_RULE, *S3_WELL],
        "source.object-missing",
        "Enable versioning",
        automatic=True,
    ),
    Case(
        "s3-source-silent-bucket",
        "source-s3",
        _s3(),
        [reply("s3", "GetBucketNotificationConfiguration", {}), *S3_RULE, *S3_WELL],
        "source.trigger-missing",
        "EventBridge",
        automatic=True,
    ),
    Case(
        "s3-source-not-allowed-to-look",
        "source-s3",
        _s3("Failed", "The object with key 'app/source.zip' does not exist in bucket inbox"),
        [denied("s3", "HeadObject"), reply("s3", "GetBucketVersioning", {}), *S3_RULE, *S3_WELL],
        "source.object-missing",
    ),
    Case("ecr-source-healthy", "source-ecr", _ecr(), [*_rule(ECR_PATTERN), *ECR_WELL]),
    Case(
        "ecr-source-tag-gone",
        "source-ecr",
        _ecr("Failed", "The image with imageTag 'release' does not exist within the repository 'shop'"),
        [absent("ecr", "DescribeImages"), *_rule(ECR_PATTERN), *ECR_WELL],
        "source.object-missing",
        "list-images",
    ),
    Case(
        "ecr-source-rule-disabled",
        "source-ecr",
        _ecr(),
        [*_rule(ECR_PATTERN, "DISABLED"), _taken("sha256:1"), *ECR_WELL],
        "source.trigger-missing",
        "start",
        automatic=True,
    ),
    Case(
        "ecr-source-repository-gone",
        "source-ecr",
        _ecr("Failed", "The repository with name 'shop' does not exist"),
        [absent("ecr", "DescribeRepositories"), absent("ecr", "DescribeImages"), *_rule(ECR_PATTERN)],
        "source.repository-not-found",
    ),
    Case(
        "s3-source-key-disabled",
        "source-s3",
        _s3("Failed", "Access Denied: kms:Decrypt failed, the key is disabled (KMSDisabledException)"),
        [
            reply("s3", "HeadObject", {"ContentLength": 9, "VersionId": "v1", "SSEKMSKeyId": "arn:aws:kms:k"}),
            reply("kms", "DescribeKey", {"KeyMetadata": {"KeyState": "Disabled"}}, KeyId="arn:aws:kms:k"),
            *S3_RULE,
            *S3_WELL,
        ],
        "artifact.kms-denied",
        "enable-key",
    ),
]
