"""How panes share a rectangle: a tree of splits, each cutting its part in two. Pure; standard library only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeAlias

LEAST = 0.1
"""The least share of a split that a side keeps."""


class Axis(StrEnum):
    """How a split cuts."""

    BESIDE = "beside"  # left and right
    BELOW = "below"  # upper and lower


@dataclass(frozen=True, slots=True)
class Leaf:
    """One pane."""

    key: str


@dataclass(frozen=True, slots=True)
class Split:
    """A part cut in two; `share` of it, between 0 and 1, is the first one's."""

    axis: Axis
    first: Node
    second: Node
    share: float = 0.5


Node: TypeAlias = Leaf | Split


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in cells."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Border:
    """Where the two sides of a split meet; `path` leads to the split (0 first, 1 second).

    Side by side it is the column between them; one below the other it is the first row of the lower side, which is a
    pane's header: no row is lost to a line.
    """

    box: Box
    path: tuple[int, ...]
    axis: Axis = Axis.BESIDE


@dataclass(frozen=True, slots=True)
class Plan:
    """Where everything stands: a box for each pane, and where panes meet."""

    boxes: dict[str, Box]
    borders: tuple[Border, ...]


def keys_of(node: Node) -> tuple[str, ...]:
    """Keys of all panes, in reading order."""
    return (node.key,) if isinstance(node, Leaf) else keys_of(node.first) + keys_of(node.second)


def add(node: Node, beside: str, axis: Axis, key: str) -> Node:
    """Cut a pane in two; the new one is the right or lower half."""
    if isinstance(node, Leaf):
        return Split(axis, node, Leaf(key)) if node.key == beside else node
    return replace(node, first=add(node.first, beside, axis, key), second=add(node.second, beside, axis, key))


def remove(node: Node, key: str) -> Node | None:
    """Take a pane away; its neighbour takes its place. None where nothing is left."""
    if isinstance(node, Leaf):
        return None if node.key == key else node
    first, second = remove(node.first, key), remove(node.second, key)
    if first is None or second is None:
        return first or second
    return replace(node, first=first, second=second)


def swap(node: Node, one: str, other: str) -> Node:
    """Let two panes change places."""
    if isinstance(node, Leaf):
        return Leaf({one: other, other: one}.get(node.key, node.key))
    return replace(node, first=swap(node.first, one, other), second=swap(node.second, one, other))


def grow(node: Node, key: str, axis: Axis, step: float) -> Node:
    """Move the nearest border of that axis around a pane by a share: towards the right or the foot where above 0."""
    if isinstance(node, Leaf):
        return node
    in_first, in_second = key in keys_of(node.first), key in keys_of(node.second)
    if not (in_first or in_second):
        return node
    inner = node.first if in_first else node.second
    deeper = grow(inner, key, axis, step)
    if deeper != inner:
        return replace(node, first=deeper) if in_first else replace(node, second=deeper)
    return move_border(node, (), node.share + step) if node.axis is axis else node


def move_border(node: Node, path: tuple[int, ...], share: float) -> Node:
    """Give the first side of the split at a path that share of it."""
    if isinstance(node, Leaf):
        return node
    if not path:
        return replace(node, share=min(max(share, LEAST), 1 - LEAST))
    if path[0]:
        return replace(node, second=move_border(node.second, path[1:], share))
    return replace(node, first=move_border(node.first, path[1:], share))


def even(node: Node) -> Node:
    """Give all panes of a row or column the same room."""
    if isinstance(node, Leaf):
        return node
    first, second = _along(node.first, node.axis), _along(node.second, node.axis)
    return replace(node, first=even(node.first), second=even(node.second), share=first / (first + second))


def _along(node: Node, axis: Axis) -> int:
    if isinstance(node, Leaf) or node.axis is not axis:
        return 1
    return _along(node.first, axis) + _along(node.second, axis)


def plan(node: Node, width: int, height: int) -> Plan:
    """Lay out. Side by side takes a column for the line between; one below the other needs none."""
    boxes: dict[str, Box] = {}
    borders: list[Border] = []
    for each, path, box in _walk(node, (), Box(0, 0, width, height)):
        if isinstance(each, Leaf):
            boxes[each.key] = box
        elif each.axis is Axis.BESIDE:
            borders.append(Border(Box(box.x + _first(each, box), box.y, 1, box.height), path))
        else:
            borders.append(Border(Box(box.x, box.y + _first(each, box), box.width, 1), path, Axis.BELOW))
    return Plan(boxes, tuple(borders))


def box_at(node: Node, path: tuple[int, ...], width: int, height: int) -> Box:
    """The rectangle that the split at a path cuts."""
    return next(box for _, found, box in _walk(node, (), Box(0, 0, width, height)) if found == path)


def _first(node: Split, box: Box) -> int:
    """Cells of the first side; both sides keep one where there are any."""
    whole = box.width - 1 if node.axis is Axis.BESIDE else box.height
    return min(max(round(whole * node.share), 1), max(whole - 1, 0))


def _walk(node: Node, path: tuple[int, ...], box: Box) -> Iterator[tuple[Node, tuple[int, ...], Box]]:
    yield node, path, box
    if isinstance(node, Leaf):
        return
    first = _first(node, box)
    if node.axis is Axis.BESIDE:
        one = Box(box.x, box.y, first, box.height)
        other = Box(box.x + first + 1, box.y, max(box.width - first - 1, 0), box.height)
    else:
        one = Box(box.x, box.y, box.width, first)
        other = Box(box.x, box.y + first, box.width, max(box.height - first, 0))
    yield from _walk(node.first, (*path, 0), one)
    yield from _walk(node.second, (*path, 1), other)


def neighbour(boxes: dict[str, Box], key: str, across: int, down: int) -> str | None:
    """The pane next to one in a direction (`across` -1 left, 1 right; `down` -1 up, 1 down), the nearest by its top."""
    here = boxes[key]

    def shared(low: int, size: int, other_low: int, other_size: int) -> int:
        return min(low + size, other_low + other_size) - max(low, other_low)

    found: list[tuple[int, int, str]] = []
    for name, box in boxes.items():
        if name == key:
            continue
        if across:
            gap = box.x - (here.x + here.width) if across > 0 else here.x - (box.x + box.width)
            touching = shared(here.y, here.height, box.y, box.height)
        else:
            gap = box.y - (here.y + here.height) if down > 0 else here.y - (box.y + box.height)
            touching = shared(here.x, here.width, box.x, box.width)
        if gap >= 0 and touching > 0:
            found.append((gap, box.y + box.x, name))
    return min(found)[2] if found else None


def to_data(node: Node) -> object:
    """The tree as lists, strings and numbers."""
    if isinstance(node, Leaf):
        return node.key
    return [node.axis.value, round(node.share, 4), to_data(node.first), to_data(node.second)]


def from_data(data: object, depth: int = 0) -> Node:
    """Read what `to_data` gave.

    Raises:
        ValueError: it is something else.
    """
    if isinstance(data, str) and data:
        return Leaf(data)
    if not isinstance(data, list) or len(data) != 4 or depth > 8:
        raise ValueError(f"no tree of panes: {data!r}")
    axis, share, first, second = data
    if not isinstance(share, int | float) or isinstance(share, bool) or not 0 < share < 1:
        raise ValueError(f"no share: {share!r}")
    split = Split(Axis(axis), from_data(first, depth + 1), from_data(second, depth + 1), float(share))
    if len(set(keys_of(split))) != len(keys_of(split)):
        raise ValueError("a pane stands twice")
    return replace(split, share=min(max(split.share, LEAST), 1 - LEAST))
