"""Files of a repository put right as far as that can be known: buildspec, AppSpec, image definitions, Dockerfile. Pure.

What cannot be known is said with its line, and left to a person.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Sequence
from difflib import get_close_matches

import yaml

from core.repair import Corrected, Repair

from . import appspec as appspec_lint
from . import buildspec as buildspec_lint
from . import imagedefinitions as images_lint
from ._correct_dockerfile import copy_named_right, official_from_gallery
from ._near import folders_of, near_name
from .limits import MAX_BYTES
from .problem import Problem, Severity

__all__ = [
    "appspec_repair",
    "buildspec_repair",
    "dockerfile_repair",
    "images_repair",
    "meant_container",
    "written_images_repair",
]

_ITEM = re.compile(r"^(?P<lead>\s*-\s+)(?P<text>[^\s'\"|>#\[{].*)$")
_KEY = re.compile(r"^(?P<lead>\s*)(?P<key>[A-Za-z_-]+)(?P<rest>\s*:.*)$", re.DOTALL)
_VERSION = re.compile(r"^(?P<lead>version\s*:\s*)(?P<value>[^#\n]*?)(?P<rest>\s*(?:#.*)?)$")
_LOCATION = re.compile(
    r"^(?P<lead>\s*(?:-\s+)?(?:location|source)\s*:\s*[\"']?)(?P<value>[^\s\"'#]+)(?P<rest>[\"']?\s*(?:#.*)?)$"
)
_PHASES = ("install", "pre_build", "build", "post_build")
_MOST_QUOTED = 200

_Lines = list[str]


def buildspec_repair(path: str = "buildspec.yml", *, image: str = "", text: str = "") -> Repair:
    """Return the correction of a buildspec; `image` as for the linter, `text` the file as it was built."""
    return Repair(
        path, lambda text: _yaml(text, "0.2", lambda each: buildspec_lint.lint(each, image=image), phases=True), text
    )


def appspec_repair(path: str = "appspec.yml", *, text: str = "", names: Collection[str] = ()) -> Repair:
    """Return the correction of an AppSpec file; `names` are the files of the revision, `text` the file in it."""

    def correct(text: str) -> Corrected:
        done = _yaml(text, "0.0", appspec_lint.lint, phases=False)
        return _located(done, names) if names else done

    return Repair(path, correct, text)


def images_repair(path: str = "imagedefinitions.json", *, containers: Sequence[str] = (), text: str = "") -> Repair:
    """Return the correction of image definitions; `containers` are the names in the task definition."""
    return Repair(path, lambda text: _images(text, tuple(containers)), text)


def written_images_repair(path: str, *, wrong: str, right: str, text: str = "") -> Repair:
    """Return the correction of a buildspec or script that writes image definitions with a container's wrong name."""
    return Repair(path, lambda text: _written(text, wrong, right), text)


def dockerfile_repair(
    path: str = "Dockerfile", *, text: str = "", lost: str = "", names: Collection[str] = ()
) -> Repair:
    """Return the correction of a Dockerfile.

    Args:
        path: of the file.
        text: the file as it was built.
        lost: what COPY did not find in the context, whose files are `names`; empty: its official images come from
            Docker Hub without an account, and are taken from ECR's public gallery instead.
        names: files of the context, relative to its root.
    """
    if lost:
        return Repair(path, lambda text: copy_named_right(text, lost, names), text)
    return Repair(path, official_from_gallery, text)


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
        near = meant_container(name, free, alone=len(entries) == 1)
        if near:
            each["name"] = near
            free.remove(near)
            done.append(f"The container {name or '(no name)'} is {near}, as in the task definition.")
        else:
            left.append(f"The task definition has no container {name}; it has {', '.join(containers)}.")
    after = json.dumps(entries, indent=2, ensure_ascii=False) + "\n" if done else text
    return Corrected(after, tuple(done), (*left, *_left(images_lint.lint(after))))


def meant_container(name: str, free: Sequence[str], *, alone: bool) -> str:
    """Return the container that a name stands for: one much like it, or the only one; empty where it is not known."""
    near = get_close_matches(name, free, 1, 0.6)
    return near[0] if near else free[0] if alone and len(free) == 1 else ""


def _written(text: str, wrong: str, right: str) -> Corrected:
    """Rename a container in the commands that write image definitions, however their quotes are escaped."""
    named = re.compile(rf"(?P<lead>(?P<one>\\*[\"'])name(?P=one)\s*:\s*(?P<two>\\*[\"'])){re.escape(wrong)}(?P=two)")
    lines, done = text.splitlines(keepends=True), list[str]()
    for at, line in enumerate(lines):
        after = named.sub(lambda found: f"{found['lead']}{right}{found['two']}", line)
        if after != line:
            lines[at] = after
            done.append(f"Line {at + 1}: the container {wrong} is {right}, as in the task definition.")
    left = () if done else (f"Where the name {wrong} comes from was not found in it.",)
    return Corrected("".join(lines), tuple(done), left)


def _located(corrected: Corrected, names: Collection[str]) -> Corrected:
    """Correct the names of scripts and files that an AppSpec file asks for and the revision has not."""
    lines, done, left = corrected.text.splitlines(keepends=True), list(corrected.done), list(corrected.left)
    there = {*names, *folders_of(names)}
    for at, line in enumerate(lines):
        found = _LOCATION.match(line.rstrip("\r\n"))
        wanted = found["value"].strip("/").removeprefix("./") if found else ""
        if found is None or not wanted or wanted in there:
            continue
        if meant := near_name(wanted, there):
            end = line[len(line.rstrip("\r\n")) :]
            lines[at] = f"{found['lead']}{found['value'].replace(wanted, meant)}{found['rest']}{end}"
            done.append(f"Line {at + 1}: {wanted} is {meant} in the revision.")
        else:
            left.append(f"Line {at + 1}: the revision has no {wanted}: add it to the build's artifacts.files.")
    return Corrected("".join(lines), tuple(done), tuple(left))
