"""Functions and state machines: what runs in them, what they write, and what is kept of their executions."""

import datetime as dt
import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from demo.engine.logbook import LogBook
from demo.engine.scheduler import Process
from demo.moto_bridge import MotoBridge
from demo.names import arn, digest, uuid

__all__ = ["Function", "Machine", "MachineRun", "Machines"]


@dataclass(frozen=True, slots=True)
class Function:
    """A function: what it writes in a call, and the error (type and message) with which it fails, if it does."""

    name: str
    region: str
    role: str
    lines: Sequence[str] = ()
    error: tuple[str, str] | None = None

    @property
    def arn(self) -> str:
        """Its ARN."""
        return arn("lambda", self.region, f"function:{self.name}")

    @property
    def log_group(self) -> str:
        """The log group it writes into."""
        return f"/aws/lambda/{self.name}"


@dataclass(frozen=True, slots=True)
class Machine:
    """A state machine of tasks that call functions, one after another; `log_group` may be empty: logging is off."""

    name: str
    region: str
    role: str
    tasks: Mapping[str, Function]
    made: float
    log_group: str = ""

    @property
    def arn(self) -> str:
        """Its ARN."""
        return arn("states", self.region, f"stateMachine:{self.name}")


@dataclass(slots=True)
class MachineRun:
    """An execution of a state machine, with its history as GetExecutionHistory tells it."""

    machine: Machine
    name: str
    started: float
    events: list[dict[str, Any]] = field(default_factory=list)
    status: str = "RUNNING"
    ended: float | None = None
    error: tuple[str, str] | None = None

    @property
    def arn(self) -> str:
        """Its ARN."""
        return arn("states", self.machine.region, f"execution:{self.machine.name}:{self.name}")


class Machines:
    """All functions and state machines of the account.

    Args:
        moto: the bridge to moto, which serves functions.
        register_log: makes a log stream known.
    """

    def __init__(self, moto: MotoBridge, register_log: Callable[[LogBook], None]) -> None:
        self._moto = moto
        self._register_log = register_log
        self._seeded: set[tuple[str, str]] = set()
        self.functions: dict[tuple[str, str], Function] = {}
        self.machines: dict[str, Machine] = {}
        self.runs: dict[str, MachineRun] = {}

    def seed(self, region: str) -> None:
        """Create the region's functions in moto. Called before every call to Lambda."""
        for function in self.functions.values():
            if function.region == region and (region, function.name) not in self._seeded:
                self._seeded.add((region, function.name))
                spec = {
                    "FunctionName": function.name,
                    "Role": function.role,
                    "Runtime": "python3.12",
                    "Handler": "app.handler",
                    "Code": {"ZipFile": ""},
                    "Timeout": 30,
                }
                self._moto.backend("lambda", region).create_function(spec)

    def call(self, function: Function, at: float, lasts_s: float, request: str) -> None:
        """Write what a function writes in one call."""
        day = dt.datetime.fromtimestamp(at, tz=dt.UTC)
        instance = digest(random.Random(request), 32)
        book = LogBook(function.log_group, f"{day:%Y/%m/%d}/[$LATEST]{instance}", function.region)
        self._register_log(book)
        book.write(at, [f"START RequestId: {request} Version: $LATEST"])
        book.write(at, [line.replace("{request}", request) for line in function.lines], lasts_s)
        if function.error:
            kind, message = function.error
            book.write(at + lasts_s, [f"[ERROR] {kind}: {message}\nTraceback (most recent call last):"])
        took = f"Duration: {lasts_s * 1000:.2f} ms\tBilled Duration: {int(lasts_s * 1000) + 1} ms"
        report = f"REPORT RequestId: {request}\t{took}\tMemory Size: 128 MB\tMax Memory Used: 71 MB"
        book.write(at + lasts_s, [f"END RequestId: {request}", report])

    def start(self, machine: Machine, now: Callable[[], float], rng: random.Random) -> tuple[MachineRun, Process]:
        """Begin an execution; the process takes it to its end."""
        run = MachineRun(machine, uuid(rng), now())
        self.runs[run.arn] = run
        book = LogBook(machine.log_group, f"states/{machine.name}/{digest(rng, 8)}", machine.region)
        if machine.log_group:
            self._register_log(book)
        return run, self._live(run, book, now, rng)

    def _live(self, run: MachineRun, book: LogBook, now: Callable[[], float], rng: random.Random) -> Process:
        def tell(kind: str, member: str = "", **details: Any) -> None:
            number = len(run.events) + 1
            event: dict[str, Any] = {"id": number, "type": kind, "timestamp": now(), "previousEventId": number - 1}
            if member:
                event[member] = details
            run.events.append(event)
            told = {"id": str(number), "type": kind, "details": details, "execution_arn": run.arn}
            book.write(now(), [json.dumps(told | {"event_timestamp": str(int(now() * 1000))})])

        tell("ExecutionStarted", "executionStartedEventDetails", roleArn=run.machine.role)
        for state, function in run.machine.tasks.items():
            tell("TaskStateEntered", "stateEnteredEventDetails", name=state)
            tell("LambdaFunctionScheduled", "lambdaFunctionScheduledEventDetails", resource=function.arn)
            tell("LambdaFunctionStarted")
            lasts_s = rng.uniform(1.0, 4.0)
            self.call(function, now(), lasts_s, uuid(rng))
            yield lasts_s
            if function.error:
                kind, message = function.error
                tell("LambdaFunctionFailed", "lambdaFunctionFailedEventDetails", error=kind, cause=message)
                tell("ExecutionFailed", "executionFailedEventDetails", error=kind, cause=message)
                run.status, run.error, run.ended = "FAILED", function.error, now()
                return
            tell("LambdaFunctionSucceeded", "lambdaFunctionSucceededEventDetails")
            tell("TaskStateExited", "stateExitedEventDetails", name=state)
        tell("ExecutionSucceeded", "executionSucceededEventDetails")
        run.status, run.ended = "SUCCEEDED", now()
