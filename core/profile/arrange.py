"""The shortest arrangement of actions that keeps every order that must be kept. Pure.

CodePipeline runs groups: a stage's actions of one runOrder side by side, the next group when all of them have ended.
The time of an arrangement is therefore the sum of each group's longest action (and a moment between groups). Which
actions go together is searched exactly over the sets of actions already done: into a group go all that are ready and
take no longer than the longest one chosen, since they cost nothing there. Where that would take too many sets, actions
go as early as they can.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.pipeline import Definition
from core.profile.graph import Graph
from core.profile.model import Node

__all__ = ["Place", "arrange", "places_of"]

# https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html
_MOST_IN_A_STAGE = 50
_MOST_SETS = 6000
_BETWEEN_S = 2.0  # what a change from one group to the next costs at least


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where an action stands: stage and runOrder."""

    stage: str
    order: int


Seconds = Callable[[Node], float]


def places_of(definition: Definition) -> dict[Node, Place]:
    """Return where each action stands in a definition."""
    return {
        (stage.name, action.name): Place(stage.name, action.run_order)
        for stage in definition.stages
        for action in stage.actions
    }


def arrange(definition: Definition, graph: Graph, seconds: Seconds, *, across: bool) -> dict[Node, Place]:
    """Return the places of all actions in the shortest arrangement.

    Args:
        definition: the structure as it is.
        graph: what must be kept of it.
        seconds: how long an action usually takes.
        across: whether actions may change their stage; else only runOrder within a stage.

    Returns:
        Every action's place; runOrder begins at 1 in each stage and has no gaps where something was moved.
    """
    places = places_of(definition)
    rows: dict[str, list[tuple[Node, ...]]] = {stage.name: [] for stage in definition.stages}
    for segment in _segments(graph, across=across):
        nodes = [node for group in segment for node in group]
        if len(segment) < 2 or all(node in graph.fixed for node in nodes):
            levels = [tuple(group) for group in segment]
            hosts = [group[0][0] for group in segment]
        else:
            levels = _levels(nodes, graph, seconds)
            if sum(_length(level, seconds) for level in levels) >= sum(_length(g, seconds) for g in segment) - 0.5:
                levels = [tuple(group) for group in segment]
            hosts = _hosts(levels, [stage.name for stage in definition.stages])
        for level, host in zip(levels, hosts, strict=True):
            rows[host].append(level)
    for stage, levels in rows.items():
        if sum(map(len, levels)) > _MOST_IN_A_STAGE:
            return places
        if [set(level) for level in levels] == [set(group) for group in graph.groups if group[0][0] == stage]:
            continue
        for number, level in enumerate(levels, 1):
            places |= {node: Place(stage, number) for node in level}
    return places


def _length(group: Sequence[Node], seconds: Seconds) -> float:
    return max(map(seconds, group), default=0.0) + _BETWEEN_S


def _segments(graph: Graph, *, across: bool) -> Iterator[list[tuple[Node, ...]]]:
    """Runs of groups within which actions may move."""
    segment: list[tuple[Node, ...]] = []
    for group in graph.groups:
        if segment and _cut(graph, segment[-1], group, across=across):
            yield segment
            segment = []
        segment.append(group)
    if segment:
        yield segment


def _cut(graph: Graph, before: tuple[Node, ...], group: tuple[Node, ...], *, across: bool) -> bool:
    if any(node in graph.fixed for node in (*before, *group)):
        return True
    one, other = before[0][0], group[0][0]
    return one != other and (not across or one in graph.closed or other in graph.closed)


def _levels(nodes: Sequence[Node], graph: Graph, seconds: Seconds) -> list[tuple[Node, ...]]:
    needs: dict[Node, set[Node]] = {node: set() for node in nodes}
    for earlier, later in graph.ordered:
        if earlier in needs and later in needs:
            needs[later].add(earlier)
    search = _Search(nodes, needs, seconds)
    return search.best() or search.early()


class _Search:
    """The search over sets of actions already done."""

    def __init__(self, nodes: Sequence[Node], needs: Mapping[Node, set[Node]], seconds: Seconds) -> None:
        self._nodes = list(nodes)
        self._index = {node: number for number, node in enumerate(self._nodes)}
        self._needs = [sum(1 << self._index[each] for each in needs[node]) for node in self._nodes]
        self._took = [round(seconds(node), 3) for node in self._nodes]
        self._all = (1 << len(self._nodes)) - 1
        self._known: dict[int, tuple[float, int]] = {self._all: (0.0, 0)}

    def best(self) -> list[tuple[Node, ...]]:
        """The shortest levels; empty where it would take too long."""
        stack = [0]
        while stack:
            done = stack[-1]
            if done in self._known:
                stack.pop()
                continue
            options = self._options(done)
            unknown = [done | level for level in options if done | level not in self._known]
            if unknown:
                stack += unknown
                if len(self._known) + len(stack) > _MOST_SETS:
                    return []
                continue
            costs = [(self._longest(level) + _BETWEEN_S + self._known[done | level][0], level) for level in options]
            self._known[done] = min(costs, key=lambda each: (each[0], -each[1].bit_count()))
            stack.pop()
        return self._walk(lambda done: self._known[done][1])

    def early(self) -> list[tuple[Node, ...]]:
        """Every action as early as it can."""
        return self._walk(self._ready)

    def _walk(self, choose: Callable[[int], int]) -> list[tuple[Node, ...]]:
        levels, done = [], 0
        while done != self._all:
            level = choose(done)
            levels.append(tuple(node for number, node in enumerate(self._nodes) if level >> number & 1))
            done |= level
        return levels

    def _ready(self, done: int) -> int:
        ready = 0
        for number, needs in enumerate(self._needs):
            if not done >> number & 1 and needs & done == needs:
                ready |= 1 << number
        return ready

    def _options(self, done: int) -> list[int]:
        ready = self._ready(done)
        numbers = [number for number in range(len(self._nodes)) if ready >> number & 1]
        return [
            sum(1 << number for number in numbers if self._took[number] <= longest)
            for longest in sorted({self._took[number] for number in numbers})
        ]

    def _longest(self, level: int) -> float:
        return max(took for number, took in enumerate(self._took) if level >> number & 1)


def _hosts(levels: Sequence[tuple[Node, ...]], stages: Sequence[str]) -> list[str]:
    """The stage of each level: the earliest that one of its actions comes from, never before the level before it."""
    number = {name: index for index, name in enumerate(stages)}
    hosts, least = [], 0
    for level in levels:
        least = max(least, min(number[node[0]] for node in level))
        hosts.append(stages[least])
    return hosts
