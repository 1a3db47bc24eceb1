"""Secrets in the pipeline's own definition: action configurations and defaults of variables."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from core.audit.case import Case, Kind
from core.audit.fixes import command, fix
from core.audit.model import Issue, Rule, Severity
from core.audit.secrets import why_secret
from core.console import pipeline_url
from core.pipeline import ActionDecl


def _judge(case: Case) -> Iterator[Issue]:
    fact = case.ok(Kind.PIPELINE, case.arn)
    cited = (fact,) if fact else ()
    number = fact.n if fact else 0
    for place, name, why in (*_in_actions(case), *_in_variables(case)):
        yield Issue(
            Severity.HIGH,
            f"{place}: {name} is a secret in plain text",
            f"Of {name}: {why}. Everyone who may read the pipeline reads it, and every execution keeps it.",
            case.arn,
            f"{place} {name}",
            facts=cited,
            lines=((number, f"{place}: {name}: {why}"),),
            fixes=(
                fix(
                    f"audit.definition-secret:{name}",
                    f"Take {name} out of the definition",
                    (
                        "Put it into Secrets Manager or Parameter Store and let the build or deployment read it there.",
                        f"Take {name} out of {place}, and change the secret: what stood in plain text counts as known.",
                    ),
                    commands=(command(case, "codepipeline", "GetPipeline", name=case.ref.name),),
                    url=pipeline_url(case.ref.name, case.region, case.identity.partition),
                ),
            ),
        )


def _in_actions(case: Case) -> Iterator[tuple[str, str, str]]:
    for stage, action in case.actions:
        for name, value in _settings(action):
            if why := why_secret(name, value):
                yield f"{stage.name} / {action.name}", name, why


def _settings(action: ActionDecl) -> Iterator[tuple[str, str]]:
    """Names and plain values of an action's configuration; what is JSON is looked into."""
    for name, value in action.configuration.items():
        try:
            parsed = json.loads(value) if value[:1] in {"[", "{"} else None
        except ValueError:
            parsed = None
        if parsed is None:
            yield name, value
        else:
            yield from _within(name, parsed)


def _within(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """Variables as CodeBuild actions list them, and plain members as parameter overrides have them."""
    if isinstance(value, list):
        for each in value:
            if isinstance(each, dict) and "name" in each and "value" in each:
                if each.get("type", "PLAINTEXT") == "PLAINTEXT":
                    yield str(each["name"]), str(each["value"])
            else:
                yield from _within(name, each)
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _within(str(key), each)
    elif isinstance(value, str):
        yield name, value


def _in_variables(case: Case) -> Iterator[tuple[str, str, str]]:
    try:
        declared = json.loads(case.definition.raw or "{}").get("variables") or ()
    except ValueError:
        return
    for each in declared:
        name = str(each.get("name", ""))
        if why := why_secret(name, str(each.get("defaultValue", ""))):
            yield "default of a variable", name, why


RULE = Rule(
    "secret-definition",
    "audit.plaintext-secret",
    "A secret stands in the pipeline's definition",
    "A definition is exported, compared and pasted; every execution keeps the values it ran with.",
    Severity.HIGH,
    (Kind.PIPELINE,),
    _judge,
    "https://docs.aws.amazon.com/codepipeline/latest/userguide/security-best-practices.html",
)
