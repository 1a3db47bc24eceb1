"""What the steps for other providers share: whether an action is theirs, its configuration, a trouble as an answer."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping, Sequence
from typing import Any

from core.fact import Evidence, Fact
from core.finding import Answer, Fix
from core.playbook import Facts, Subject
from core.text import clip
from playbooks._answers import failed, failing, finding, healthy, unknown
from playbooks._fixes import command, manual, retry_hint
from playbooks._inside import look_inside, names_in
from playbooks._said import otherwise

__all__ = ["ID", "Show", "config", "deploys_to", "lost_file", "read_files", "told_by"]

ID = "deploy-other"
# In this order: service, operation, parameters of the command that shows it.
Show = tuple[str, str, Mapping[str, Any]]


def deploys_to(subject: Subject, provider: str) -> bool:
    """Whether the action deploys through that provider."""
    return subject.action.provider == provider and subject.action.category == "Deploy"


def config(subject: Subject, name: str) -> str:
    """One setting of the action; empty where it has none."""
    return subject.action.configuration.get(name, "")


async def read_files(subject: Subject, evidence: Evidence, files: Sequence[str]) -> dict[str, Fact]:
    """Look into the action's first input artifact for files, where the action has failed and names any."""
    wanted = [each for each in files if each]
    if not wanted or not failing(subject) or not subject.action.inputs:
        return {}
    inside, _ = await look_inside(subject, evidence, {subject.action.inputs[0]: wanted})
    return inside


def lost_file(facts: Facts, files: Sequence[str]) -> str:
    """The first of these files, folders or patterns that is not in the artifact; empty for none, or where not read."""
    names = names_in(next((fact for name, fact in facts.items() if name.startswith("inside:")), None))
    for each in files if names is not None else ():
        path = each.strip("/").removeprefix("./")
        found = any(fnmatch.fnmatchcase(name, path) or name.startswith(f"{path}/") for name in names or ())
        if path and not found:
            return each
    return ""


def told_by(
    subject: Subject,
    facts: Facts,
    cause: str,
    trouble: str,
    show: Show,
    *,
    steps: Sequence[str] = (),
    fixes: Sequence[Fix] = (),
    lines: Sequence[tuple[int, str]] = (),
    allied: Sequence[str] = (),
) -> Answer:
    """A trouble that the provider itself states, as an answer with its finding.

    Args:
        subject: the action.
        facts: what it rests on.
        cause: the vocabulary's id.
        trouble: what is wrong, as a sentence without its capital and its full stop.
        show: the command that shows it.
        steps: what to do, before the retry.
        fixes: ways that are better than by hand.
        lines: details.
        allied: other causes that a message may read like without speaking against this one.
    """
    text = trouble[:1].upper() + trouble[1:]
    cited = list(facts.values())
    if healthy(subject):
        return unknown(f"{text}, yet the last run passed.", *cited, lines=lines)
    service, operation, params = show
    fix = manual(
        f"{ID}.{cause}",
        "Correct what the provider names",
        [f"{text}.", *steps, retry_hint(subject)],
        commands=[command(subject, service, operation, **params)],
    )
    sure = not otherwise(subject, cause, *allied)
    one = finding(
        subject,
        ID,
        cause,
        0.94 if sure else 0.45,
        clip(text, 200),
        f"{text}. {subject.action_state.error_message}".strip(),
        cited,
        fixes=[*fixes, fix],
        disproved_by="the same state after a run that passed",
        proven=sure,
    )
    return failed(f"{text}.", *cited, findings=[one], lines=lines)
