"""All scenarios, found by walking `tests.playbooks.scenarios`."""

from __future__ import annotations

import pkgutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from core.playbook import Subject
from tests.playbooks import scenarios
from tests.playbooks.recorded import Recorded, Reply
from tests.playbooks.scene import world

__all__ = ["Case", "cases"]


@dataclass(frozen=True)
class Case:
    """One scenario.

    Attributes:
        playbook: the playbook it is about.
        cause: what the diagnosis must name first; empty where no finding may come.
        replies: what differs from an account in which everything is well.
        fix: a part of some fix's id, title or command of the first finding.
        automatic: whether the first finding must have a plan.
    """

    name: str
    playbook: str
    subject: Subject
    replies: Sequence[Reply] = ()
    cause: str = ""
    fix: str = ""
    automatic: bool = False
    proven: bool = True

    def evidence(self) -> Recorded:
        """The recording."""
        return Recorded(*world(*self.replies))


@cache
def cases() -> tuple[Case, ...]:
    """All scenarios."""
    found: list[Case] = []
    for info in pkgutil.iter_modules(scenarios.__path__):
        found += import_module(f"{scenarios.__name__}.{info.name}").CASES
    return tuple(found)
