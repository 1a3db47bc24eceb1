"""Start and stop the account as a process of its own. Standard library only: the program's start must stay quick."""

import contextlib
import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any, Self

__all__ = ["DemoAccount", "DemoStartError", "start"]

READY_WITHIN_S = 60.0
# A file into which every account started from here writes the operations that the program calls; for tests.
calls_file = ""


class DemoStartError(RuntimeError):
    """The account's process ended before it was ready; the text holds what it said."""


class DemoAccount:
    """A running demo account. Use it as a context manager, or call :meth:`stop`.

    Attributes:
        endpoint_url: where it listens, such as ``http://127.0.0.1:41234``.
        environment: variables that lead any AWS client to it and away from the user's own profiles.
        pid: its process id.
    """

    def __init__(self, process: subprocess.Popen[str], ready: Mapping[str, Any]) -> None:
        self._process = process
        self.endpoint_url = str(ready["endpoint_url"])
        self.environment: dict[str, str] = dict(ready["environment"])
        self.pid = process.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self, timeout_s: float = 5.0) -> None:
        """End the process; it may be called again."""
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    @property
    def running(self) -> bool:
        """Whether the process still lives."""
        return self._process.poll() is None

    # --- control, for tests and demonstrations

    def freeze(self, at: float | str | None = None) -> None:
        """Stop the account's time, at a moment (epoch seconds or ISO text) if one is given."""
        self._post("clock", {"freeze": True, "at": at})

    def resume(self) -> None:
        """Let the account's time go on."""
        self._post("clock", {"freeze": False})

    def advance(self, seconds: float) -> None:
        """Jump ahead; everything due by then has happened when this returns."""
        self._post("clock", {"advance": seconds})

    def set_speed(self, factor: float) -> None:
        """Let time pass so many times faster."""
        self._post("clock", {"speed": factor})

    def now(self) -> float:
        """Return the account's time in seconds since the epoch."""
        return float(self._call("GET", "clock")["now"])

    def add_fault(
        self,
        *,
        service: str = "*",
        operation: str = "*",
        region: str = "*",
        code: str = "",
        message: str = "",
        status: int = 0,
        count: int | None = None,
        latency_ms: float = 0.0,
        reset: bool = False,
    ) -> int:
        """Lay a fault over matching calls (``count`` times, or until cleared) and return its id."""
        wanted = {
            "service": service,
            "operation": operation,
            "region": region,
            "code": code,
            "message": message,
            "status": status,
            "count": count,
            "latency_ms": latency_ms,
            "reset": reset,
        }
        return int(self._post("faults", wanted)["id"])

    def clear_faults(self, number: int | None = None) -> None:
        """Remove one fault, or all."""
        self._call("DELETE", "faults" if number is None else f"faults/{number}")

    def calls(self, recent: int = 200) -> dict[str, Any]:
        """Return what was called: ``total``, ``mutating``, ``by_operation``, ``recent``, ``mismatches``."""
        return self._call("GET", f"calls?recent={recent}")

    def clear_calls(self) -> None:
        """Forget the calls counted so far."""
        self._call("DELETE", "calls")

    def push(self, repository: str, message: str, **details: Any) -> str:
        """Push a revision: ``branch``, ``author``, ``facts`` and ``files`` change what the code does.

        Returns:
            the new revision's id.
        """
        return str(self._post("push", {"repository": repository, "message": message, **details})["revision"])

    def set_connection(self, arn: str, status: str = "AVAILABLE") -> None:
        """Do what "Update pending connection" does in the console."""
        self._post("connections", {"arn": arn, "status": status})

    def stories(self) -> list[dict[str, Any]]:
        """Return every pipeline's story: name, region, cause, what is wrong, how it is put right."""
        return list(self._call("GET", "stories")["stories"])

    def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return self._call("POST", path, {name: value for name, value in body.items() if value is not None})

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310 - the address is our own child's
            f"{self.endpoint_url}/_demo/{path}", data=data, method=method, headers={"content-type": "application/json"}
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=30) as response:
            answer: dict[str, Any] = json.loads(response.read())
        return answer


def start(
    port: int = 0,
    *,
    speed: float = 1.0,
    frozen_at: str | None = None,
    seed: int = 7,
    extras: Iterable[str] = (),
) -> DemoAccount:
    """Start the account in a child process and wait until it serves.

    The child holds the reading end of a pipe whose other end only this process has: it ends with it, however it ends.

    Args:
        port: the loopback port; 0 lets the system choose.
        speed: how many of the account's seconds pass in a real one.
        frozen_at: ISO 8601 moment to stop the account's clock at; it runs when absent.
        seed: what ids, logs and histories are drawn from.
        extras: names of further pipelines (modules of `demo.extras`).

    Raises:
        DemoStartError: it did not come up.
    """
    command = [
        sys.executable,
        "-m",
        "demo",
        "--port",
        str(port),
        "--speed",
        str(speed),
        "--seed",
        str(seed),
        "--with-parent",
    ]
    for name in extras:
        command += ["--extra", name]
    if frozen_at is not None:
        command += ["--frozen-at", frozen_at]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MOTO_"))}
    if calls_file:
        environment["DEMO_CALLS"] = calls_file
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        # What goes wrong inside is told in /_demo/calls; a screen must not be written over.
        stderr=None if os.environ.get("PIPEMEDIC_DEMO_DEBUG") else subprocess.DEVNULL,
        text=True,
        env=environment,
        start_new_session=True,
    )
    assert process.stdout is not None  # noqa: S101 - it was asked for above
    line = process.stdout.readline()
    if not line.startswith("{"):
        process.kill()
        said, _ = process.communicate()
        raise DemoStartError(f"the demo account did not start: {line}{said}".strip())
    return DemoAccount(process, json.loads(line))
