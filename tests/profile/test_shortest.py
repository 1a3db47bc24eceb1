"""Over generated structures the arrangement is the shortest of all that keep what must be kept: every one is tried."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from core.profile.arrange import Place, arrange, places_of
from core.profile.graph import Graph, graph_of
from core.profile.model import Node
from tests.profile.test_never_unsafe import definitions

BETWEEN_S = 2.0
MOST = 9  # actions; more take long to try


def length_s(places: Mapping[Node, Place], seconds: Mapping[Node, float]) -> float:
    groups: dict[Place, float] = {}
    for node, place in places.items():
        groups[place] = max(groups.get(place, 0.0), seconds[node])
    return sum(each + BETWEEN_S for each in groups.values())


def least_s(graph: Graph, seconds: Mapping[Node, float]) -> float:
    """Groups with an approval or a source stay as they are; all others may be any set that is ready."""
    whole = [frozenset(group) for group in graph.groups if any(node in graph.fixed for node in group)]
    held = frozenset[Node]().union(*whole)
    before = {node: frozenset(a for a, b in graph.ordered if b == node) for node in seconds}

    @cache
    def rest(done: frozenset[Node]) -> float:
        if len(done) == len(seconds):
            return 0.0
        ready = frozenset(node for node in seconds if node not in done and before[node] <= done)
        free = [node for node in ready if node not in held]
        sets = [group for group in whole if group <= ready]
        sets += [
            frozenset(node for number, node in enumerate(free) if mask >> number & 1)
            for mask in range(1, 1 << len(free))
        ]
        return min(max(seconds[node] for node in group) + BETWEEN_S + rest(done | group) for group in sets)

    return rest(frozenset())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(st.data())
def test_no_other_order_is_shorter(data: st.DataObject) -> None:
    definition = data.draw(definitions())
    nodes = list(places_of(definition))
    assume(len(nodes) <= MOST)
    seconds = {node: float(data.draw(st.integers(5, 300))) for node in nodes}
    graph = graph_of(definition)
    places = arrange(definition, graph, lambda node: seconds[node], across=True)
    assert length_s(places, seconds) <= least_s(graph, seconds) + 0.5
