"""A change on its way through the write path, watched by whichever screen shows it."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING

from core.errors import PipemedicError
from core.plan import ApplyOutcome, ApplyStep, Plan

if TYPE_CHECKING:
    from aws.cloud import Cloud

__all__ = ["Change"]

_numbers = itertools.count(1)


class Change:
    """One plan being applied.

    Attributes:
        id: its number within this run of the program.
        steps: what has happened so far; the last one has an outcome when the change has ended.
        on_step: called with every new step; a screen puts itself here while it is shown.
    """

    def __init__(self, plan: Plan) -> None:
        self.id = str(next(_numbers))
        self.plan = plan
        self.steps: list[ApplyStep] = []
        self.on_step: Callable[[ApplyStep], None] | None = None

    @property
    def outcome(self) -> ApplyOutcome | None:
        """How it ended, or None while it is under way."""
        return self.steps[-1].outcome if self.steps else None

    async def run(self, cloud: Cloud) -> None:
        """Apply the plan to its end; refusals and failures become the last step."""
        try:
            async for step in cloud.apply(self.plan):
                self._take(step)
        except asyncio.CancelledError:
            self._take(ApplyStep("done", "The program was ended while this was under way.", ApplyOutcome.FAILED))
            raise
        except PipemedicError as error:
            self._take(ApplyStep("done", f"{error} {error.next_step}".strip(), ApplyOutcome.FAILED))

    def _take(self, step: ApplyStep) -> None:
        self.steps.append(step)
        if self.on_step:
            self.on_step(step)
