"""The revision itself: its AppSpec file, and whether the scripts and files that it names are in the archive."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from core.fact import Evidence, Fact
from core.finding import Answer
from core.playbook import Facts, Step, Subject
from core.repair import Repair
from playbooks._answers import failed, failing, finding, not_applicable, passed, plural, unknown, unseen
from playbooks._codedeploy import (
    TARGET_READS,
    Failed,
    deployment_of,
    error_of,
    failed_events,
    read_targets,
    targets_of,
)
from playbooks._fixes import elsewhere, manual, push_hint
from playbooks._inside import INSIDE_READS, file_in, input_places, names_in, read_runs
from playbooks.lint._document import parse_yaml
from playbooks.lint._node import Node
from playbooks.lint.appspec import lint
from playbooks.lint.correct import appspec_repair
from playbooks.lint.problem import Problem, Problems, Severity

__all__ = ["REVISION"]

_ID = "codedeploy"
_FACT = "inside:revision"
_FILES = ("appspec.yml", "appspec.yaml", "appspec.json")
_ABOUT = re.compile(r"app ?spec|INVALID_REVISION|does not exist|No such file|not find", re.IGNORECASE)
_Map = Mapping[str, Any]


async def _gather(subject: Subject, evidence: Evidence) -> Facts:
    facts = await read_targets(subject, evidence)
    if not failing(subject):
        return facts
    place = (deployment_of(facts).get("revision") or {}).get("s3Location") or {}
    bucket, key = str(place.get("bucket") or ""), str(place.get("key") or "")
    if not key:
        found = input_places(subject, await read_runs(subject, evidence))
        bucket, key = (found[0][1], found[0][2]) if found else ("", "")
    if key and place.get("bundleType", "zip") == "zip":
        facts[_FACT] = await evidence.archive(bucket, key, _FILES, region=elsewhere(subject))
    return facts


def _named(root: Node | None) -> list[str]:
    """Scripts and files that an AppSpec file for servers names, relative to the revision."""
    if root is None or root.kind != "mapping":
        return []
    hooks = root.get("hooks")
    found = [each.string("location") for event in (hooks.pairs if hooks else ()) for each in event[1].items]
    found += [each.string("source") for each in root.under("files")]
    return [each.strip("/").removeprefix("./") for each in found if each.strip("/").removeprefix("./")]


def _lost(named: Sequence[str], names: frozenset[str]) -> list[str]:
    folders = {name.rstrip("/") for name in names} | {
        name[:at] for name in names for at, letter in enumerate(name) if letter == "/"
    }
    return [each for each in dict.fromkeys(named) if each not in folders]


def _trouble(facts: Facts, names: frozenset[str]) -> tuple[str, list[Problem]]:
    """What is wrong with the revision, in a sentence (empty for nothing), and what the linter says."""
    file = next((each for each in _FILES if each in names), "")
    if not file:
        deep = sorted(each for each in names if each.rpartition("/")[2] in _FILES)[:2]
        return f"the revision has no appspec.yml at its root{f' (but {deep[0]})' if deep else ''}", []
    text = file_in(facts, _FACT, file)
    if text is None:
        return "", []
    problems = list(lint(text))
    errors = [each for each in problems if each.severity is Severity.ERROR]
    if errors:
        return f"in {file}, line {errors[0].line}: {errors[0].message}", problems
    lost = _lost(_named(parse_yaml(text, Problems(""))), names)
    return f"the file {file} names {lost[0]}, which the revision has not" if lost else "", problems


def _judge(subject: Subject, facts: Facts) -> Answer:
    inside = facts.get(_FACT)
    if inside is None:
        return not_applicable("There is no revision in a zip to look into, or no failure.")
    names = names_in(inside)
    if names is None:
        return unseen(inside) or unknown("The revision could not be read.", inside)
    trouble, problems = _trouble(facts, names)
    cited = [*(facts[name] for name in ("deployment", "targets") if name in facts), inside]
    lines = [(inside.n, f"line {each.line}: {each.message}. {each.reason}") for each in problems[:6]]
    if not trouble:
        return passed(f"The revision has {plural(len(names), 'file')} and an AppSpec that fits.", *cited, lines=lines)
    text = trouble[:1].upper() + trouble[1:]
    events = failed_events(targets_of(facts))
    if not _of_the_file(events, error_of(facts), subject):
        return unknown(f"{text}, yet the failure is about something else.", *cited, lines=lines)
    return _finding(subject, text, events, cited, lines, _repair(facts, names))


def _of_the_file(events: Sequence[Failed], error: tuple[str, str], subject: Subject) -> bool:
    """Whether the failure can come from the AppSpec file: it says so, or nothing says anything else."""
    said = [events[0].said] if events else [" ".join(error), subject.action_state.error_message]
    return any(_ABOUT.search(each) for each in said) or (bool(events) and events[0].code == "ScriptMissing")


def _repair(facts: Facts, names: frozenset[str]) -> Repair | None:
    """The correction of the file in the revision; None where there is none to correct."""
    file = next((each for each in _FILES if each in names), "")
    return appspec_repair(file, text=file_in(facts, _FACT, file) or "", names=names) if file else None


def _finding(
    subject: Subject,
    text: str,
    events: Sequence[Failed],
    cited: Sequence[Fact],
    lines: Sequence[tuple[int, str]],
    repair: Repair | None,
) -> Answer:
    hook = bool(events) and events[0].code == "ScriptMissing"
    fix = manual(
        "codedeploy.appspec",
        "Correct appspec.yml and what the build hands on",
        [
            f"{text}.",
            "List appspec.yml and all scripts and files that it names in the build's artifacts.files.",
            push_hint(subject),
        ],
        repair=repair,
    )
    one = finding(
        subject,
        _ID,
        "codedeploy.hook-failed" if hook else "codedeploy.appspec-invalid",
        0.97,
        text,
        f"{text}. The agent reads this file first, and does nothing without it.",
        cited,
        fixes=[fix],
        disproved_by="the same revision deployed elsewhere without an error",
        proven=True,
    )
    return failed(f"{text}.", *cited, findings=[one], lines=lines)


REVISION = Step(
    id="revision",
    question="Does the revision have an AppSpec file that fits, with all that it names?",
    why="A script or file that the build did not hand on shows only on the servers, one by one.",
    reads=(*TARGET_READS, *INSIDE_READS),
    gather=_gather,
    judge=_judge,
)
