"""A correction of a file that lies in a repository: what it becomes, and the patch that says so. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Corrected", "Repair", "unified"]


@dataclass(frozen=True, slots=True)
class Corrected:
    """A file put right as far as that can be known.

    Attributes:
        text: the whole file.
        done: what was changed, a sentence each.
        left: what is still wrong and must be decided by a person, with the line it stands on.
    """

    text: str
    done: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Repair:
    """How a file of a repository is put right.

    Attributes:
        path: of the file, from the root of the repository.
        correct: the whole text → what it becomes.
        text: the file as it was when it failed, where that was read; empty where it was not.
    """

    path: str
    correct: Callable[[str], Corrected]
    text: str = ""


def unified(path: str, before: str, after: str) -> str:
    """Return the patch from one text to another as git writes it; empty where they are the same.

    ``git apply`` and ``patch -p1`` take it, at the root of the repository.
    """
    if before == after:
        return ""
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), f"a/{path}", f"b/{path}"
    )
    parts = [line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines]
    return f"diff --git a/{path} b/{path}\n{''.join(parts)}"
