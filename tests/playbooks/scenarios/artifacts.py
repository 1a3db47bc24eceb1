"""Artifacts: gone, too large, key disabled, bucket elsewhere."""

from __future__ import annotations

import json
from typing import Any

from core.playbook import Subject
from tests.playbooks.corpus import Case
from tests.playbooks.recorded import Reply, absent, denied, reply
from tests.playbooks.scene import KEY, NOW, REGION, STORE, subject

PLACE = {"bucket": STORE, "key": "web/Built/abc"}


def _subject(message: str = "", status: str = "Failed", provider: str = "S3", key: str = "") -> Subject:
    configuration = {"BucketName": "site", "Extract": "true", "StackName": "web"}
    more: dict[str, Any] = {"category": "Deploy", "inputs": ["Built"], "configuration": configuration, "key": key}
    return subject(provider, status=status, message=message, **more)


def _actions() -> Reply:
    run = {
        "stageName": "Deploy",
        "actionName": "DeployIt",
        "status": "Failed",
        "input": {"inputArtifacts": [{"name": "Built", "s3location": PLACE}]},
    }
    return reply("codepipeline", "ListActionExecutions", {"actionExecutionDetails": [run]})


def _object(size: int = 1024) -> Reply:
    return reply(
        "s3",
        "HeadObject",
        {"ContentLength": size, "LastModified": NOW - 900, "ServerSideEncryption": "aws:kms", "SSEKMSKeyId": KEY},
    )


WELL = [
    _actions(),
    _object(),
    reply("s3", "GetBucketLocation", {"LocationConstraint": REGION}),
    reply("codepipeline", "GetPipeline", {"pipeline": {"name": "web"}}),
    reply("cloudformation", "DescribeStacks", {"Stacks": [{"StackStatus": "UPDATE_COMPLETE"}]}),
]

CASES = [
    Case("artifacts-healthy", "artifacts", _subject(status="Succeeded", key=KEY), WELL),
    Case(
        "artifacts-gone",
        "artifacts",
        _subject("The object with key 'web/Built/abc' does not exist (NoSuchKey)"),
        [absent("s3", "HeadObject"), *WELL],
        "artifact.missing",
        "release the change anew",
    ),
    Case(
        "artifacts-bucket-gone",
        "artifacts",
        _subject("The specified bucket does not exist (NoSuchBucket)"),
        [absent("s3", "GetBucketLocation", Bucket=STORE), *WELL],
        "artifact.missing",
    ),
    Case(
        "artifacts-too-large",
        "artifacts",
        _subject("The artifact is larger than the limit", provider="CloudFormation"),
        [_object(300 * 1024 * 1024), *WELL],
        "artifact.too-large",
    ),
    Case(
        "artifacts-key-disabled",
        "artifacts",
        _subject("The action could not read the artifact: KMS.DisabledException", key=KEY),
        [reply("kms", "DescribeKey", {"KeyMetadata": {"Arn": KEY, "KeyState": "Disabled"}}), *WELL],
        "artifact.kms-denied",
    ),
    Case(
        "artifacts-region",
        "artifacts",
        _subject("The artifact bucket is in another region than the action"),
        [reply("s3", "GetBucketLocation", {"LocationConstraint": "us-west-2"}, Bucket=STORE), *WELL],
        "flow.region",
    ),
    Case(
        "artifacts-not-allowed-to-look",
        "artifacts",
        _subject("The object with key 'web/Built/abc' does not exist (NoSuchKey)"),
        [denied("s3", "HeadObject"), absent("s3", "GetBucketLocation", Bucket=STORE), *WELL],
        "artifact.missing",
    ),
    Case(
        "artifacts-policy-demands-another-key",
        "artifacts",
        _subject("Access Denied: the upload to the artifact bucket was refused"),
        [
            reply(
                "s3",
                "GetBucketPolicy",
                {
                    "Policy": json.dumps(
                        {
                            "Statement": [
                                {
                                    "Sid": "OneKey",
                                    "Effect": "Deny",
                                    "Principal": "*",
                                    "Action": "s3:PutObject",
                                    "Resource": f"arn:aws:s3:::{STORE}/*",
                                    "Condition": {
                                        "StringNotEquals": {
                                            "s3:x-amz-server-side-encryption-aws-kms-key-id": "arn:aws:kms:other"
                                        }
                                    },
                                }
                            ]
                        }
                    )
                },
            ),
            *WELL,
        ],
        "artifact.access-denied",
        "one key",
    ),
]
