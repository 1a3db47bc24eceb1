"""Linter of CodeBuild's buildspec.

Facts from https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html, batch-build-buildspec.html and
available-runtimes.html.
"""

from __future__ import annotations

import re

from ._buildspec_batch import check_batch, tasks_with_own_buildspec
from ._buildspec_env import check_env
from ._document import parse_yaml
from ._node import Node
from ._runtimes import check_runtimes
from ._schema import Schema
from .problem import Problem, Problems

__all__ = ["lint"]

_PAGE = "https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html"
_ON_FAILURE = re.compile(r"ABORT|CONTINUE|RETRY(?:-(?P<count>\d+))?(?:-.+)?", re.IGNORECASE | re.DOTALL)
_IDENTIFIER = re.compile(r"[A-Za-z0-9_]+")


def lint(text: str, *, image: str = "") -> tuple[Problem, ...]:
    """Return every problem of a buildspec.

    Args:
        text: The file.
        image: The image of the build project (``aws/codebuild/standard:7.0`` or ``standard:7.0``); without it runtime
            versions are compared with all current images.
    """
    found = Problems(_PAGE)
    root = parse_yaml(text, found)
    if root is None or not Schema("buildspec", found).table(root, "top"):
        return found.all()
    _version(root, found)
    phases, batch, env = root.get("phases"), root.get("batch"), root.get("env")
    if phases is not None and phases.kind == "mapping":
        _phases(phases, image, found)
    elif phases is None and not tasks_with_own_buildspec(batch):
        found.error(
            root, "missing-key", "The file has no phases", "Without them no command runs.", f"{_PAGE}#build-spec.phases"
        )
    if env is not None and env.kind == "mapping":
        check_env(env, "\n".join(_commands(phases)), found)
    if batch is not None and batch.kind == "mapping":
        check_batch(batch, found)
    artifacts, cache = root.get("artifacts"), root.get("cache")
    if artifacts is not None and artifacts.kind == "mapping":
        _artifacts(artifacts, found)
    if cache is not None and cache.kind == "mapping":
        _cache(cache, found)
    return found.all()


def _commands(phases: Node | None) -> list[str]:
    if phases is None:
        return []
    blocks = [value.under(key) for _, value in phases.pairs for key in ("commands", "finally")]
    return [each.text for block in blocks for each in block]


def _version(root: Node, found: Problems) -> None:
    version = root.get("version")
    page = f"{_PAGE}#build-spec-ref-versions"
    if version is None:
        return
    if version.kind != "scalar" or version.text not in {"0.1", "0.2"}:
        found.error(
            version, "version", f"version is {version.text[:40] or version.said}", "It is 0.2 (or, of old, 0.1).", page
        )
    elif version.text == "0.1":
        reason = "Each command runs in a shell of its own: cd and export do not last. Use 0.2."
        found.warning(version, "version", "version 0.1 is outdated", reason, page)


def _phases(phases: Node, image: str, found: Problems) -> None:
    mappings = [(key, phase) for key, phase in phases.pairs if phase.kind == "mapping"]
    for key, phase in mappings:
        if key.text in {"install", "pre_build", "build", "post_build"}:
            _phase(key, phase, found)
    install = phases.get("install")
    versions = install.get("runtime-versions") if install is not None else None
    if versions is not None and versions.kind == "mapping":
        check_runtimes(versions, image, found)
    if not phases.pairs:
        found.error(phases, "no-commands", "phases is empty", "At least one phase with commands is needed.")
    elif len(mappings) == len(phases.pairs) and all(phase.get("commands") is None for _, phase in mappings):
        found.warning(phases, "no-commands", "No phase runs a command", "The build would do nothing.")


def _phase(key: Node, phase: Node, found: Problems) -> None:
    commands = phase.get("commands")
    page = f"{_PAGE}#build-spec.phases.{key.text}"
    if commands is None and phase.get("runtime-versions") is None:
        found.error(key, "no-commands", f"The phase {key.text} has no commands", "They are required in a phase.", page)
    elif commands is not None and commands.kind == "sequence" and not commands.items:
        found.error(commands, "no-commands", f"The commands of {key.text} are empty", "", page)
    for block in ("commands", "finally"):
        for command in phase.under(block):
            if command.kind == "scalar" and command.type in {"boolean", "integer", "number"}:
                reason = "Commands are strings: put it in quotes."
                found.warning(command, "type", f"The command {command.text} is read as {command.said}", reason, page)
    _on_failure(phase.get("on-failure"), found)


def _on_failure(value: Node | None, found: Problems) -> None:
    if value is None or value.kind != "scalar" or value.is_null:
        return
    page = f"{_PAGE}#build-spec.phases"
    reason = "It is ABORT, CONTINUE, RETRY, RETRY-COUNT, RETRY-REGEX or RETRY-COUNT-REGEX."
    match = _ON_FAILURE.fullmatch(value.text)
    if match is None:
        found.error(value, "on-failure", f"on-failure cannot be {value.text[:80]}", reason, page)
    elif match["count"] and (len(match["count"]) > 3 or int(match["count"]) > 100):
        found.error(value, "on-failure", f"on-failure retries {match['count'][:20]} times", "At most 100.", page)


def _artifacts(artifacts: Node, found: Problems) -> None:
    secondary = artifacts.get("secondary-artifacts")
    pairs = secondary.pairs if secondary is not None else ()
    for key, value in pairs:
        if not _IDENTIFIER.fullmatch(key.text):
            reason = "An identifier has letters, digits and underscores; a pipeline's output artifact must bear it."
            page = f"{_PAGE}#build-spec.artifacts.secondary-artifacts"
            found.error(key, "artifact-identifier", f"{key.text[:80]} cannot be an artifact identifier", reason, page)
        _paths(value, found)
    _paths(artifacts, found)


def _paths(artifacts: Node, found: Problems) -> None:
    page = f"{_PAGE}#build-spec.artifacts"
    base = artifacts.string("base-directory")
    for file in artifacts.under("files"):
        if file.kind != "scalar" or file.is_null:
            continue
        if file.text.startswith("/") and base:
            reason = "With base-directory the paths are relative to it."
            found.warning(file, "artifact-path", f"{file.text[:120]} is an absolute path", reason, page)
        elif file.text.endswith("/"):
            reason = f"A directory matches no file: write {file.text[:100]}**/*."
            found.warning(file, "artifact-path", f"{file.text[:120]} is a directory", reason, page)
        elif base and not base.startswith("$") and file.text.startswith(f"{base.rstrip('/')}/"):
            reason = "Paths are relative to base-directory; it is in both."
            found.warning(file, "artifact-path", f"{file.text[:120]} repeats base-directory", reason, page)


def _cache(cache: Node, found: Problems) -> None:
    page = f"{_PAGE}#build-spec.cache"
    if cache.get("paths") is None:
        found.warning(cache, "cache", "cache has no paths", "Nothing is cached.", page)
    if cache.get("fallback-keys") is not None and cache.get("key") is None:
        found.warning(
            cache.key("fallback-keys") or cache,
            "cache",
            "fallback-keys stand without a key",
            "They are tried when key is not found.",
            page,
        )
