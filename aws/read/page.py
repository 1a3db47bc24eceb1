"""A page of a longer list, with the token that brings the next one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

__all__ = ["Page"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items; `next_token` is empty on the last page."""

    items: tuple[T, ...]
    next_token: str = ""
