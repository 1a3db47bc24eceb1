"""Reading a buildspec as CodeBuild does, with CodeBuild's complaints.

https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import yaml

from demo.engine.model import Commit

__all__ = ["BuildSpec", "BuildSpecError", "locate", "parse"]

_PHASES = ("install", "pre_build", "build", "post_build")


class BuildSpecError(Exception):
    """CodeBuild cannot use the buildspec; the text is the phase context's message."""


@dataclass(frozen=True, slots=True)
class BuildSpec:
    """What the account needs of a buildspec."""

    phases: Mapping[str, tuple[str, ...]]
    on_failure: Mapping[str, str] = field(default_factory=dict)
    runtimes: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    exported: tuple[str, ...] = ()
    reports: Mapping[str, Any] = field(default_factory=dict)
    artifacts: Mapping[str, Any] = field(default_factory=dict)


def locate(settings: Mapping[str, Any], commit: Commit | None, root: str) -> tuple[str | None, str]:
    """Find the buildspec's text and where it lies: inline in the project, or a file of the revision."""
    named = settings["source"].get("buildspec") or "buildspec.yml"
    if "\n" in named:
        return named, ""
    files = commit.files if commit is not None else {}
    return files.get(named), f"{root}/{named}"


def parse(text: str | None, location: str) -> BuildSpec:
    """Parse a buildspec.

    Raises:
        BuildSpecError: it is absent, is no YAML, or is built wrongly.
    """
    if text is None:
        raise BuildSpecError(f"stat {location}: no such file or directory")
    return _parse(text)


@lru_cache(maxsize=512)
def _parse(text: str) -> BuildSpec:
    try:
        loaded = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe loaders
    except yaml.YAMLError as error:
        raise BuildSpecError(_complaint(error)) from None
    if not isinstance(loaded, dict):
        raise BuildSpecError("wrong number of container tags, expected 1")
    version = str(loaded.get("version", ""))
    if version not in {"0.1", "0.2"}:
        raise BuildSpecError(f"unknown buildspec version {version or 'number'}; supported versions are 0.1 and 0.2")
    phases = loaded.get("phases") or {}
    commands: dict[str, tuple[str, ...]] = {}
    for name, body in phases.items():
        if name not in _PHASES:
            listed = ",".join(sorted(_PHASES))
            raise BuildSpecError(f"Invalid buildspec phase name: {name}. Expecting: {listed}")
        found = (body or {}).get("commands", [])
        for number, command in enumerate(found):
            if not isinstance(command, str):
                at = f"Expected Commands[{number}] to be of string type: found subkeys instead at line 1, "
                raise BuildSpecError(at + "value of the key tag on line 1 might be empty")
        commands[name] = tuple(found)
    environment = loaded.get("env") or {}
    return BuildSpec(
        phases=commands,
        on_failure={name: str((body or {}).get("on-failure", "")) for name, body in phases.items()},
        runtimes={
            name: str(value) for name, value in ((phases.get("install") or {}).get("runtime-versions") or {}).items()
        },
        parameters=environment.get("parameter-store") or {},
        secrets=environment.get("secrets-manager") or {},
        exported=tuple(environment.get("exported-variables") or ()),
        reports=loaded.get("reports") or {},
        artifacts=loaded.get("artifacts") or {},
    )


def _complaint(error: yaml.YAMLError) -> str:
    problem = str(getattr(error, "problem", "") or error)
    mark = getattr(error, "problem_mark", None)
    problem = problem.replace("mapping values are not allowed here", "mapping values are not allowed in this context")
    return f"{problem} at line {mark.line + 1}" if mark is not None else problem
