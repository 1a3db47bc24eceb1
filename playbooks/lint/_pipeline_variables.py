"""Variables of a pipeline: ``#{namespace.key}`` everywhere in configurations, against what is declared and made."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ._node import Node
from ._pipeline_model import GUIDE, Action
from ._schema import load, nearest
from .problem import Problems

__all__ = ["check_variables"]

_PAGE = f"{GUIDE}reference-variables.html"
_USE = re.compile(r"#\{([^}]*)\}")
_REFERENCE = re.compile(r"([A-Za-z0-9@_-]+)\.([A-Za-z0-9@_.:-]+)")
_OWN = ("PipelineExecutionId",)


def _uses(node: Node) -> Iterator[tuple[Node, str]]:
    if node.kind == "scalar":
        for use in _USE.finditer(node.text):
            yield node, use[1]
    for child in (*node.items, *(value for _, value in node.pairs)):
        yield from _uses(child)


def check_variables(pipeline: Node, actions: Sequence[Action], found: Problems) -> None:
    """Check namespaces and every use of a variable."""
    spaces = _namespaces(actions, found)
    declared = _declared(pipeline, found)
    used: set[str] = set()
    for action in actions:
        for at, use in _uses(action.node):
            _use(action, at, use, spaces, declared, found)
            used.add(use)
    for stage in pipeline.under("stages"):
        conditions = [stage.get(key) for key in ("beforeEntry", "onSuccess", "onFailure")]
        used.update(use for each in conditions if each is not None for _, use in _uses(each))
    for name_text, at in declared.items():
        if f"variables.{name_text}" not in used:
            found.hint(at, "variable-unused", f"No action uses the variable {name_text}", "", _PAGE)


def _declared(pipeline: Node, found: Problems) -> dict[str, Node]:
    declared: dict[str, Node] = {}
    for each in pipeline.under("variables"):
        name = each.get("name")
        if name is not None and name.kind == "scalar":
            if name.text in declared:
                found.error(name, "variable-twice", f"The variable {name.text} is declared twice", "", _PAGE)
            declared[name.text] = name
    return declared


def _namespaces(actions: Sequence[Action], found: Problems) -> dict[str, Action]:
    spaces: dict[str, Action] = {}
    for action in actions:
        space = action.node.get("namespace")
        if space is None or space.kind != "scalar":
            continue
        if space.text in {"codepipeline", "variables"}:
            found.error(
                space, "namespace", f"The namespace {space.text} is CodePipeline's own", "Choose another.", _PAGE
            )
        elif space.text in spaces:
            first = spaces[space.text]
            reason = f"{first.stage}/{first.name} has it."
            found.error(space, "namespace", f"The namespace {space.text} is used twice", reason, _PAGE)
        else:
            spaces[space.text] = action
    return spaces


def _use(
    action: Action, at: Node, use: str, spaces: dict[str, Action], declared: dict[str, Node], found: Problems
) -> None:
    match = _REFERENCE.fullmatch(use.strip())
    if match is None:
        reason = "The form is #{namespace.key}, without blanks."
        found.warning(at, "variable-form", f"#{{{use[:60]}}} is not a reference to a variable", reason, _PAGE)
        return
    space, key = match[1], match[2]
    if space == "codepipeline":
        if key not in _OWN:
            found.error(at, "variable", f"codepipeline has no variable {key}", f"It has {', '.join(_OWN)}.", _PAGE)
    elif space == "variables":
        if key not in declared:
            near = nearest(key, tuple(declared))
            reason = f"Did you mean {near}?" if near else f"Declared are: {', '.join(declared) or 'none'}."
            found.error(at, "variable", f"The pipeline declares no variable {key}", reason, _PAGE)
    elif space not in spaces:
        near = nearest(space, tuple(spaces))
        reason = f"Did you mean {near}?" if near else f"Namespaces are: {', '.join(spaces) or 'none'}."
        found.error(at, "variable", f"No action has the namespace {space}", reason, _PAGE)
    elif spaces[space].order >= action.order:
        reason = f"{spaces[space].stage}/{spaces[space].name} sets it later or at the same time; look at runOrder."
        found.error(at, "variable", f"#{{{use}}} is not set when {action.name} runs", reason, _PAGE)
    else:
        gives: Sequence[str] = load("providers").get(spaces[space].type, {}).get("gives", ())
        if gives and key not in gives:
            near = nearest(key, gives)
            reason = f"Did you mean {near}?" if near else f"It sets {', '.join(gives)}."
            found.warning(at, "variable", f"{spaces[space].name} sets no variable {key}", reason, _PAGE)
