"""Files inside artifacts: where an action's input artifacts lie in this execution, and what stands in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.arn import Arn
from core.fact import Evidence, Fact
from core.playbook import Facts, Subject

from ._fixes import elsewhere

__all__ = [
    "INSIDE_READS",
    "file_in",
    "input_places",
    "look_inside",
    "names_in",
    "place_of_arn",
    "read_runs",
    "source_places",
]

INSIDE_READS = ("codepipeline:ListActionExecutions", "s3:GetObject")
_Map = Mapping[str, Any]
# In this order: artifact, bucket, key.
Place = tuple[str, str, str]


async def read_runs(subject: Subject, evidence: Evidence) -> Fact | None:
    """The runs of all actions in the execution that is asked about; None where there is no execution."""
    if subject.execution is None or not subject.execution.id:
        return None
    params = {"pipelineName": subject.ref.name, "filter": {"pipelineExecutionId": subject.execution.id}}
    return await evidence.read("codepipeline", "ListActionExecutions", params, pages=3)


def input_places(subject: Subject, runs: Fact | None) -> list[Place]:
    """Where the action's input artifacts lie: from its own run, else from the runs that made them."""
    found: Sequence[_Map] = runs.get("actionExecutionDetails", default=()) if runs else ()
    own = (subject.stage.name, subject.action.name)
    run: _Map = next((each for each in found if (each.get("stageName"), each.get("actionName")) == own), {})
    places = _places((run.get("input") or {}).get("inputArtifacts") or ())
    if places:
        return places
    made = [place for each in found for place in _places((each.get("output") or {}).get("outputArtifacts") or ())]
    return [place for place in made if place[0] in subject.action.inputs]


def source_places(subject: Subject, runs: Fact | None) -> list[Place]:
    """Where the artifacts of the execution's source actions lie: the files of its repositories."""
    found: Sequence[_Map] = runs.get("actionExecutionDetails", default=()) if runs else ()
    first = subject.definition.stages[0].name if subject.definition.stages else ""
    made = [each.get("output") or {} for each in found if each.get("stageName") == first]
    return [place for output in made for place in _places(output.get("outputArtifacts") or ())]


def _places(listed: Sequence[_Map]) -> list[Place]:
    found = []
    for each in listed:
        place = each.get("s3location") or {}
        if place.get("bucket") and place.get("key"):
            found.append((str(each.get("name", "?")), str(place["bucket"]), str(place["key"])))
    return found


def place_of_arn(arn: str) -> tuple[str, str]:
    """Bucket and key of an object's ARN, as a build's source version names it; empty for anything else."""
    parsed = Arn.parse(arn)
    if parsed is None or parsed.service != "s3":
        return "", ""
    bucket, _, key = parsed.resource.partition("/")
    return bucket, key


async def look_inside(
    subject: Subject, evidence: Evidence, wanted: Mapping[str, Sequence[str]]
) -> tuple[dict[str, Fact], Fact | None]:
    """Look into input artifacts for files.

    Args:
        subject: what is diagnosed.
        evidence: how to read.
        wanted: names of files, by artifact.

    Returns:
        Facts ``inside:ARTIFACT``, and the fact that says where artifacts lie.
    """
    runs = await read_runs(subject, evidence)
    facts: dict[str, Fact] = {}
    for artifact, bucket, key in input_places(subject, runs):
        if artifact in wanted:
            names = list(dict.fromkeys(wanted[artifact]))
            facts[f"inside:{artifact}"] = await evidence.archive(bucket, key, names, region=elsewhere(subject))
    return facts, runs


def names_in(fact: Fact | None) -> frozenset[str] | None:
    """The names in an archive; None where it was not read."""
    found = fact.get("names") if fact is not None and fact.ok else None
    return frozenset(str(each) for each in found) if isinstance(found, list) else None


def file_in(facts: Facts, name: str, file: str) -> str | None:
    """The text of a file in the archive of that fact; None where it was not read."""
    fact = facts.get(name)
    found = fact.get("files", file) if fact is not None and fact.ok else None
    return found if isinstance(found, str) else None
