"""Which action makes each artifact of a pipeline, which actions take it, and where one execution left it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from core.pipeline import Definition

__all__ = ["ArtifactFlow", "artifact_flows"]


@dataclass(frozen=True, slots=True)
class ArtifactFlow:
    """One artifact on its way.

    Attributes:
        made_by: ``stage/action``; empty where no action of the definition makes it.
        used_by: ``stage/action`` of those that take it, in the order of the definition.
        bucket: where the execution put it; empty where it made none (yet).
        key: the object's key.
        region: of the action that made it; empty for the pipeline's own.
    """

    name: str
    made_by: str = ""
    used_by: tuple[str, ...] = ()
    bucket: str = ""
    key: str = ""
    region: str = ""

    @property
    def uri(self) -> str:
        """``s3://bucket/key``, or nothing."""
        return f"s3://{self.bucket}/{self.key}" if self.bucket else ""


def artifact_flows(definition: Definition, details: Iterable[Mapping[str, Any]] = ()) -> tuple[ArtifactFlow, ...]:
    """Return the artifacts of a definition, in the order in which they are made.

    Args:
        definition: the pipeline's definition.
        details: ``actionExecutionDetails`` of one execution as ListActionExecutions gives them, newest first
            (https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ActionExecutionDetail.html).
    """
    places = _places(details)
    makers: dict[str, tuple[str, str]] = {}
    takers: dict[str, list[str]] = {}
    for stage in definition.stages:
        for action in sorted(stage.actions, key=lambda each: each.run_order):
            name = f"{stage.name}/{action.name}"
            for made in action.outputs:
                makers.setdefault(made, (name, action.region))
            for taken in action.inputs:
                takers.setdefault(taken, []).append(name)
    nobody = ("", "")
    return tuple(
        ArtifactFlow(
            name=name,
            made_by=makers.get(name, nobody)[0],
            used_by=tuple(takers.get(name, ())),
            bucket=places.get(name, nobody)[0],
            key=places.get(name, nobody)[1],
            region=makers.get(name, nobody)[1],
        )
        for name in dict.fromkeys((*makers, *takers))
    )


def _places(details: Iterable[Mapping[str, Any]]) -> dict[str, tuple[str, str]]:
    """Bucket and key by artifact; the newest run of an action wins, what was made wins over what was taken."""
    made: dict[str, tuple[str, str]] = {}
    taken: dict[str, tuple[str, str]] = {}
    for detail in details:
        _note(made, (detail.get("output") or {}).get("outputArtifacts"))
        _note(taken, (detail.get("input") or {}).get("inputArtifacts"))
    return taken | made


def _note(places: dict[str, tuple[str, str]], artifacts: Iterable[Mapping[str, Any]] | None) -> None:
    for each in artifacts or ():
        place = each.get("s3location") or {}
        if each.get("name") and place.get("bucket") and place.get("key"):
            places.setdefault(str(each["name"]), (str(place["bucket"]), str(place["key"])))
