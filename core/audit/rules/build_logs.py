"""A build project that writes no log, or one whose log is kept for ever or too short."""

from __future__ import annotations

from collections.abc import Iterator

from core.audit.case import Case, Kind, place_key, project_of
from core.audit.fixes import command, fix, project_fix
from core.audit.model import Issue, Rule, Severity
from core.build import LogLocation
from core.console import log_url
from core.plans.codebuild import set_project

_TOO_SHORT_DAYS = 7


def _judge(case: Case) -> Iterator[Issue]:
    for key, fact in case.known(Kind.PROJECT):
        project = project_of(fact)
        name, region = str(project.get("name", "")), key.partition("/")[0]
        logs = project.get("logsConfig") or {}
        cloud = logs.get("cloudWatchLogs") or {}
        if cloud.get("status") != "DISABLED":
            yield from _retention(case, region, str(cloud.get("groupName") or f"/aws/codebuild/{name}"), name)
        elif (logs.get("s3Logs") or {}).get("status") != "ENABLED":
            wanted = {"logsConfig": {**logs, "cloudWatchLogs": {**cloud, "status": "ENABLED"}}}
            title = f"Have project {name} write its log to CloudWatch Logs"
            yield Issue(
                Severity.MEDIUM,
                f"Build project {name} writes no log",
                "When it fails, nothing says why: neither CloudWatch Logs nor S3 gets a line.",
                str(project.get("arn", name)),
                "off",
                facts=(fact,),
                lines=((fact.n, "cloudWatchLogs and s3Logs are both off"),),
                fixes=(
                    project_fix(
                        case,
                        key,
                        "audit.logs-on",
                        title,
                        (f"{title}. Its role needs logs:CreateLogStream and logs:PutLogEvents.",),
                        plan=set_project(case.where, fact, wanted, title=title, region=region),
                        commands=(command(case, "codebuild", "UpdateProject", region=region, name=name, **wanted),),
                    ),
                ),
            )


def _retention(case: Case, region: str, group: str, project: str) -> Iterator[Issue]:
    fact = case.ok(Kind.LOG_GROUP, place_key(region, group))
    if fact is None:
        return
    found = fact.get("logGroups", 0, default={})
    days = found.get("retentionInDays")
    if days is not None and days >= _TOO_SHORT_DAYS:
        return
    kept = f"for {days} days only" if days is not None else "for ever"
    text = (
        "After a weekend there is nothing left to learn from."
        if days is not None
        else "It costs more every month, and what slipped into an old log stays readable."
    )
    put = command(case, "logs", "PutRetentionPolicy", region=region, logGroupName=group, retentionInDays=90)
    yield Issue(
        Severity.LOW,
        f"The log of build project {project} is kept {kept}",
        text,
        str(found.get("arn", group)).removesuffix(":*"),
        "retention",
        facts=(fact,),
        lines=((fact.n, f"{group}: retention {f'{days} days' if days is not None else 'never expires'}"),),
        fixes=(
            fix(
                f"audit.retention:{group}",
                f"Keep {group} for 90 days",
                ("Set a retention time; what is older is deleted within a few days.",),
                commands=(put,),
                url=log_url(LogLocation(group, "", region), case.identity.partition),
            ),
        ),
    )


RULE = Rule(
    "build-logs",
    "audit.logs-retention",
    "Build logs are off, or kept for ever or too short",
    "The log is the first thing anyone looks at when a build fails.",
    Severity.LOW,
    (Kind.PROJECT, Kind.LOG_GROUP),
    _judge,
    "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html",
)
