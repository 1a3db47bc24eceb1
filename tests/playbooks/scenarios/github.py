"""Sources by the old GitHub action: token revoked, webhook gone, failing, filtered."""

from __future__ import annotations

from typing import Any

from core.playbook import Subject
from tests.playbooks.corpus import Case
from tests.playbooks.recorded import Reply, denied, reply
from tests.playbooks.scene import NOW, subject

REVOKED = (
    'Could not access the GitHub repository: "shop". The access token might be invalid or has been revoked. Edit the '
    "pipeline to reconnect with GitHub."
)


def _subject(status: str = "Succeeded", message: str = "", **config: str) -> Subject:
    configuration = {"Owner": "example", "Repo": "shop", "Branch": "main", "PollForSourceChanges": "false", **config}
    return subject(
        "GitHub", category="Source", configuration=configuration, outputs=["S"], status=status, message=message
    )


def _webhooks(branch: str = "{Branch}", **more: Any) -> Reply:
    definition = {
        "name": "web-hook",
        "targetPipeline": "web",
        "targetAction": "SourceIt",
        "filters": [{"jsonPath": "$.ref", "matchEquals": f"refs/heads/{branch}"}],
    }
    hook = {"definition": definition, "url": "https://example.com", "lastTriggered": NOW - 900, **more}
    return reply("codepipeline", "ListWebhooks", {"webhooks": [hook]})


def _runs(trigger: str = "Webhook") -> Reply:
    run = {"pipelineExecutionId": "e-1", "startTime": NOW - 900, "trigger": {"triggerType": trigger}}
    return reply("codepipeline", "ListPipelineExecutions", {"pipelineExecutionSummaries": [run]})


PIPELINE = reply("codepipeline", "GetPipeline", {"pipeline": {"name": "web"}})
NO_SCHEDULES = reply("scheduler", "ListSchedules", {"Schedules": []})
NO_RULES = reply("events", "ListRuleNamesByTarget", {"RuleNames": []})
REST = [_runs(), PIPELINE, NO_SCHEDULES, NO_RULES]

CASES = [
    Case("github-healthy", "source-github", _subject(), [_webhooks(), *REST]),
    Case(
        "github-healthy-polling",
        "source-github",
        _subject(PollForSourceChanges="true"),
        [reply("codepipeline", "ListWebhooks", {"webhooks": []}), _runs("PollForSourceChanges"), *REST],
    ),
    Case(
        "github-token-revoked",
        "source-github",
        _subject("Failed", REVOKED),
        [_webhooks(), *REST],
        "source.token-invalid",
        "admin:repo_hook",
    ),
    Case(
        "github-webhook-gone",
        "source-github",
        _subject(),
        [reply("codepipeline", "ListWebhooks", {"webhooks": []}), *REST],
        "source.webhook-failed",
    ),
    Case(
        "github-webhook-fails",
        "source-github",
        _subject(),
        [_webhooks(errorCode="403", errorMessage="Resource not accessible"), *REST],
        "source.webhook-failed",
        "register-webhook-with-third-party",
    ),
    Case(
        "github-webhook-filter",
        "source-github",
        _subject(),
        [_webhooks("master"), *REST],
        "source.webhook-failed",
        "refs/heads/{Branch}",
    ),
    Case(
        "github-not-allowed-to-look",
        "source-github",
        _subject("Failed", REVOKED),
        [denied("codepipeline", "ListWebhooks"), *REST],
        "source.token-invalid",
    ),
]
