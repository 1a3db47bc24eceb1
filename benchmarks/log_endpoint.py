"""A fast fake endpoint of CloudWatch Logs: pages made beforehand, a process of its own, a delay for each call.

Serves one stream: GetLogEvents with tokens, startTime and endTime, FilterLogEvents with tokens. `python -m
benchmarks.log_endpoint LINES DELAY_MS` prints its port and serves until its standard input ends; so does `… live RATE
SECONDS`, whose stream begins with the first call and then has RATE lines a second for so long, each with the moment
(`time.monotonic`) at which it was written; SECONDS 0: each call writes a few lines instead.
"""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
import threading
import time
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["LINE_BYTES", "START_MS", "endpoint", "line", "live_endpoint"]

START_MS = 1_760_000_000_000
LINE_BYTES = 115
_PAGE = 8_700  # lines of that length in the megabyte that a page may have


def line(number: int) -> str:
    """The text of a line."""
    rare = " needle-in-the-haystack" if number == 900_001 else ""
    return f"[{number:>9}] compiling module src/example/part_{number % 997}/unit_{number % 89}.py ok{rare}".ljust(
        LINE_BYTES, "."
    )


class _Stream:
    """All events as JSON, and where each begins."""

    def __init__(self, lines: int) -> None:
        self.events = [
            json.dumps(
                {"timestamp": START_MS + number, "message": line(number) + "\n", "ingestionTime": START_MS + number}
            ).encode()
            for number in range(lines)
        ]
        self.times = range(START_MS, START_MS + lines)
        self.named: list[bytes] = []  # as FilterLogEvents gives them

    def answer(self, operation: str, params: dict[str, Any]) -> bytes:
        if operation == "DescribeLogGroups":
            return b'{"logGroups":[]}'
        token = str(params.get("nextToken") or "")
        at = int(token.removeprefix("f/")) if token else bisect_left(self.times, params.get("startTime", START_MS))
        stop = bisect_left(self.times, params["endTime"]) if "endTime" in params else len(self.events)
        upto = max(min(at + _PAGE, stop), at)
        if operation == "DescribeLogStreams":
            return b'{"logStreams":[{"logStreamName":"1","lastIngestionTime":%d}]}' % START_MS
        if operation == "FilterLogEvents":
            self.named = self.named or [_named(number, event) for number, event in enumerate(self.events)]
            body = b",".join(self.named[at:upto])
            ahead = b',"nextToken":"f/%d"' % upto if upto < stop else b""
            return b'{"events":[' + body + b'],"searchedLogStreams":[]' + ahead + b"}"
        body = b",".join(self.events[at:upto])
        return b'{"events":[' + body + b'],"nextForwardToken":"f/%d","nextBackwardToken":"b/%d"}' % (upto, at)


def _named(number: int, event: bytes) -> bytes:
    return b'{"logStreamName":"1","eventId":"%d",' % number + event[1:]


class _Live:
    """A stream that is written as time goes, or by each call; tells its calls in the name of a group."""

    def __init__(self, rate: float, seconds: float) -> None:
        rng = random.Random(7)  # noqa: S311 - moments of lines
        self.calls = 0
        self.began: float | None = None
        self.by_call = not seconds
        self.rate = rate
        self.due: list[float] = []
        at = 1.0
        while at < seconds:
            self.due.append(at)
            at += rng.expovariate(rate)
        self.written: list[bytes] = []

    def _write(self) -> None:
        now = time.monotonic()
        self.began = now if self.began is None else self.began
        if self.by_call:
            moments = [now] * (self.calls * 7 % (int(self.rate) + 1))
        else:
            done = len(self.written)
            moments = [self.began + each for each in self.due[done:] if self.began + each <= now]
        off_s = time.time() - now
        for moment in moments:
            text = f"line {len(self.written):>7} at {moment:.6f} ".ljust(LINE_BYTES, ".")
            event = {"timestamp": int((moment + off_s) * 1000), "message": text + "\n"}
            self.written.append(json.dumps(event | {"ingestionTime": event["timestamp"]}).encode())

    def answer(self, operation: str, params: dict[str, Any]) -> bytes:
        if operation == "DescribeLogGroups":
            return b'{"logGroups":[{"logGroupName":"calls/%d"}]}' % self.calls
        if operation == "DescribeLogStreams":
            return b'{"logStreams":[{"logStreamName":"1","lastIngestionTime":%d}]}' % (time.time() * 1000)
        self.calls += 1
        self._write()
        if operation == "FilterLogEvents":
            low = int(params.get("startTime", 0))
            late = [_named(n, each) for n, each in enumerate(self.written) if int(each[14:27]) >= low]
            return b'{"events":[' + b",".join(late) + b'],"searchedLogStreams":[]}'
        token = str(params.get("nextToken") or "")
        at = int(token.removeprefix("f/")) if token else 0
        upto = min(at + _PAGE, len(self.written))
        body = b",".join(self.written[at:upto])
        return b'{"events":[' + body + b'],"nextForwardToken":"f/%d","nextBackwardToken":"b/%d"}' % (upto, at)


async def _serve(stream: _Stream | _Live, delay_s: float) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                fields = dict(part.split(": ", 1) for part in head.decode("latin-1").split("\r\n")[1:] if ": " in part)
                lowered = {name.lower(): value for name, value in fields.items()}
                body = await reader.readexactly(int(lowered.get("content-length", 0)))
                operation = lowered.get("x-amz-target", "").rpartition(".")[2]
                answer = stream.answer(operation, json.loads(body or b"{}"))
                if delay_s:
                    await asyncio.sleep(delay_s)
                writer.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: %d\r\n\r\n"
                    % len(answer)
                )
                writer.write(answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    gone = asyncio.Event()
    loop = asyncio.get_running_loop()

    def wait() -> None:
        sys.stdin.buffer.read()
        loop.call_soon_threadsafe(gone.set)

    threading.Thread(target=wait, daemon=True).start()
    await gone.wait()


@contextmanager
def endpoint(lines: int, delay_ms: int = 0) -> Iterator[str]:
    """Serve in a process of its own; yield the address."""
    with _served(str(lines), str(delay_ms)) as address:
        yield address


@contextmanager
def live_endpoint(rate: float, seconds: float) -> Iterator[str]:
    """The same for a stream that is written while it is read."""
    with _served("live", str(rate), str(seconds)) as address:
        yield address


@contextmanager
def _served(*words: str) -> Iterator[str]:
    command = [sys.executable, "-m", "benchmarks.log_endpoint", *words]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdin
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.stdin.close()
            process.wait(10)


if __name__ == "__main__":
    if sys.argv[1] == "live":
        asyncio.run(_serve(_Live(float(sys.argv[2]), float(sys.argv[3])), 0.0))
    else:
        asyncio.run(_serve(_Stream(int(sys.argv[1])), int(sys.argv[2]) / 1000))
