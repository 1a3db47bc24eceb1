"""Hours of watching in seconds: the real watch on a loop whose time jumps to whatever is due next.

A thousand pipelines of which about ten run; AWS is a function in this process. Counted are calls a second, with and
without events, and what memory and tasks do over eight hours.
"""

from __future__ import annotations

import asyncio
import gc
import json
import random
import selectors
import tracemalloc
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aws.watch import Fleet, PollPolicy
from core.place import PipelineRef, Place

__all__ = ["Day", "live"]

HERE = Place("", "eu-west-1")
_EPOCH = 1_768_446_720.0
_MANY, _RUNNING, _RUN_S = 1000, 10, 600.0
_STAGES = ("Source", "Build", "Deploy", "Smoke")
_ON_SCREEN = 40


class _Jump(selectors.DefaultSelector):
    """Waits for nothing: the time that a loop would wait is added to its clock."""

    offset = 0.0

    def select(self, timeout: float | None = None) -> Any:
        """Give what is ready now, and let the time pass."""
        if timeout is not None and timeout > 0:
            self.offset += timeout
        return super().select(0)


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jump = _Jump()
        super().__init__(self._jump)

    def time(self) -> float:
        """Simulated seconds."""
        return self._jump.offset


class _Clock:
    def now(self) -> float:
        return _EPOCH + asyncio.get_running_loop().time()

    def elapsed(self) -> float:
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@dataclass
class Day:
    """What was counted, after the first half hour: calls by operation, seconds, memory at both ends (bytes), tasks."""

    calls: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    memory: tuple[int, int] = (0, 0)
    tasks: tuple[int, int] = (0, 0)
    delays: list[float] = field(default_factory=list)

    def per_second(self, service: str) -> float:
        """Calls a second of a service."""
        return sum(count for name, count in self.calls.items() if name.startswith(service)) / self.seconds


class _Account:
    """Pipelines that run now and then; answers reads, and gives messages where there is a queue."""

    def __init__(self, clock: _Clock, *, events: bool) -> None:
        self.calls: Counter[str] = Counter()
        self.changed: dict[str, float] = {}  # pipeline → when its last run ended
        self._clock, self._events = clock, events
        self._rng = random.Random(7)  # noqa: S311 (the same day each time)
        self._states = {f"pipe-{number:04d}": self._state(f"x-{number}") for number in range(_MANY)}
        self._messages: list[str] = []
        self._came = asyncio.Event()
        self._number = 0

    def _state(self, execution: str) -> dict[str, Any]:
        stages = [_stage(execution, f"a-{execution}-{at}", _EPOCH - 600) for at in range(len(_STAGES))]
        return {"execution": execution, "began": _EPOCH - 900, "ended": _EPOCH - 300, "stages": stages}

    async def run(self, name: str) -> None:
        """One execution."""
        self._number += 1
        state = self._states[name]
        state |= {"execution": f"run-{self._number}", "began": self._clock.now(), "ended": 0.0}
        run = str(state["execution"])
        self._tell(name, "Pipeline", "STARTED")
        for at, stage in enumerate(_STAGES):
            identity = f"a-{run}-{at}"
            state["stages"][at] = _stage(run, identity, self._clock.now(), "InProgress")
            self._tell(name, "Stage", "STARTED", stage=stage)
            self._tell(name, "Action", "STARTED", stage=stage, action=stage, identity=identity)
            await self._clock.sleep(_RUN_S / len(_STAGES) * self._rng.uniform(0.7, 1.3))
            state["stages"][at] = _stage(run, identity, self._clock.now())
            self._tell(name, "Action", "SUCCEEDED", stage=stage, action=stage, identity=identity)
            self._tell(name, "Stage", "SUCCEEDED", stage=stage)
        state |= {"ended": self._clock.now()}
        self.changed[name] = self._clock.now()
        self._tell(name, "Pipeline", "SUCCEEDED")

    async def live(self) -> None:
        """Start executions for as long as the day lasts."""
        async with asyncio.TaskGroup() as group:
            while True:
                resting = [name for name, state in self._states.items() if state["ended"]]
                group.create_task(self.run(self._rng.choice(resting)))
                await self._clock.sleep(_RUN_S / _RUNNING * self._rng.uniform(0.5, 1.5))

    def _tell(self, name: str, kind: str, state: str, **more: str) -> None:
        if not self._events:
            return
        held = self._states[name]
        detail: dict[str, Any] = {
            "pipeline": name,
            "execution-id": held["execution"],
            "state": state,
            "start-time": _iso(held["began"]),
            "pipeline-execution-attempt": 1.0,
            **more,
        }
        if kind == "Action":
            detail |= {"action-execution-id": detail.pop("identity"), "type": {"category": "Build"}}
        event = {
            "id": f"e-{len(self._messages)}-{self._rng.getrandbits(60)}",
            "source": "aws.codepipeline",
            "detail-type": f"CodePipeline {kind} Execution State Change",
            "account": "111122223333",
            "region": HERE.region,
            "time": _iso(self._clock.now()),
            "detail": detail,
        }
        self._messages.append(json.dumps(event))
        self._came.set()

    async def read(self, _: Place, service: str, operation: str, params: Mapping[str, Any], **__: Any) -> Any:
        """Answer as AWS would, after 50 ms."""
        self.calls[f"{service}:{operation}"] += 1
        await self._clock.sleep(0.05)
        if operation == "ListPipelines":
            return {"pipelines": [{"name": name} for name in self._states]}
        if operation == "GetPipelineState":
            return self._answer(params["name"])
        held = self._states[params["pipelineName"]]
        running = not held["ended"]
        latest = {
            "pipelineExecutionId": held["execution"],
            "status": "InProgress" if running else "Succeeded",
            "startTime": held["began"],
            "lastUpdateTime": held["ended"] or self._clock.now(),
        }
        return {"pipelineExecutionSummaries": [latest]}

    def _answer(self, name: str) -> dict[str, Any]:
        held = self._states[name]
        stages = []
        for stage, of in zip(_STAGES, held["stages"], strict=True):
            action = {"status": of["status"], "lastStatusChange": of["at"], "actionExecutionId": of["action"]}
            stages.append(
                {
                    "stageName": stage,
                    "latestExecution": {"pipelineExecutionId": of["execution"], "status": of["status"]},
                    "actionStates": [{"actionName": stage, "latestExecution": action}],
                }
            )
        return {"pipelineName": name, "pipelineVersion": 1, "stageStates": stages}

    async def take(self, _: Place, service: str, operation: str, params: Mapping[str, Any], **__: Any) -> Any:
        """Give messages, or hold the call back until one comes."""
        self.calls[f"{service}:{operation}"] += 1
        if operation != "ReceiveMessage":
            return {}
        if not self._messages:
            self._came.clear()
            try:
                async with asyncio.timeout(params["WaitTimeSeconds"]):
                    await self._came.wait()
            except TimeoutError:
                return {}
        found, self._messages = self._messages[:10], self._messages[10:]
        return {"Messages": [{"Body": body, "ReceiptHandle": "r"} for body in found]}


def _stage(execution: str, action: str, at: float, status: str = "Succeeded") -> dict[str, Any]:
    return {"execution": execution, "action": action, "at": at, "status": status}


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def live(*, hours: float, events: bool) -> Day:
    """Watch for so many simulated hours."""
    with asyncio.Runner(loop_factory=_Loop) as runner:
        return runner.run(_day(hours * 3600, events=events))


async def _day(seconds: float, *, events: bool) -> Day:
    tracemalloc.start()
    clock = _Clock()
    account = _Account(clock, events=events)

    async def account_of(_: Place) -> str:
        return "111122223333"

    queues = {HERE: "https://sqs.eu-west-1.amazonaws.com/111122223333/q"} if events else {}
    caller: Any = account
    fleet = Fleet(
        caller,
        [HERE],
        clock,
        PollPolicy(idle_s=120, listing_s=120, state_first=True),
        queues=queues,
        account_of=account_of,
    )
    fleet.focus(PipelineRef(HERE, f"pipe-{number:04d}") for number in range(_ON_SCREEN))
    day = Day()
    living = asyncio.create_task(account.live())
    taking = asyncio.create_task(_take(fleet.events()))
    await clock.sleep(1800)
    begun, tasks = clock.elapsed(), _tasks()
    account.calls.clear()
    await clock.sleep(3600)
    gc.collect()
    settled = tracemalloc.get_traced_memory()[0]
    await clock.sleep(max(seconds - 3600, 1.0))
    gc.collect()
    day.memory = (settled, tracemalloc.get_traced_memory()[0])
    day.tasks = (tasks, _tasks())
    day.calls, day.seconds = Counter(account.calls), clock.elapsed() - begun
    tracemalloc.stop()
    for task in (living, taking):
        task.cancel()
    await asyncio.gather(living, taking, return_exceptions=True)
    return day


def _tasks() -> int:
    """The tasks of the watch itself; those of executions come and go."""
    return sum(task.get_name().startswith(("watch", "remove")) for task in asyncio.all_tasks())


async def _take(events: AsyncIterator[Any]) -> None:
    async for _ in events:
        pass


if __name__ == "__main__":
    for with_events, hours in ((True, 8.0), (False, 2.0)):
        found = live(hours=hours, events=with_events)
        print(
            f"events={with_events} {hours} h: codepipeline {found.per_second('codepipeline'):.3f}/s, sqs "
            f"{found.per_second('sqs'):.3f}/s, memory {found.memory}, tasks {found.tasks}, {dict(found.calls)}"
        )
