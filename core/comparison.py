"""Two executions of a pipeline side by side: what differs between them, and what does not. Pure."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from core.build import Build
from core.pipeline import ActionExecution, Definition, Execution, ExecutionTerms
from core.redact import mask_secrets

__all__ = ["Comparison", "Difference", "Ran", "Topic", "compare", "last_good"]


class Topic(StrEnum):
    """What may differ; in the order in which a reader asks."""

    REVISIONS = "revisions"
    DEFINITION = "definition"
    ROLE = "pipeline role"
    VARIABLES = "variables"
    CONFIGURATION = "action configuration"
    BUILD = "build environment"


@dataclass(frozen=True, slots=True)
class Ran:
    """One execution with all that it ran on; None and empty where it could not be read.

    Attributes:
        builds: CodeBuild's builds by their id, as the actions name them.
    """

    execution: Execution
    terms: ExecutionTerms | None = None
    definition: Definition | None = None
    actions: tuple[ActionExecution, ...] = ()
    builds: Mapping[str, Build] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not the same; an empty text stands for what is not there on that side."""

    topic: Topic
    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed from one execution to another.

    Attributes:
        same: topics that were read on both sides and are equal.
        unknown: topics that could not be read on one side.
        patch: the definitions as a unified diff, secrets masked; empty where they are equal.
    """

    before: Ran
    after: Ran
    differences: tuple[Difference, ...]
    same: tuple[Topic, ...]
    unknown: tuple[Topic, ...]
    patch: str = ""

    def of(self, topic: Topic) -> tuple[Difference, ...]:
        """Return the differences of one topic."""
        return tuple(each for each in self.differences if each.topic is topic)


def last_good(executions: Sequence[Execution], execution: Execution) -> Execution | None:
    """Return the newest execution before one (by start) that succeeded; None where the list holds none."""
    before = [
        each
        for each in executions
        if each.status == "Succeeded"
        and each.id != execution.id
        and (each.started_at or 0.0) < (execution.started_at or float("inf"))
    ]
    return max(before, key=lambda each: each.started_at or 0.0, default=None)


def compare(before: Ran, after: Ran) -> Comparison:
    """Compare two executions, the older one first. Values are masked as in all that may be shown to others."""
    found: list[Difference] = []
    same: list[Topic] = []
    unknown: list[Topic] = []
    for topic, sides in _sides(before, after):
        if sides is None:
            unknown.append(topic)
            continue
        differing = tuple(_differing(topic, *sides))
        found += differing
        if not differing:
            same.append(topic)
    return Comparison(before, after, tuple(found), tuple(same), tuple(unknown), _patch(before, after))


_Sides = tuple[Mapping[str, str], Mapping[str, str]]


def _sides(before: Ran, after: Ran) -> Iterator[tuple[Topic, _Sides | None]]:
    """Yield each topic with what either side has of it by name; None where one side is not known."""
    yield Topic.REVISIONS, (_revisions(before), _revisions(after))
    definitions = (before.definition, after.definition)
    if None in definitions:
        yield Topic.DEFINITION, None
        yield Topic.ROLE, None
    else:
        yield Topic.DEFINITION, (_version(before), _version(after))
        yield Topic.ROLE, tuple({"role": each.role_arn} for each in definitions if each)  # type: ignore[misc]
    yield (
        Topic.VARIABLES,
        (None if before.terms is None or after.terms is None else (before.terms.variables, after.terms.variables)),
    )
    common = {_place(each) for each in before.actions} & {_place(each) for each in after.actions}
    yield Topic.CONFIGURATION, (_configured(before, common), _configured(after, common)) if common else None
    built = {place for place in common if _build(before, place) and _build(after, place)}
    yield Topic.BUILD, (_built(before, built), _built(after, built)) if built else None


def _differing(topic: Topic, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Difference]:
    for name in sorted({*before, *after}):
        old, new = before.get(name, ""), after.get(name, "")
        if old != new:
            yield Difference(topic, name, _masked(name, old), _masked(name, new))


def _masked(name: str, value: str) -> str:
    """A value as it may be shown: also masked where its name alone says that it is a secret."""
    label = name.rpartition(" ")[2]
    return mask_secrets(f"{label}={value}").removeprefix(f"{label}=") if value else ""


def _revisions(ran: Ran) -> dict[str, str]:
    return {each.action: f"{each.id[:12]} {each.summary}".strip() for each in ran.execution.revisions}


def _version(ran: Ran) -> dict[str, str]:
    return {"version": f"v{ran.definition.version}" if ran.definition else ""}


def _patch(before: Ran, after: Ran) -> str:
    if before.definition is None or after.definition is None:
        return ""
    old, new = before.definition, after.definition
    lines = [mask_secrets(each.raw).splitlines() for each in (old, new)]
    diff = difflib.unified_diff(lines[0], lines[1], f"v{old.version}", f"v{new.version}", n=2, lineterm="")
    return "\n".join(diff)


def _place(action: ActionExecution) -> tuple[str, str]:
    return action.stage, action.action


def _latest(ran: Ran, place: tuple[str, str]) -> ActionExecution | None:
    """The last try of an action."""
    tries = [each for each in ran.actions if _place(each) == place]
    return max(tries, key=lambda each: each.started_at or 0.0, default=None)


def _configured(ran: Ran, places: set[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for stage, name in places:
        if action := _latest(ran, (stage, name)):
            for key, value in action.configuration.items():
                variables = _variables(value) if key == "EnvironmentVariables" else None
                if variables is None:
                    found[f"{stage} / {name} {key}"] = value
                else:
                    found |= {f"{stage} / {name} {each}": held for each, held in variables.items()}
    return found


def _variables(value: str) -> dict[str, str] | None:
    """The variables that a pipeline hands to a build, by name; None for what is not formed so."""
    try:
        given = json.loads(value)
    except ValueError:
        return None
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        return None
    kinds = {"PARAMETER_STORE": "parameter ", "SECRETS_MANAGER": "secret "}
    return {str(each.get("name")): f"{kinds.get(each.get('type'), '')}{each.get('value')}" for each in given}


def _build(ran: Ran, place: tuple[str, str]) -> Build | None:
    action = _latest(ran, place)
    return ran.builds.get(action.external_id) if action else None


def _built(ran: Ran, places: set[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for place in places:
        if build := _build(ran, place):
            about = f"{place[0]} / {place[1]}"
            found |= {
                f"{about} image": build.image,
                f"{about} compute type": build.compute_type,
                f"{about} privileged": "yes" if build.privileged else "no",
                f"{about} service role": build.service_role,
                f"{about} time-out": f"{build.timeout_min} min" if build.timeout_min else "",
            }
            found |= {f"{about} variable {name}": kind.lower() for name, kind in build.environment.items()}
    return found
