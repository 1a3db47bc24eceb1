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
    name = "".join(letter if letter.isprintable() else "_" for letter in path)
    ends = "\t" if " " in name else ""  # as git marks the end of a name with spaces
    lines = difflib.unified_diff(_lines(before), _lines(after), f"a/{name}{ends}", f"b/{name}{ends}")
    parts = [line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines]
    return f"diff --git a/{name} b/{name}\n{''.join(parts)}"


def _lines(text: str) -> list[str]:
    """Lines as patch counts them: they end at a line feed alone, which stays at their end."""
    lines = text.split("\n")
    return [f"{line}\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
