"""The name that was meant: the one file that differs from what was written by case, folder or a letter or two. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["folders_of", "near_name"]

_ALIKE = 0.85


def folders_of(names: Iterable[str]) -> frozenset[str]:
    """Return all folders that files lie in, without a slash at their end."""
    return frozenset(name[:at] for name in names for at, letter in enumerate(name) if letter == "/")


def near_name(lost: str, names: Iterable[str]) -> str:
    """Return the one name that must have been meant; empty where there is none, or more than one could be.

    Args:
        lost: what was written, relative to the root of the names, without a slash before it.
        names: files and folders that are there.
    """
    there = set(names)
    if not lost or lost in there:
        return ""
    same = [name for name in there if name.lower() == lost.lower()]
    if not same:
        same = [name for name in there if name.rpartition("/")[2] == lost.rpartition("/")[2] and "/" in name + lost]
    if not same:
        same = get_close_matches(lost, sorted(there), 2, _ALIKE)
    return same[0] if len(same) == 1 else ""
