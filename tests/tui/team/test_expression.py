"""Expressions and texts with expressions in them."""

from __future__ import annotations

import pytest

from tui.team.expression import BadExpression, compiled, template

SCOPE = {"pipeline": {"name": "shop"}, "ids": {"ids": ["a", "b", "c"]}, "none": None}


def test_expression_alone_keeps_its_kind_and_in_a_text_becomes_words() -> None:
    assert template("{ids.ids[:2]}").value(SCOPE) == ["a", "b"]
    assert template("x {ids.ids[0]} of {pipeline.name}").value(SCOPE) == "x a of shop"
    assert template("{{literal}} {none}").text(SCOPE) == "{literal} ?"
    assert template("{ids.{first: ids[0]}}").value(SCOPE) == {"first": "a"}


@pytest.mark.parametrize(
    ("source", "roots"),
    [
        ("a.b.c", {("a", "b")}),
        ("a[0].b == c.d[?e == 'x'] | [0]", {("a", ""), ("c", "d")}),
        ("length(a.b[].c) > `0` && !d", {("a", "b"), ("d", "")}),
        ("[a, {x: b.y}]", {("a", ""), ("b", "y")}),
        ("sort_by(a.b, &c)[0]", {("a", "b")}),
    ],
)
def test_roots_are_the_names_an_expression_asks_for(source: str, roots: set[tuple[str, str]]) -> None:
    assert compiled(source).roots == roots


@pytest.mark.parametrize(
    "source",
    [
        "(" * 400,
         "!" * 499 + "a", "a" * 501, "|".join(["[@,@][]"] * 50), "a.", "[@,@,@,@].[a,b,c,d].[a,b,c,d].[a,b,c,d,e]",
    ],
)  # fmt: skip
def test_expression_that_could_take_long_or_is_none_is_refused(source: str) -> None:
    with pytest.raises(BadExpression):
        compiled(source)


def test_wrong_type_is_told_and_not_raised_as_something_else() -> None:
    with pytest.raises(BadExpression):
        compiled("length(pipeline.name.x)").of(SCOPE)
