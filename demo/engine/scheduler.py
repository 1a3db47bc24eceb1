"""A discrete-event scheduler: processes are generators that yield what they wait for, in the account's time."""

import heapq
import itertools
from collections.abc import Generator
from typing import Any, TypeAlias

__all__ = ["Process", "Scheduler", "Signal", "Task"]


class Signal:
    """Something processes wait for, fired from outside (an approval, a freed stage)."""

    __slots__ = ("waiting",)

    def __init__(self) -> None:
        self.waiting: list[Task] = []


class Task:
    """A running process and, when it has ended, its result."""

    __slots__ = ("awaiting", "done", "error", "generator", "result", "ticket")

    def __init__(self, generator: "Process") -> None:
        self.generator = generator
        self.done = False
        self.result: Any = None
        self.error: Exception | None = None
        self.awaiting: list[Task] = []
        self.ticket = 0


Wait: TypeAlias = float | int | Signal | Task
Process: TypeAlias = Generator[Wait, Any, Any]


class Scheduler:
    """Runs processes up to a given moment, always in the order of their times."""

    def __init__(self, now: float) -> None:
        self.now = now
        self._heap: list[tuple[float, int, Task, int, Any]] = []
        self._order = itertools.count()

    def spawn(self, process: Process, at: float | None = None) -> Task:
        """Start a process now, or at a later (or earlier) moment."""
        task = Task(process)
        self._push(self.now if at is None else at, task)
        return task

    def fire(self, signal: Signal, value: Any = None) -> None:
        """Wake all who wait for a signal, at the present moment."""
        waiting, signal.waiting = signal.waiting, []
        for task in waiting:
            if not task.done:
                self._push(self.now, task, value)

    def cancel(self, task: Task) -> None:
        """End a process where it stands. Who waits for it goes on, with ``None`` as the result."""
        if task.done:
            return
        task.ticket += 1
        task.generator.close()
        self._finish(task, None)

    def advance(self, until: float) -> None:
        """Run everything that is due up to and including a moment, which becomes the present."""
        while self._heap and self._heap[0][0] <= until:
            at, _, task, ticket, value = heapq.heappop(self._heap)
            if task.done or task.ticket != ticket:
                continue
            self.now = max(self.now, at)
            self._step(task, value)
        self.now = max(self.now, until)

    def _push(self, at: float, task: Task, value: Any = None) -> None:
        task.ticket += 1
        heapq.heappush(self._heap, (at, next(self._order), task, task.ticket, value))

    def _step(self, task: Task, value: Any) -> None:
        try:
            wanted = task.generator.send(value)
        except StopIteration as stop:
            self._finish(task, stop.value)
            return
        if isinstance(wanted, Signal):
            wanted.waiting.append(task)
        elif isinstance(wanted, Task):
            if wanted.done:
                self._push(self.now, task, wanted.result)
            else:
                wanted.awaiting.append(task)
        else:
            self._push(self.now + wanted, task)

    def _finish(self, task: Task, result: Any) -> None:
        task.done = True
        task.result = result
        for waiter in task.awaiting:
            if not waiter.done:
                self._push(self.now, waiter, result)
        task.awaiting = []
