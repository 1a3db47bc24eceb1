"""What an expert would check: one module a playbook, found by walking this package."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

from core.playbook import Playbook

__all__ = ["discover"]


@cache
def discover() -> tuple[Playbook, ...]:
    """Return the `PLAYBOOK` of every module here but helpers (a leading underscore) and the linters, by id."""
    names = (
        info.name for info in pkgutil.iter_modules(__path__) if not info.name.startswith("_") and info.name != "lint"
    )
    books: list[Playbook] = [import_module(f"{__name__}.{name}").PLAYBOOK for name in names]
    return tuple(sorted(books, key=lambda book: book.id))
