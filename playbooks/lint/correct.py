"""Files of a repository put right as far as that can be known: buildspec, AppSpec, image definitions, Dockerfile. Pure.

What cannot be known is said with its line, and left to a person.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from difflib import get_close_matches

import yaml

from core.repair import Corrected, Repair

from . import appspec as appspec_lint
from . import buildspec as buildspec_lint
from . import imagedefinitions as images_lint
from .limits import MAX_BYTES
from .problem import Problem, Severity

__all__ = ["appspec_repair", "buildspec_repair", "dockerfile_repair", "images_repair"]

_ITEM = re.compile(r"^(?P<lead>\s*-\s+)(?P<text>[^\s'\"|>#\[{].*)$")
_KEY = re.compile(r"^(?P<lead>\s*)(?P<key>[A-Za-z_-]+)(?P<rest>\s*:.*)$", re.DOTALL)
_VERSION = re.compile(r"^(?P<lead>version\s*:\s*)(?P<value>[^#\n]*?)(?P<rest>\s*(?:#.*)?)$")
_FROM = re.compile(
    r"^(?P<lead>\s*FROM\s+(?:--platform=\S+\s+)?)(?P<image>[a-z0-9_.-]+(?::[\w.-]+)?(?:@sha256:[0-9a-f]{64})?)(?P<rest>\s.*|)$",
    re.IGNORECASE,
)
_PHASES = ("install", "pre_build", "build", "post_build")
_MOST_QUOTED = 200
_PUBLIC = "public.ecr.aws/docker/library/"

_Lines = list[str]


def buildspec_repair(path: str = "buildspec.yml", *, image: str = "", text: str = "") -> Repair:
    """Return the correction of a buildspec; `image` as for the linter, `text` the file as it was built."""
    return Repair(
        path, lambda text: _yaml(text, "0.2", lambda each: buildspec_lint.lint(each, image=image), phases=True), text
    )


def appspec_repair(path: str = "appspec.yml") -> Repair:
    """Return the correction of an AppSpec file."""
    return Repair(path, lambda text: _yaml(text, "0.0", appspec_lint.lint, phases=False))


def images_repair(path: str = "imagedefinitions.json", *, containers: Sequence[str] = ()) -> Repair:
    """Return the correction of image definitions; `containers` are the names in the task definition."""
    return Repair(path, lambda text: _images(text, tuple(containers)))


def dockerfile_repair(path: str = "Dockerfile") -> Repair:
    """Return the correction of a Dockerfile whose images come from Docker Hub without an account: the same from ECR."""
    return Repair(path, _dockerfile)


def _left(problems: Sequence[Problem]) -> tuple[str, ...]:
    bad = (each for each in problems if each.severity is not Severity.HINT)
    return tuple(f"Line {each.line}: {each.message}. {each.reason}".strip() for each in bad)


def _yaml(text: str, version: str, lint: Callable[[str], Sequence[Problem]], *, phases: bool) -> Corrected:
    if len(text) > MAX_BYTES:
        return Corrected(text, left=_left(lint(text)))
    lines, done = text.splitlines(keepends=True), list[str]()
    _untab(lines, done)
    _quote(lines, done)
    _version(lines, version, done)
    if phases:
        _phase_names(lines, done)
    after = "".join(lines)
    return Corrected(after, tuple(done), _left(lint(after)))


def _untab(lines: _Lines, done: list[str]) -> None:
    for at, line in enumerate(lines):
        indent = line[: len(line) - len(line.lstrip(" \t"))]
        if "\t" in indent:
            lines[at] = indent.replace("\t", "  ") + line[len(indent) :]
            done.append(f"Line {at + 1}: indented with spaces, YAML takes no tabs.")


def _load(lines: _Lines) -> tuple[object, int]:
    """What the file holds, or the line (from 0) at which it cannot be read; -1 where it can."""
    try:
        return yaml.load("".join(lines), getattr(yaml, "CSafeLoader", yaml.SafeLoader)), -1  # noqa: S506 (both are safe)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        return None, mark.line if mark else 0
    except (ValueError, RecursionError):
        return None, 0


def _quote(lines: _Lines, done: list[str]) -> None:
    """Quote list items that hold a colon: they are commands, and YAML takes them for mappings."""
    for _ in range(_MOST_QUOTED):
        held, bad = _load(lines)
        at = bad if bad >= 0 else _mapping_command(held, lines)
        # A parser notices at the offending line, or at the first that no longer fits.
        near = [each for each in (at, at - 1) if 0 <= each < len(lines) and _quotable(lines[each])] if at >= 0 else []
        if not near:
            return
        found = _ITEM.match(lines[near[0]].rstrip("\r\n"))
        if found is None:
            return
        end = lines[near[0]][len(lines[near[0]].rstrip("\r\n")) :]
        command = found["text"].rstrip()
        lines[near[0]] = f"{found['lead']}'{command.replace(chr(39), chr(39) * 2)}'{end}"
        done.append(f"Line {near[0] + 1}: the command is quoted, because it holds a colon.")


def _quotable(line: str) -> bool:
    found = _ITEM.match(line.rstrip("\r\n"))
    return found is not None and (": " in found["text"] or found["text"].rstrip().endswith(":"))


def _mapping_command(held: object, lines: _Lines) -> int:
    """The line of a command that was read as a mapping; -1 where all are texts."""
    phases = held.get("phases") if isinstance(held, dict) else None
    for phase in phases.values() if isinstance(phases, dict) else ():
        for block in ("commands", "finally"):
            items = phase.get(block) if isinstance(phase, dict) else None
            for item in items if isinstance(items, list) else ():
                if isinstance(item, dict) and len(item) == 1:
                    key = str(next(iter(item)))
                    for at, line in enumerate(lines):
                        if _quotable(line) and line.lstrip(" -").startswith(f"{key}:"):
                            return at
    return -1


def _version(lines: _Lines, version: str, done: list[str]) -> None:
    if not "".join(lines).strip() or "".join(lines).lstrip().startswith("{"):
        return
    for at, line in enumerate(lines):
        if found := _VERSION.match(line.rstrip("\r\n")):
            end = line[len(line.rstrip("\r\n")) :]
            value = found["value"].strip("'\" ")
            if value not in (version, "0.1" if version == "0.2" else "0"):
                lines[at] = f"{found['lead']}{version}{found['rest']}{end}"
                done.append(f"Line {at + 1}: version {value or '(none)'} is {version}.")
            return
    at = next((at for at, line in enumerate(lines) if line.strip() and not line.lstrip().startswith(("#", "---"))), 0)
    lines.insert(at, f"version: {version}\n")
    done.append(f"Line {at + 1}: the file begins with version: {version}.")


def _phase_names(lines: _Lines, done: list[str]) -> None:
    held, _ = _load(lines)
    phases = held.get("phases") if isinstance(held, dict) else None
    if not isinstance(phases, dict):
        return
    for name in phases:
        near = get_close_matches(str(name).replace("-", "_").lower(), _PHASES, 1, 0.75)
        if name in _PHASES or not near or near[0] in phases:
            continue
        for at, line in enumerate(lines):
            found = _KEY.match(line)
            if found and found["key"] == name and found["lead"]:
                lines[at] = f"{found['lead']}{near[0]}{found['rest']}"
                done.append(f"Line {at + 1}: the phase {name} is {near[0]}.")
                break


def _images(text: str, containers: tuple[str, ...]) -> Corrected:
    try:
        held = json.loads(text)
    except ValueError:
        return Corrected(text, left=_left(images_lint.lint(text)))
    entries = [held] if isinstance(held, dict) and {"name", "imageUri"} <= set(held) else held
    done = ["The file is an array of images."] if entries is not held else []
    left: list[str] = []
    if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
        return Corrected(text, left=_left(images_lint.lint(text)))
    free = [name for name in containers if name not in {each.get("name") for each in entries}]
    for each in entries:
        name = str(each.get("name", ""))
        if not containers or name in containers:
            continue
        near = get_close_matches(name, free, 1, 0.6) or (free[:] if len(free) == 1 and len(entries) == 1 else [])
        if near:
            each["name"] = near[0]
            free.remove(near[0])
            done.append(f"The container {name or '(no name)'} is {near[0]}, as in the task definition.")
        else:
            left.append(f"The task definition has no container {name}; it has {', '.join(containers)}.")
    after = json.dumps(entries, indent=2, ensure_ascii=False) + "\n" if done else text
    return Corrected(after, tuple(done), (*left, *_left(images_lint.lint(after))))


def _dockerfile(text: str) -> Corrected:
    lines, done, stages = text.splitlines(keepends=True), list[str](), set[str]()
    for at, line in enumerate(lines):
        found = _FROM.match(line.rstrip("\r\n"))
        if found is None:
            continue
        image, end = found["image"], line[len(line.rstrip("\r\n")) :]
        # An earlier stage's name, and scratch, are no images of a registry.
        if image.lower() not in stages and image.lower() != "scratch":
            lines[at] = f"{found['lead']}{_PUBLIC}{image}{found['rest']}{end}"
            done.append(
                f"Line {at + 1}: {image} comes from ECR's public gallery, which holds Docker's official images."
            )
        words = found["rest"].split()
        if len(words) == 2 and words[0].lower() == "as":
            stages.add(words[1].lower())
    other = tuple(
        f"Line {at + 1}: {line.strip()} comes from an account at Docker Hub: log in, or mirror it in ECR."
        for at, line in enumerate(lines)
        if re.match(r"\s*FROM\s+[a-z0-9_-]+/[\w.-]+(?::|@|\s|$)", line, re.IGNORECASE)
    )
    return Corrected("".join(lines), tuple(done), other)
