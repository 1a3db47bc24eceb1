"""Trees of panes: whatever is done to them, the panes fill the rectangle, none twice, none lost."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widgets.pane_tree import (
    Axis,
    Box,
    Leaf,
    Node,
    Split,
    add,
    box_at,
    even,
    from_data,
    grow,
    keys_of,
    move_border,
    neighbour,
    plan,
    remove,
    swap,
    to_data,
)

_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["add", "remove", "swap", "grow", "even"]),
        st.integers(0, 9),
        st.integers(0, 9),
        st.sampled_from(list(Axis)),
        st.floats(-0.6, 0.6),
    ),
    max_size=25,
)


def grown_by(steps: list[tuple[str, int, int, Axis, float]]) -> Node:
    tree: Node = Leaf("0")
    for number, (what, one, other, axis, step) in enumerate(steps, 1):
        keys = keys_of(tree)
        here, there = keys[one % len(keys)], keys[other % len(keys)]
        if what == "add" and len(keys) < 6:
            tree = add(tree, here, axis, str(number))
            assert set(keys_of(tree)) == {*keys, str(number)}
        elif what == "remove" and len(keys) > 1:
            tree = remove(tree, here) or Leaf("none")
            assert set(keys_of(tree)) == set(keys) - {here}
        elif what == "swap":
            tree = swap(tree, here, there)
            assert sorted(keys_of(tree)) == sorted(keys)
        elif what == "grow":
            tree = grow(tree, here, axis, step)
            assert keys_of(tree) == keys
        elif what == "even":
            tree = even(tree)
    return tree


@given(_STEPS, st.integers(20, 300), st.integers(20, 100))
def test_panes_and_borders_fill_the_rectangle_without_overlapping(
    steps: list[tuple[str, int, int, Axis, float]], width: int, height: int
) -> None:
    tree = grown_by(steps)
    found = plan(tree, width, height)
    beside = [border.box for border in found.borders if border.axis is Axis.BESIDE]
    cells = [*found.boxes.values(), *beside]
    covered = {
        (x, y) for box in cells for x in range(box.x, box.x + box.width) for y in range(box.y, box.y + box.height)
    }
    assert sum(box.width * box.height for box in cells) == len(covered) == width * height
    assert set(found.boxes) == set(keys_of(tree))
    assert len(found.borders) == len(keys_of(tree)) - 1
    assert from_data(json.loads(json.dumps(to_data(tree)))).__class__ is tree.__class__
    assert keys_of(from_data(to_data(tree))) == keys_of(tree)


def test_a_border_moves_with_the_pane_that_grows_and_stops_before_a_side_is_gone() -> None:
    tree = add(Leaf("a"), "a", Axis.BESIDE, "b")
    assert plan(tree, 101, 10).boxes == {"a": Box(0, 0, 50, 10), "b": Box(51, 0, 50, 10)}
    wider = grow(tree, "a", Axis.BESIDE, 0.2)
    assert plan(wider, 101, 10).boxes["a"].width == 70
    assert plan(grow(wider, "b", Axis.BESIDE, 9.0), 101, 10).boxes["b"].width == 10
    assert grow(tree, "a", Axis.BELOW, 0.2) == tree
    assert grow(tree, "gone", Axis.BESIDE, 0.2) == tree
    assert plan(move_border(tree, (), 0.25), 101, 10).boxes["a"].width == 25


def test_the_nearest_border_of_the_axis_moves() -> None:
    tree = add(add(add(Leaf("a"), "a", Axis.BESIDE, "b"), "b", Axis.BELOW, "c"), "c", Axis.BESIDE, "d")
    moved = grow(tree, "d", Axis.BESIDE, 0.25)
    assert isinstance(moved, Split)
    assert moved.share == 0.5
    assert plan(moved, 201, 40).boxes["d"].width < plan(tree, 201, 40).boxes["d"].width
    assert plan(even(tree), 201, 40).boxes["a"].width == 100
    assert box_at(tree, (1, 1), 201, 40).y == 20


def test_neighbours_are_those_that_touch() -> None:
    tree = add(add(add(Leaf("a"), "a", Axis.BESIDE, "b"), "b", Axis.BELOW, "c"), "a", Axis.BELOW, "d")
    boxes = plan(tree, 101, 40).boxes
    assert neighbour(boxes, "a", 1, 0) == "b"
    assert neighbour(boxes, "c", -1, 0) == "d"
    assert neighbour(boxes, "a", 0, 1) == "d"
    assert neighbour(boxes, "d", 0, -1) == "a"
    assert neighbour(boxes, "a", -1, 0) is None


@pytest.mark.parametrize(
    "data",
    [None, "", [], ["beside", 0.5, "a"], ["above", 0.5, "a", "b"], ["beside", 2, "a", "b"], ["beside", 0.5, "a", "a"],
     ["beside", True, "a", "b"], {"a": 1}, ["beside", 0.5, "a", None]],
)  # fmt: skip
def test_what_is_no_tree_is_refused(data: object) -> None:
    with pytest.raises(ValueError, match=r"no tree|no share|twice|valid Axis"):
        from_data(data)
