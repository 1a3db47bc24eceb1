"""Linter of CodeDeploy's AppSpec file: EC2 and on-premises, ECS, Lambda.

Facts from https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file.html and its pages.
"""

from __future__ import annotations

import re

from ._document import parse_json, parse_yaml
from ._node import Node
from ._schema import Schema, nearest
from .problem import Problem, Problems

__all__ = ["lint"]

_PAGE = "https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure.html"
_HOOKS = "https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html"
_SERVER = (
    "ApplicationStop",
    "BeforeInstall",
    "AfterInstall",
    "ApplicationStart",
    "ValidateService",
    "BeforeBlockTraffic",
    "AfterBlockTraffic",
    "BeforeAllowTraffic",
    "AfterAllowTraffic",
)
_AGENTS_OWN = ("DownloadBundle", "Install", "BlockTraffic", "AllowTraffic", "Start", "End")
_ECS = ("BeforeInstall", "AfterInstall", "AfterAllowTestTraffic", "BeforeAllowTraffic", "AfterAllowTraffic")
_LAMBDA = ("BeforeAllowTraffic", "AfterAllowTraffic")
_FUNCTION = re.compile(r"[A-Za-z0-9_-]{1,140}|arn:[\w-]+:lambda:.+|<.+>|\$\{?\w+\}?")
_EVENT_LIMIT_S = 3600


def lint(text: str) -> tuple[Problem, ...]:
    """Return every problem of an AppSpec file; which compute platform it is for is told by its keys."""
    found = Problems(_PAGE)
    root = parse_json(text, found) if text.lstrip("\ufeff \t\r\n").startswith("{") else parse_yaml(text, found)
    if root is None:
        return found.all()
    if root.kind != "mapping":
        found.error(root, "type", f"The file must be a mapping, not {root.said}")
        return found.all()
    version = root.get("version")
    if version is not None and version.text not in {"0.0", "0"}:
        found.error(version, "version", f"version is {version.text[:40] or version.said}", "It is 0.0.")
    if any(key.text.lower() == "resources" for key, _ in root.pairs):
        _resources(root, found)
    else:
        _server(root, found)
    return found.all()


def _server(root: Node, found: Problems) -> None:
    schema = Schema("appspec", found)
    schema.table(root, "server")
    permissions = root.key("permissions")
    if permissions is not None and root.string("os") == "windows":
        found.error(permissions, "permissions", "permissions are for Linux only", "Remove the section.")
    if root.get("files") is None and root.get("hooks") is None:
        found.hint(root, "nothing", "The file has neither files nor hooks", "The deployment would do nothing.")
    hooks = root.get("hooks")
    if hooks is None or hooks.is_null:
        return
    if hooks.kind != "mapping":
        found.error(hooks, "type", f"hooks must be a mapping, not {hooks.said}", page=_HOOKS)
        return
    for key, scripts in hooks.pairs:
        _hook_name(key, _SERVER, found)
        if scripts.kind != "sequence":
            found.error(scripts, "type", f"hooks.{key.text} must be a sequence, not {scripts.said}", page=_HOOKS)
            continue
        for number, script in enumerate(scripts.items):
            if schema.table(script, "script", f"hooks.{key.text}[{number}]"):
                _script(script, found)
        times = [script.string("timeout") for script in scripts.items]
        total = sum(int(each) for each in times if re.fullmatch(r"\d{1,6}", each))
        if len(times) > 1 and total > _EVENT_LIMIT_S:
            reason = "All scripts of one event together have at most 3,600 seconds."
            found.error(key, "timeout", f"The scripts of {key.text} may take {total:,} seconds", reason, _HOOKS)


def _hook_name(key: Node, known: tuple[str, ...], found: Problems) -> None:
    if key.text in known:
        return
    near = nearest(key.text, known)
    if key.text in _AGENTS_OWN:
        reason = "CodeDeploy runs this event itself."
        found.error(key, "hook", f"No script can be run in {key.text}", reason, _HOOKS)
    else:
        reason = f"Did you mean {near}?" if near else f"Known: {', '.join(known)}."
        found.error(key, "hook", f"{key.text[:80]} is not a lifecycle event", reason, _HOOKS)


def _script(script: Node, found: Problems) -> None:
    location = script.get("location")
    if location is not None and re.match(r"[/\\]|[A-Za-z]:|\.\.", location.text):
        reason = "It is relative to the root of the revision."
        found.error(location, "location", f"{location.text[:120]} is not inside the revision", reason, _HOOKS)


def _resources(root: Node, found: Problems) -> None:
    kinds: set[str] = set()
    if root.get("version") is None:
        found.error(root, "missing-key", "The file has no version", "It is required.")
    for key, value in root.pairs:
        lowered = key.text.lower()
        if lowered not in {"version", "resources", "hooks"}:
            near = nearest(key.text, ("version", "Resources", "Hooks"))
            reason = f"Did you mean {near}?" if near else "Known here: version, Resources, Hooks."
            found.error(key, "unknown-key", f"{key.text[:80]} is not known at the top level", reason)
        elif lowered == "resources":
            kinds = _targets(value, found)
    hooks = next((value for key, value in root.pairs if key.text.lower() == "hooks"), None)
    if hooks is None or hooks.is_null:
        return
    if hooks.kind != "sequence":
        found.error(
            hooks, "type", f"Hooks must be a sequence, not {hooks.said}", "Write each hook after a dash.", _HOOKS
        )
        return
    known = _LAMBDA if kinds == {"AWS::Lambda::Function"} else _ECS
    for key, function in (pair for each in hooks.items for pair in each.pairs):
        _hook_name(key, known, found)
        if function.kind != "scalar" or not _FUNCTION.fullmatch(function.text):
            reason = "It is the name or ARN of a Lambda function."
            found.error(function, "hook", f"The hook {key.text[:60]} names no function", reason, _HOOKS)


def _targets(resources: Node, found: Problems) -> set[str]:
    """Check the resources, and return their types."""
    schema = Schema("appspec", found)
    kinds: set[str] = set()
    if resources.kind != "sequence" or len(resources.items) != 1:
        said = f"{len(resources.items)} entries" if resources.kind == "sequence" else resources.said
        found.error(resources, "type", f"Resources must be a sequence of one, not {said}")
    for key, target in (pair for each in resources.items for pair in each.pairs):
        properties = target.get("Properties") if schema.table(target, "resource", key.text) else None
        kind = target.string("Type")
        kinds.add(kind)
        if properties is None:
            continue
        if kind == "AWS::ECS::Service":
            schema.table(properties, "ecs", f"{key.text}.Properties")
        elif kind == "AWS::Lambda::Function" and schema.table(properties, "lambda", f"{key.text}.Properties"):
            new = properties.get("TargetVersion")
            if new is not None and new.text and new.text == properties.string("CurrentVersion"):
                found.warning(new, "version", "TargetVersion equals CurrentVersion", "No traffic would shift.")
            if new is not None and new.text == "$LATEST":
                found.error(new, "version", "TargetVersion is $LATEST", "An alias points to a published version.")
    return kinds
