"""The rules, one a module, found by walking this package; a module with a leading underscore is a helper."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

from core.audit.model import Rule

__all__ = ["discover"]


@cache
def discover() -> tuple[Rule, ...]:
    """Return the ``RULE`` of every module here, by cause and id."""
    names = (info.name for info in pkgutil.iter_modules(__path__) if not info.name.startswith("_"))
    found: list[Rule] = [import_module(f"{__name__}.{name}").RULE for name in names]
    return tuple(sorted(found, key=lambda rule: (rule.cause, rule.id)))
