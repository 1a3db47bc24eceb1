"""Sources in CodeCommit: repository and branch gone, rule disabled, wrong, without a role."""

from __future__ import annotations

import json
from typing import Any

from core.playbook import Subject
from tests.playbooks.corpus import Case
from tests.playbooks.recorded import Reply, absent, allows, denied, reply
from tests.playbooks.scene import ACCOUNT, KEY, NOW, REGION, subject, trust

PIPELINE = f"arn:aws:codepipeline:{REGION}:{ACCOUNT}:web"
REPOSITORY = f"arn:aws:codecommit:{REGION}:{ACCOUNT}:shop"
RULE_ROLE = f"arn:aws:iam::{ACCOUNT}:role/service-role/start-web"
HEAD, OLD = "1" * 40, "2" * 40


def _subject(status: str = "Succeeded", message: str = "", **config: str) -> Subject:
    configuration = {"RepositoryName": "shop", "BranchName": "main", "PollForSourceChanges": "false", **config}
    return subject(
        "CodeCommit", category="Source", configuration=configuration, outputs=["S"], status=status, message=message
    )


def rule(state: str = "ENABLED", branch: str = "main", role: str = RULE_ROLE) -> list[Reply]:
    pattern = {
        "source": ["aws.codecommit"],
        "resources": [REPOSITORY],
        "detail": {"referenceType": ["branch"], "referenceName": [branch]},
    }
    target = {"Id": "1", "Arn": PIPELINE, **({"RoleArn": role} if role else {})}
    return [
        reply("events", "ListRuleNamesByTarget", {"RuleNames": ["start-web"]}),
        reply(
            "events",
            "DescribeRule",
            {
                "Name": "start-web",
                "Arn": f"arn:aws:events:{REGION}:{ACCOUNT}:rule/start-web",
                "State": state,
                "EventPattern": json.dumps(pattern),
            },
        ),
        reply("events", "ListTargetsByRule", {"Targets": [target]}),
        trust(RULE_ROLE, "events.amazonaws.com"),
    ]


def source(head: str = HEAD, **metadata: Any) -> list[Reply]:
    return [
        reply("codecommit", "GetRepository", {"repositoryMetadata": {"defaultBranch": "main", **metadata}}),
        reply("codecommit", "GetBranch", {"branch": {"branchName": "main", "commitId": head}}),
        reply("codecommit", "GetCommit", {"commit": {"committer": {"date": f"{int(NOW - 18_000)} +0000"}}}),
        reply(
            "codepipeline",
            "ListPipelineExecutions",
            {
                "pipelineExecutionSummaries": [
                    {
                        "pipelineExecutionId": "e-1",
                        "status": "Succeeded",
                        "startTime": NOW - 90_000,
                        "trigger": {"triggerType": "CloudWatchEvent"},
                        "sourceRevisions": [{"actionName": "SourceIt", "revisionId": HEAD}],
                    }
                ]
            },
        ),
    ]


CASES = [
    Case("codecommit-healthy", "source-codecommit", _subject(), [*rule(), *source()]),
    Case(
        "codecommit-healthy-polling",
        "source-codecommit",
        _subject(PollForSourceChanges="true"),
        [absent("events", "ListRuleNamesByTarget"), *source()],
    ),
    Case(
        "codecommit-rule-disabled",
        "source-codecommit",
        _subject(),
        [*rule("DISABLED"), *source(OLD)],
        "source.trigger-missing",
        "start-web",
        automatic=True,
    ),
    Case(
        "codecommit-rule-for-another-branch",
        "source-codecommit",
        _subject(),
        [*rule(branch="master"), *source(OLD)],
        "source.trigger-missing",
        "put-rule",
    ),
    Case(
        "codecommit-rule-without-rights",
        "source-codecommit",
        _subject(),
        [allows("codepipeline:StartPipelineExecution", role=RULE_ROLE), *rule(), *source(OLD)],
        "source.trigger-missing",
        "StartPipelineExecution",
    ),
    Case(
        "codecommit-branch-gone",
        "source-codecommit",
        _subject("Failed", "The branch main does not exist in the repository shop (BranchDoesNotExistException)"),
        [absent("codecommit", "GetBranch"), *rule(), *source()],
        "source.branch-not-found",
        "list-branches",
    ),
    Case(
        "codecommit-repository-gone",
        "source-codecommit",
        _subject("Failed", "shop does not exist"),
        [absent("codecommit", "GetRepository"), absent("codecommit", "GetBranch"), *rule()],
        "source.repository-not-found",
    ),
    Case(
        "codecommit-key-disabled",
        "source-codecommit",
        _subject("Failed", "The encryption key is disabled (EncryptionKeyDisabledException)"),
        [
            reply("kms", "DescribeKey", {"KeyMetadata": {"Arn": KEY, "KeyState": "Disabled"}}),
            *rule(),
            *source(kmsKeyId=KEY),
        ],
        "artifact.kms-denied",
        "enable-key",
    ),
    Case(
        "codecommit-not-allowed-to-look",
        "source-codecommit",
        _subject("Failed", "The branch main does not exist in the repository shop (BranchDoesNotExistException)"),
        [denied("codecommit", "GetBranch"), denied("events", "ListRuleNamesByTarget"), *source()],
        "source.branch-not-found",
        proven=False,
    ),
]
