"""Pipelines that are in the account only where they are asked for by name: one module each, as in `demo.stories`."""

from collections.abc import Iterable
from importlib import import_module

__all__ = ["extras"]


def extras(names: Iterable[str]) -> list[object]:
    """Return the modules of these names. Raises ImportError for a name there is none of."""
    return [import_module(f"{__name__}.{name.replace('-', '_')}") for name in names]
