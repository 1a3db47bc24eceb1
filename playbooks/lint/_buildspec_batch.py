"""The ``batch`` section of a buildspec: identifiers, what depends on what, how many builds a matrix makes."""

from __future__ import annotations

import re

from ._buildspec_env import check_variables
from ._node import Node
from ._schema import nearest
from .problem import Problems

__all__ = ["check_batch", "tasks_with_own_buildspec"]

_PAGE = "https://docs.aws.amazon.com/codebuild/latest/userguide/batch-build-buildspec.html"
_KINDS = ("build-graph", "build-list", "build-matrix", "build-fanout")
_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,127}")
_COMPUTE = re.compile(
    r"BUILD_GENERAL1_(SMALL|MEDIUM|LARGE|XLARGE|2XLARGE)|BUILD_LAMBDA_(1|2|4|8|10)GB|ATTRIBUTE_BASED_COMPUTE|CUSTOM_INSTANCE_TYPE"
)
_MOST_BUILDS = 100


def tasks_with_own_buildspec(batch: Node | None) -> bool:
    """Whether every task of the batch brings its own buildspec, so that this one needs no phases."""
    if batch is None:
        return False
    tasks = (*batch.under("build-graph"), *batch.under("build-list"))
    matrix = batch.get("build-matrix")
    dynamic = matrix.get("dynamic") if matrix is not None else None
    if dynamic is not None:
        return dynamic.get("buildspec") is not None
    return bool(tasks) and all(task.get("buildspec") is not None for task in tasks)


def check_batch(batch: Node, found: Problems) -> None:
    """Check ``batch`` beyond what its keys and types say."""
    kinds = [kind for kind in _KINDS if batch.get(kind) is not None]
    if not kinds:
        found.error(batch, "batch", "batch defines no builds", f"It needs one of {', '.join(_KINDS)}.", _PAGE)
    for extra in kinds[1:]:
        found.error(
            batch.key(extra) or batch, "batch", f"batch has {extra} besides {kinds[0]}", "One kind is allowed.", _PAGE
        )
    for kind in ("build-graph", "build-list"):
        tasks = tuple(task for task in batch.under(kind) if task.kind == "mapping")
        _identifiers(tasks, found)
        for task in tasks:
            _environment(task.get("env"), found)
    _graph(tuple(task for task in batch.under("build-graph") if task.kind == "mapping"), found)
    matrix = batch.get("build-matrix")
    if matrix is not None:
        _matrix(matrix, found)


def _identifiers(tasks: tuple[Node, ...], found: Problems) -> None:
    seen: dict[str, int] = {}
    for task in tasks:
        name = task.get("identifier")
        if name is None or name.kind != "scalar":
            continue
        if name.text in seen:
            reason = f"It is taken on line {seen[name.text]}."
            found.error(name, "batch-identifier", f"The identifier {name.text} is used twice", reason, _PAGE)
        elif not _IDENTIFIER.fullmatch(name.text):
            reason = "Letters, digits and underscores, beginning with a letter; at most 128."
            found.error(name, "batch-identifier", f"{name.text[:80]} cannot be an identifier", reason, _PAGE)
        seen[name.text] = name.line


def _environment(env: Node | None, found: Problems) -> None:
    if env is None:
        return
    compute = env.get("compute-type")
    if compute is not None and compute.kind == "scalar" and not _COMPUTE.fullmatch(compute.text):
        page = "https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-compute-types.html"
        found.warning(compute, "compute-type", f"{compute.text[:80]} is not a compute type of CodeBuild", "", page)
    variables = env.get("variables")
    if variables is not None and variables.kind == "mapping":
        check_variables(variables, found, plain=True)


def _graph(tasks: tuple[Node, ...], found: Problems) -> None:
    waits: dict[str, tuple[Node, ...]] = {task.string("identifier"): task.under("depend-on") for task in tasks}
    for name, others in waits.items():
        for other in others:
            if other.text == name:
                found.error(other, "batch-depends", f"{name} depends on itself", "", _PAGE)
            elif other.kind == "scalar" and other.text not in waits:
                near = nearest(other.text, tuple(waits))
                found.error(
                    other,
                    "batch-depends",
                    f"No task is called {other.text}",
                    f"Did you mean {near}?" if near else "",
                    _PAGE,
                )
    cycle = _cycle({name: tuple(other.text for other in others) for name, others in waits.items()})
    if cycle:
        at = next(task.get("identifier") or task for task in tasks if task.string("identifier") == cycle[0])
        found.error(
            at, "batch-cycle", f"Tasks wait for each other: {' → '.join(cycle)}", "None of them can begin.", _PAGE
        )


def _cycle(waits: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """One circle of at least two tasks, first repeated at its end; empty when there is none."""
    left = {name: {other for other in others if other in waits and other != name} for name, others in waits.items()}
    while free := [name for name, others in left.items() if not others]:
        for name in free:
            del left[name]
        for others in left.values():
            others.difference_update(free)
    if not left:
        return ()
    walk = [next(iter(left))]
    while (following := min(left[walk[-1]])) not in walk:
        walk.append(following)
    return (*walk[walk.index(following) :], following)


def _matrix(matrix: Node, found: Problems) -> None:
    static, dynamic = matrix.get("static"), matrix.get("dynamic")
    if static is not None:
        _environment(static.get("env"), found)
    if dynamic is None or dynamic.kind != "mapping":
        return
    env = dynamic.get("env")
    variables = env.get("variables") if env is not None else None
    if variables is not None and variables.kind == "mapping":
        check_variables(variables, found, plain=False)
    axes = [value for _, value in (env.pairs if env is not None else ()) if value.kind == "sequence"]
    axes += [value for _, value in (variables.pairs if variables is not None else ()) if value.kind == "sequence"]
    own = dynamic.get("buildspec")
    axes += [own] if own is not None and own.kind == "sequence" else []
    builds = 1
    for axis in axes:
        builds *= max(len(axis.items), 1)
        if not axis.items:
            found.error(axis, "batch-matrix", "An axis of the matrix is empty", "", _PAGE)
    if builds > _MOST_BUILDS:
        found.error(
            dynamic,
            "batch-matrix",
            f"The matrix makes {builds:,} builds",
            f"A batch has at most {_MOST_BUILDS}.",
            _PAGE,
        )
