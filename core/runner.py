"""Runs a playbook on a subject: step by step as the user asks, or all of it, side by side where steps allow it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from core.fact import Evidence
from core.finding import Answer, Finding, Verdict
from core.playbook import Playbook, Step, Subject

__all__ = ["Run"]


class Run:
    """One run of one playbook; answers stay, a step asked again is asked anew.

    Attributes:
        answers: by step id, in the order in which they came.
        current: ids of the steps that are being asked now.
    """

    def __init__(self, playbook: Playbook, subject: Subject, evidence: Evidence) -> None:
        self.playbook = playbook
        self.subject = subject
        self.evidence = evidence
        self.answers: dict[str, Answer] = {}
        self.current: set[str] = set()
        self._steps = {step.id: step for step in playbook.steps}

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings so far, in the order of the playbook's steps."""
        answered = (self.answers[step.id] for step in self.playbook.steps if step.id in self.answers)
        return tuple(finding for answer in answered for finding in answer.findings)

    @property
    def complete(self) -> bool:
        """Whether every step has been answered."""
        return len(self.answers) == len(self._steps)

    async def ask(self, step_id: str) -> Answer:
        """Ask one step, its prerequisites first where they have no answer yet.

        Raises:
            KeyError: the playbook has no such step.
        """
        step = self._steps[step_id]
        for earlier in step.after:
            if earlier not in self.answers:
                await self.ask(earlier)
        self.current.add(step_id)
        try:
            answer = await self._answer(step)
        finally:
            self.current.discard(step_id)
        self.answers[step_id] = answer
        return answer

    async def tell(self, step_id: str, *, holds: bool) -> Answer:
        """Take a person's answer to a step that only they can look at; it stands until the step is asked anew.

        Raises:
            KeyError: the playbook has no such step.
            ValueError: the step is none that a person answers.
        """
        step = self._steps[step_id]
        if step.told is None:
            raise ValueError(f"{step_id} is not answered by a person")
        answer = step.told(self.subject, await step.gather(self.subject, self.evidence), holds)
        self.answers[step_id] = answer
        return answer

    async def _answer(self, step: Step) -> Answer:
        if not step.when(self.subject, self.answers):
            return Answer(Verdict.NOT_APPLICABLE, "Does not apply here.")
        try:
            facts = await step.gather(self.subject, self.evidence)
            return step.judge(self.subject, facts)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 (the playbook runner's boundary: one step's fault is that step's answer)
            return Answer(Verdict.UNKNOWN, f"This check itself failed: {type(error).__name__}: {error}")

    async def all(self) -> AsyncIterator[tuple[Step, Answer]]:
        """Ask every step that has no answer yet; yield each as it comes. Steps wait only for those they come after."""
        pending: dict[asyncio.Task[Answer], Step] = {}
        try:
            while True:
                for step in self._ready({each.id for each in pending.values()}):
                    pending[asyncio.create_task(self.ask(step.id), name=f"step {step.id}")] = step
                if not pending:
                    return
                done, _ = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    step = pending.pop(task)
                    yield step, task.result()
        finally:
            for task in pending:
                task.cancel()
            await asyncio.gather(*pending, return_exceptions=True)

    def _ready(self, under_way: set[str]) -> list[Step]:
        return [
            step
            for step in self.playbook.steps
            if step.id not in self.answers
            and step.id not in under_way
            and step.id not in self.current
            and all(earlier in self.answers for earlier in step.after)
        ]
