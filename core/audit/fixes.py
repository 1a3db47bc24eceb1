"""Ways to put a finding right: a plan for the wizard where one exists, else what to do by hand. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.audit.case import Case, project_of
from core.audit.secrets import looks_secret
from core.commands import aws_command
from core.console import project_url
from core.fact import Fact
from core.finding import Fix
from core.plan import Call, Plan, Risk

__all__ = ["bucket_url", "command", "environment_command", "fix", "project_fix", "shows_no_secret"]


def command(case: Case, service: str, operation: str, /, *, region: str = "", **params: object) -> str:
    """The `aws` command for an operation, in the pipeline's profile and the region given or else its own."""
    place = case.ref.place
    return aws_command(Call(service, operation, params), region=region or place.region, profile=place.profile)


def fix(
    fix_id: str,
    title: str,
    steps: Sequence[str],
    *,
    plan: Plan | None = None,
    commands: Sequence[str] = (),
    url: str = "",
    risk: Risk = Risk.LOW,
) -> Fix:
    """A fix that the program can make where there is a plan, and instructions with commands where there is none."""
    return Fix(fix_id, title, plan.risk if plan else risk, plan, tuple(steps), () if plan else tuple(commands), url)


def project_fix(
    case: Case, key: str, fix_id: str, title: str, steps: Sequence[str], *, plan: Plan | None, commands: Sequence[str]
) -> Fix:
    """A fix of a build project, by the key of its fact."""
    region, _, name = key.partition("/")
    url = project_url(case.identity.account, name, region, case.identity.partition)
    return fix(f"{fix_id}:{name}", title, steps, plan=plan, commands=commands, url=url)


def bucket_url(case: Case, bucket: str, tab: str = "properties") -> str:
    """The page of a bucket in the console."""
    hosts = {"aws-cn": "console.amazonaws.cn", "aws-us-gov": "console.amazonaws-us-gov.com"}
    host = hosts.get(case.identity.partition, "console.aws.amazon.com")
    return f"https://{host}/s3/buckets/{bucket}?tab={tab}"


def shows_no_secret(fact: Fact) -> bool:
    """Whether a project's environment may stand in a plan: what a plan shows, the journal keeps for the way back."""
    variables = (project_of(fact).get("environment") or {}).get("environmentVariables") or ()
    plain = (each for each in variables if each.get("type", "PLAINTEXT") == "PLAINTEXT")
    return not any(looks_secret(str(each.get("name", "")), str(each.get("value", ""))) for each in plain)


def environment_command(case: Case, key: str, project: Mapping[str, Any], values: Mapping[str, Any]) -> tuple[str, ...]:
    """The command that sets members of a project's environment; none where it holds variables.

    UpdateProject replaces the environment as a whole: a command that left the variables out would delete them, and one
    that held them would print their values.
    """
    environment = project.get("environment") or {}
    if environment.get("environmentVariables"):
        return ()
    kept = {name: value for name, value in environment.items() if name != "environmentVariables"}
    name = str(project.get("name", ""))
    region = key.partition("/")[0]
    return (command(case, "codebuild", "UpdateProject", region=region, name=name, environment={**kept, **values}),)
