"""Whether a changed order is safe: judged on the result alone, however it was made. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from core.pipeline import Definition
from core.profile.arrange import Place, places_of
from core.profile.graph import Graph
from core.profile.model import Node, label

__all__ = ["broken_orders"]


def broken_orders(definition: Definition, graph: Graph, places: Mapping[Node, Place]) -> tuple[str, ...]:
    """Return what an arrangement breaks, one sentence each; empty where it is safe.

    Args:
        definition: the structure that is rearranged.
        graph: its graph.
        places: where each of its actions would stand.
    """
    return tuple(_broken(definition, graph, places))


def _broken(definition: Definition, graph: Graph, places: Mapping[Node, Place]) -> Iterator[str]:
    before = places_of(definition)
    if set(places) != set(before):
        yield "an action is missing or was added"
        return
    stages = {stage.name: number for number, stage in enumerate(definition.stages)}

    def when(node: Node) -> tuple[int, int]:
        return stages.get(places[node].stage, -1), places[node].order

    for node, place in places.items():
        yield from _misplaced(graph, stages, node, before[node], place)
    for (earlier, later), why in graph.ordered.items():
        if when(earlier) >= when(later):
            yield f"{label(later)} no longer comes after {label(earlier)} ({why})"
    for name, members in _names(places).items():
        if len(members) != len(set(members)):
            yield f"stage {name} has two actions of one name"


def _misplaced(graph: Graph, stages: Mapping[str, int], node: Node, before: Place, place: Place) -> Iterator[str]:
    if place.stage not in stages or not 1 <= place.order <= 999:
        yield f"{label(node)} stands nowhere"
    if place.stage != before.stage and node in graph.fixed:
        yield f"{label(node)} leaves its stage"
    if place.stage != before.stage and graph.closed & {place.stage, before.stage}:
        yield f"{label(node)} crosses a stage with conditions"


def _names(places: Mapping[Node, Place]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for node, place in places.items():
        found.setdefault(place.stage, []).append(node[1])
    return found
