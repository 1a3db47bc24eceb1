"""Expressions (JMESPath) and texts with expressions in braces, checked before they are used. Pure.

``{pipeline.name}`` in a text stands for the value of the expression ``pipeline.name``; ``{{`` and ``}}`` for braces.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jmespath  # type: ignore[import-untyped]
from jmespath.exceptions import JMESPathError  # type: ignore[import-untyped]

__all__ = ["BadExpression", "Expression", "Template", "compiled", "template"]

_MOST_CHARS = 500
_MOST_DEPTH = 20
# How many times an expression may copy what it is given: lists of lists joined again and again grow without bound.
_MOST_COPIES = 256
_Node = Mapping[str, Any]
# Of these nodes only the first child is asked of what the expression is given; the others of what that one gave.
_FIRST_ONLY = frozenset(
    {"subexpression", "index_expression", "projection", "value_projection", "filter_projection", "pipe", "flatten"}
)


class BadExpression(ValueError):
    """An expression or text that cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A JMESPath expression.

    Attributes:
        roots: names (with the name below, empty for none) that it asks of what it is given.
    """

    source: str
    roots: frozenset[tuple[str, str]]

    def of(self, scope: Mapping[str, Any]) -> Any:
        """Return its value.

        Raises:
            BadExpression: it cannot be worked out on this data (a function was given the wrong type).
        """
        try:
            return _parsed(self.source).search(dict(scope))
        except (JMESPathError, RecursionError) as error:
            raise BadExpression(f"{self.source}: {error}") from error


@lru_cache(maxsize=512)
def _parsed(source: str) -> Any:
    return jmespath.compile(source)


def compiled(source: str) -> Expression:
    """Return an expression, checked.

    Raises:
        BadExpression: it is no JMESPath, or could take long or much memory to work out.
    """
    if len(source) > _MOST_CHARS:
        raise BadExpression(f"an expression of more than {_MOST_CHARS} characters")
    if max(_depths(source), default=0) > _MOST_DEPTH:
        raise BadExpression(f"brackets deeper than {_MOST_DEPTH} levels")
    try:
        tree: _Node = _parsed(source).parsed
        if _copies(tree) > _MOST_COPIES:
            raise BadExpression(f"{source} would copy its data more than {_MOST_COPIES} times")
        return Expression(source, frozenset(_roots(tree)))
    except (JMESPathError, RecursionError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise BadExpression(f"no JMESPath: {reason}") from error


def _depths(source: str) -> Iterator[int]:
    depth = 0
    for char in source:
        depth += (char in "([{") - (char in ")]}")
        yield depth


def _copies(node: _Node) -> int:
    children = [each for each in node.get("children", ()) if isinstance(each, Mapping)]
    own = len(children) if node["type"] in {"multi_select_list", "multi_select_dict"} else 1
    for each in children:
        own *= max(_copies(each), 1)
        if own > _MOST_COPIES:
            break
    return own


def _roots(node: _Node) -> Iterator[tuple[str, str]]:
    kind, children = node["type"], node.get("children", ())
    if kind == "field":
        yield node["value"], ""
    elif kind == "subexpression" and children[0]["type"] == "field":
        below = children[1]
        while below["type"] in {"subexpression", "index_expression"}:
            below = below["children"][0]
        yield children[0]["value"], below["value"] if below["type"] == "field" else ""
    elif kind in _FIRST_ONLY:
        yield from _roots(children[0])
    elif kind != "expref":
        for each in children:
            if isinstance(each, Mapping):
                yield from _roots(each)


@dataclass(frozen=True, slots=True)
class Template:
    """A text with expressions in it: `parts` are literal texts and expressions in turn."""

    parts: tuple[str | Expression, ...]

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """The expressions in it, in order."""
        return tuple(each for each in self.parts if isinstance(each, Expression))

    def value(self, scope: Mapping[str, Any]) -> Any:
        """Return what it stands for: where it is one expression and nothing else, that one's value as it is."""
        if len(self.parts) == 1 and isinstance(self.parts[0], Expression):
            return self.parts[0].of(scope)
        return self.text(scope)

    def text(self, scope: Mapping[str, Any], shown: Callable[[str], str] = str) -> str:
        """Return the text; `shown` prepares each value that is put in. A value that is not there shows as ``?``."""
        return "".join(each if isinstance(each, str) else shown(_words(each.of(scope))) for each in self.parts)


def _words(value: Any) -> str:
    if value is None:
        return "?"
    return value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)


def template(text: str) -> Template:
    """Return a text with its expressions found.

    Raises:
        BadExpression: a brace without its partner, or an expression that cannot be used.
    """
    parts: list[str | Expression] = []
    literal, place = "", 0
    while place < len(text):
        char = text[place]
        if char in "{}" and text[place : place + 2] == char * 2:
            literal, place = literal + char, place + 2
        elif char == "{":
            end = _end(text, place)
            parts += [literal] if literal else []
            parts.append(compiled(text[place + 1 : end].strip()))
            literal, place = "", end + 1
        elif char == "}":
            raise BadExpression("a } without its {; a brace itself is written }}")
        else:
            literal, place = literal + char, place + 1
    return Template((*parts, literal) if literal or not parts else tuple(parts))


def _end(text: str, start: int) -> int:
    depth = 0
    for place in range(start, min(len(text), start + _MOST_CHARS + 2)):
        depth += (text[place] == "{") - (text[place] == "}")
        if depth == 0:
            return place
    raise BadExpression("a { without its }; a brace itself is written {{")
