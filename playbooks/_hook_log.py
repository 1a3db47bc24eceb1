"""The function behind a failed lifecycle hook of a blue/green deployment, and what it wrote: ECS and Lambda alike.

Source: https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.arn import Arn
from core.fact import Evidence, Fact
from core.finding import Answer
from core.playbook import Facts, Step, Subject
from core.text import clip, first_line

from ._answers import failed, finding, healthy, not_applicable, plural, unknown, unseen
from ._ask import ask
from ._codedeploy import TARGET_READS, Failed, deployment_of, failed_events, read_targets, targets_of
from ._fixes import command, manual, retry_hint
from ._function_log import ERRORS, read_function_log
from .lint._document import parse_json, parse_yaml
from .lint.problem import Problems

__all__ = ["hook_step"]

_Map = Mapping[str, Any]


def _appspec(facts: Facts) -> str:
    """The AppSpec that the deployment was made with, as far as CodeDeploy keeps it."""
    revision = deployment_of(facts).get("revision") or {}
    kept = revision.get("appSpecContent") or revision.get("string") or {}
    return str(kept.get("content") or "")


def _function(facts: Facts, event: str) -> str:
    """The function that the AppSpec names for a lifecycle event; empty for none."""
    text, found = _appspec(facts), Problems("")
    root = parse_json(text, found) if text.lstrip().startswith("{") else parse_yaml(text, found) if text else None
    if root is None or root.kind != "mapping":
        return ""
    hooks = next((value for key, value in root.pairs if key.text.lower() == "hooks"), None)
    named = (pair for each in (hooks.items if hooks is not None else ()) for pair in each.pairs)
    name = next((value.text for key, value in named if key.text == event), "")
    arn = Arn.parse(name)
    return arn.resource.split(":")[1] if arn and ":" in arn.resource else name


def _hook(facts: Facts) -> tuple[Failed | None, str]:
    """(the first failed event, the function that ran for it); no function where the event was not a hook."""
    events = failed_events(targets_of(facts))
    return (events[0], _function(facts, events[0].event)) if events else (None, "")


async def _gather(subject: Subject, evidence: Evidence) -> Facts:
    facts = await read_targets(subject, evidence)
    event, name = _hook(facts)
    if event is None or not name:
        return facts
    facts["function"] = await ask(subject, evidence, "lambda", "GetFunctionConfiguration", {"FunctionName": name})
    return {**facts, **(await read_function_log(subject, evidence, facts["function"], name, event.ended or None))}


def _judge(playbook: str, subject: Subject, facts: Facts) -> Answer:  # noqa: PLR0911 (one return an outcome)
    if "deployment" not in facts:
        return not_applicable("There is no deployment whose hooks could be looked at.")
    read = [facts[name] for name in ("deployment", "target-ids", "targets") if name in facts]
    if cannot := unseen(*read):
        return cannot
    event, name = _hook(facts)
    if event is None or not name:
        return not_applicable("No hook failed, or the AppSpec that names its function is not kept.", *read)
    log, function = facts.get("log"), facts.get("function")
    if cannot := unseen(function, log):
        return cannot
    lines = [str(each.get("message", "")).rstrip() for each in log.get("events", default=())] if log else []
    wrong = [line for line in lines if ERRORS.search(line)]
    cited: list[Fact] = [*read, *(each for each in (function, log) if each)]
    gone = function is not None and not function.ok
    if not wrong and not gone:
        return unknown(
            f"Hook {event.event} is function {name}; {plural(len(lines), 'line')}, no error in them.", *cited
        )
    said = f"there is no function {name} in {subject.region}" if gone else first_line(wrong[0])
    shown = [(log.n if log else 0, clip(line, 300)) for line in wrong[:6]]
    if healthy(subject):
        return unknown(f"Function {name} of hook {event.event}: {said}.", *cited, lines=shown)
    steps = [
        f"Function {name} of {event.event}: {clip(said, 300)}",
        "It must call PutLifecycleEventHookExecutionStatus with Succeeded within an hour; its role needs that action.",
        retry_hint(subject),
    ]
    show = command(subject, "lambda", "GetFunctionConfiguration", FunctionName=name)
    one = finding(
        subject,
        playbook,
        "codedeploy.hook-failed",
        0.96,
        f"Hook {event.event} failed in function {name}: {clip(said, 120)}",
        f"{clip(said, 300)} Traffic stays on, or went back to, what ran before.",
        cited,
        fixes=[manual("codedeploy.hook-function", f"Correct function {name}", steps, commands=[show])],
        disproved_by=f"a run of {name} for that deployment that reported Succeeded",
        proven=True,
    )
    return failed(f"Hook {event.event}, function {name}: {said}", *cited, findings=[one], lines=shown)


def hook_step(playbook: str) -> Step:
    """The step that reads what the function of a failed hook wrote."""
    return Step(
        id="hook-log",
        question="If a hook failed: which function is it, and what did it write?",
        why="CodeDeploy only says that a hook failed; the function's own log says why.",
        reads=(*TARGET_READS, "lambda:GetFunctionConfiguration", "logs:FilterLogEvents"),
        gather=_gather,
        judge=lambda subject, facts: _judge(playbook, subject, facts),
    )
