"""Triggers: a schedule that is refused, a rule that was removed, a pipeline started by hand."""

from __future__ import annotations

from typing import Any

from core.playbook import Subject
from tests.playbooks.corpus import Case
from tests.playbooks.recorded import Reply, allows, denied, reply
from tests.playbooks.scenarios.codecommit import HEAD, PIPELINE, rule, source
from tests.playbooks.scene import ACCOUNT, NOW, REGION, subject, trust

SCHEDULE_ROLE = f"arn:aws:iam::{ACCOUNT}:role/nightly"
SCHEDULE = f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/default/nightly"


def _subject(**config: str) -> Subject:
    configuration = {"RepositoryName": "shop", "BranchName": "main", "PollForSourceChanges": "false", **config}
    return subject("CodeCommit", category="Source", configuration=configuration, outputs=["S"], status="Succeeded")


def _schedules(state: str = "ENABLED") -> list[Reply]:
    listed = {"Name": "nightly", "GroupName": "default", "State": state, "Target": {"Arn": PIPELINE}}
    one = {
        "Name": "nightly",
        "Arn": SCHEDULE,
        "State": state,
        "ScheduleExpression": "cron(0 3 * * ? *)",
        "Target": {"Arn": PIPELINE, "RoleArn": SCHEDULE_ROLE},
    }
    return [
        reply("scheduler", "ListSchedules", {"Schedules": [listed]}),
        reply("scheduler", "GetSchedule", one),
        trust(SCHEDULE_ROLE, "scheduler.amazonaws.com"),
    ]


def _runs(*triggers: str) -> Reply:
    listed: list[dict[str, Any]] = [
        {
            "pipelineExecutionId": f"e-{index}",
            "status": "Succeeded",
            "startTime": NOW - 90_000 * (index + 1),
            "trigger": {"triggerType": trigger},
            "sourceRevisions": [{"actionName": "SourceIt", "revisionId": HEAD}],
        }
        for index, trigger in enumerate(triggers)
    ]
    return reply("codepipeline", "ListPipelineExecutions", {"pipelineExecutionSummaries": listed})


GONE = reply("events", "ListRuleNamesByTarget", {"RuleNames": []})
NO_HOOKS = reply("codepipeline", "ListWebhooks", {"webhooks": []})
NO_SCHEDULES = reply("scheduler", "ListSchedules", {"Schedules": []})
STRUCTURE = reply("codepipeline", "GetPipeline", {"pipeline": {"name": "web"}})

CASES = [
    Case("triggers-healthy", "triggers", _subject(), [*rule(), *_schedules(), *source(), NO_HOOKS, STRUCTURE]),
    Case(
        "triggers-healthy-by-hand",
        "triggers",
        _subject(),
        [_runs("StartPipelineExecution"), GONE, NO_HOOKS, NO_SCHEDULES, STRUCTURE, *source()],
    ),
    Case(
        "triggers-schedule-refused",
        "triggers",
        _subject(),
        [
            allows("codepipeline:StartPipelineExecution", role=SCHEDULE_ROLE),
            *rule(),
            *_schedules(),
            *source(),
            NO_HOOKS,
            STRUCTURE,
        ],
        "source.trigger-missing",
        "scheduler.amazonaws.com",
    ),
    Case(
        "triggers-schedule-role-not-trusted",
        "triggers",
        _subject(),
        [trust(SCHEDULE_ROLE, "events.amazonaws.com"), *rule(), *_schedules(), *source(), NO_HOOKS, STRUCTURE],
        "source.trigger-missing",
    ),
    Case(
        "triggers-rule-removed",
        "triggers",
        _subject(),
        [_runs("StartPipelineExecution", "CloudWatchEvent"), GONE, NO_HOOKS, NO_SCHEDULES, STRUCTURE, *source()],
        "source.trigger-missing",
        "CloudTrail",
        proven=False,
    ),
    Case(
        "triggers-not-allowed-to-look",
        "triggers",
        _subject(),
        [
            denied("events", "ListRuleNamesByTarget"),
            denied("scheduler", "ListSchedules"),
            NO_HOOKS,
            STRUCTURE,
            *source(),
        ],
    ),
]
