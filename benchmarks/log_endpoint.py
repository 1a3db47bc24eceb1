"""A fast fake endpoint of CloudWatch Logs: pages made beforehand, a process of its own, a delay for each call.

Serves one stream: GetLogEvents with tokens, startTime and endTime, FilterLogEvents with tokens. `python -m
benchmarks.log_endpoint LINES DELAY_MS` prints its port and serves until its standard input ends.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["LINE_BYTES", "START_MS", "endpoint", "line"]

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

    def answer(self, operation: str, params: dict[str, Any]) -> bytes:
        if operation == "DescribeLogGroups":
            return b'{"logGroups":[]}'
        token = str(params.get("nextToken") or "")
        at = int(token.removeprefix("f/")) if token else bisect_left(self.times, params.get("startTime", START_MS))
        stop = bisect_left(self.times, params["endTime"]) if "endTime" in params else len(self.events)
        upto = max(min(at + _PAGE, stop), at)
        body = b",".join(self.events[at:upto])
        if operation == "FilterLogEvents":
            body = body.replace(b'{"timestamp"', b'{"logStreamName":"1","eventId":"0","timestamp"')
            ahead = b',"nextToken":"f/%d"' % upto if upto < stop else b""
            return b'{"events":[' + body + b'],"searchedLogStreams":[]' + ahead + b"}"
        return b'{"events":[' + body + b'],"nextForwardToken":"f/%d","nextBackwardToken":"b/%d"}' % (upto, at)


async def _serve(lines: int, delay_s: float) -> None:
    stream = _Stream(lines)

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
    command = [sys.executable, "-m", "benchmarks.log_endpoint", str(lines), str(delay_ms)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdin
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.stdin.close()
            process.wait(10)


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), int(sys.argv[2]) / 1000))
