"""Linter of a pipeline's structure, as ``aws codepipeline get-pipeline`` prints it (JSON, or the same as YAML).

Facts from https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-pipeline-structure.html, the API's shapes
and the action reference.
"""

from __future__ import annotations

from collections.abc import Sequence

from ._document import parse_json, parse_yaml
from ._node import Node
from ._pipeline_actions import check_action
from ._pipeline_artifacts import check_artifacts, check_stores
from ._pipeline_model import GUIDE, Action, actions_of
from ._pipeline_variables import check_variables
from ._schema import Schema
from .problem import Problem, Problems

__all__ = ["lint"]

_PAGE = f"{GUIDE}reference-pipeline-structure.html"
_LIMITS = f"{GUIDE}limits.html"
_TYPES = f"{GUIDE}pipeline-types.html"
_MOST = 50


def lint(text: str) -> tuple[Problem, ...]:
    """Return every problem of a pipeline structure, with or without the ``pipeline`` key around it."""
    found = Problems(_PAGE)
    root = parse_json(text, found) if text.lstrip("\ufeff \t\r\n").startswith(("{", "[")) else parse_yaml(text, found)
    if root is None:
        return found.all()
    bare = root.kind == "mapping" and root.get("pipeline") is None and root.get("stages") is not None
    pipeline = root if bare else root.get("pipeline")
    if not Schema("pipeline", found).table(root, "PipelineDeclaration" if bare else "Root"):
        return found.all()
    if pipeline is None or pipeline.kind != "mapping":
        return found.all()
    metadata = None if bare else root.get("metadata")
    arn = metadata.string("pipelineArn").split(":") if metadata is not None else []
    actions = tuple(actions_of(pipeline))
    version_2 = pipeline.string("pipelineType") == "V2"
    _stages(pipeline, found)
    _sources(actions, found)
    for action in actions:
        check_action(action, found, version_2=version_2)
    check_artifacts(actions, found)
    check_stores(pipeline, arn[3] if len(arn) > 3 else "", actions, found)
    check_variables(pipeline, actions, found)
    _triggers(pipeline, actions, found)
    _type(pipeline, found, version_2=version_2)
    return found.all()


def _stages(pipeline: Node, found: Problems) -> None:
    at = pipeline.key("stages") or pipeline
    stages = pipeline.under("stages")
    if not 2 <= len(stages) <= _MOST:
        found.error(at, "stage-count", f"The pipeline has {len(stages)} stages", f"It has 2 to {_MOST}.", _LIMITS)
    _unique(stages, "stage", found)
    for stage in stages:
        actions = stage.under("actions")
        if not 1 <= len(actions) <= _MOST:
            where = stage.key("actions") or stage
            message = f"Stage {stage.string('name')} has {len(actions)} actions"
            found.error(where, "action-count", message, f"A stage has 1 to {_MOST}.", _LIMITS)
        _unique(actions, "action", found)


def _unique(nodes: Sequence[Node], kind: str, found: Problems) -> None:
    seen: dict[str, int] = {}
    for node in nodes:
        name = node.get("name")
        if name is None or name.kind != "scalar":
            continue
        if name.text in seen:
            reason = f"It is taken on line {seen[name.text]}."
            found.error(name, f"{kind}-twice", f"Two {kind}s are called {name.text}", reason, _PAGE)
        seen.setdefault(name.text, name.line)


def _sources(actions: Sequence[Action], found: Problems) -> None:
    for action in actions:
        kind = action.node.get("actionTypeId")
        if kind is None or not action.category:
            continue
        if action.order[0] == 0 and action.category != "Source":
            found.error(
                kind, "source-stage", f"{action.name} is no source", "The first stage holds sources only.", _PAGE
            )
        elif action.order[0] > 0 and action.category == "Source":
            found.error(
                kind, "source-stage", f"The source {action.name} is not in the first stage", "It must be.", _PAGE
            )


def _triggers(pipeline: Node, actions: Sequence[Action], found: Problems) -> None:
    page = f"{GUIDE}pipelines-filter.html"
    sources = {each.name: each for each in actions if each.category == "Source"}
    seen: set[str] = set()
    for trigger in pipeline.under("triggers"):
        git = trigger.get("gitConfiguration")
        name = git.get("sourceActionName") if git is not None else None
        if git is None or name is None:
            continue
        if name.text not in sources:
            reason = f"Sources are: {', '.join(sources) or 'none'}."
            found.error(name, "trigger", f"A trigger names {name.text}, which is no source", reason, page)
        elif not sources[name.text].type.endswith("/CodeStarSourceConnection"):
            reason = "Triggers belong to sources over a connection (CodeStarSourceConnection)."
            found.error(name, "trigger", f"A trigger names {name.text}, which has no connection", reason, page)
        if name.text in seen:
            found.error(name, "trigger", f"{name.text} has two triggers", "A source action has one.", page)
        seen.add(name.text)
        for push in git.under("push"):
            tags = push.key("tags")
            if tags is not None and (push.get("branches") or push.get("filePaths")):
                reason = "A push filter is for tags, or for branches and file paths."
                found.error(tags, "trigger", "A push filter has tags besides branches or file paths", reason, page)


def _type(pipeline: Node, found: Problems, *, version_2: bool) -> None:
    mode = pipeline.get("executionMode")
    for stage in pipeline.under("stages"):
        failure = stage.get("onFailure")
        result = failure.get("result") if failure is not None else None
        if mode is not None and mode.text == "PARALLEL" and result is not None and result.text == "ROLLBACK":
            reason = "Stages of a pipeline in PARALLEL mode cannot be rolled back."
            found.error(
                result,
                "rollback",
                f"{stage.string('name')} rolls back in PARALLEL mode",
                reason,
                f"{GUIDE}stage-rollback.html",
            )
    if version_2:
        return
    users = [key for name in ("variables", "triggers") if (key := pipeline.key(name)) and pipeline.under(name)]
    if mode is not None and mode.text in {"QUEUED", "PARALLEL"}:
        users.append(pipeline.key("executionMode") or mode)
    for stage in pipeline.under("stages"):
        users += [key for name in ("onFailure", "onSuccess", "beforeEntry") if (key := stage.key(name))]
    for key in users:
        found.error(key, "v2-only", f"{key.text} needs a pipeline of type V2", "Set pipelineType to V2.", _TYPES)
