"""The pipelines of the account: one file a story, found by walking this package."""

import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module

__all__ = ["Story", "stories"]


@dataclass(frozen=True, slots=True)
class Story:
    """What a pipeline tells.

    Attributes:
        name: the pipeline.
        region: where it lives.
        cause: a cause id of the project's vocabulary, or empty text where nothing is wrong.
        wrong: what is wrong, in a sentence.
        remedy: what puts it right.
    """

    name: str
    region: str
    cause: str
    wrong: str
    remedy: str


def stories() -> Iterator[object]:
    """Yield the story modules: each has ``STORY`` and ``build(kit)``."""
    for found in sorted(pkgutil.iter_modules(__path__), key=lambda item: item.name):
        module = import_module(f"{__name__}.{found.name}")
        if hasattr(module, "STORY"):
            yield module
