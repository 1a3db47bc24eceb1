"""Logs from a fast endpoint into the pane's store and to a file, beside a bare aiobotocore loop and the AWS CLI."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median

from benchmarks.log_endpoint import LINE_BYTES, endpoint
from benchmarks.measure import Result, Spin, interleaved, ratios, row
from benchmarks.peers import aws_v2, peer
from benchmarks.session import leading_to, surroundings

__all__ = ["run"]

_LINES = 1_000_000
_FEW = 200_000  # for the peer that needs a quarter of a minute for all of them
_FEWER, _FEWER_ROUNDS = 20_000, 3  # for those that need minutes
_CALL_MS = 100
_REPOSITORY = Path(__file__).resolve().parent.parent
Cost = dict[str, float]


def run() -> Result:
    """Measure CPU a line with no delay, and the time to a whole log with a delay for each call."""
    spin = Spin()
    with surroundings() as around:
        with endpoint(_FEW) as address:
            where = leading_to(address, around)
            sides = [_side(name, address, _FEW, where) for name in ("store", "file", "bare")]
            rounds = interleaved((*sides, lambda: _aws_cli(where)), spin)
        with endpoint(_FEWER) as address:
            slow = _peers(address, leading_to(address, around), spin)
        with endpoint(_LINES, _CALL_MS) as address:
            whole = [
                each
                for (each,) in interleaved((_side("store", address, _LINES, leading_to(address, around)),), spin, 3)
            ]
    micro = [tuple(side["cpu"] / _FEW * 1e6 for side in each) for each in rounds]
    log_bytes = _LINES * (LINE_BYTES + 1)
    rows = (
        *(row(f"{name}, CPU a line", cost, "µs") for name, cost in slow.items()),
        *(
            row(f"store / {name}", ratios([(median(each[0] for each in micro), other) for other in cost]), "×")
            for name, cost in slow.items()
        ),
        row("endpoint to the pane's store, CPU a line", [each[0] for each in micro], "µs", 2.5),
        row("endpoint to a file, CPU a line", [each[1] for each in micro], "µs", 3.5),
        row("bare aiobotocore loop, CPU a line", [each[2] for each in micro], "µs"),
        row("aws logs filter-log-events, CPU a line", [each[3] for each in micro], "µs"),
        row("store / bare aiobotocore loop", ratios([(each[0], each[2]) for each in micro]), "×", 1.0),
        row("store / aws logs filter-log-events", ratios([(each[0], each[3]) for each in micro]), "×"),
        row("1,000,000 lines at 100 ms a call: whole", [each["wall"] for each in whole], "s", 5.0),
        row("the same: first lines", [each["first"] for each in whole], "s", 0.4),
        row("store / bytes of the log", [each["bytes"] / log_bytes for each in whole], "×", 1.5),
        row("resident memory grown / bytes of the log", [each["grown"] / log_bytes for each in whole], "×"),
    )
    return Result("logs", rows, tuple(spin.times))


def _peers(address: str, around: Mapping[str, str], spin: Spin) -> dict[str, list[float]]:
    """CPU a line (µs) of peers that are installed, less what it costs to start them."""
    at = ("--aws-endpoint-url", address, "--aws-region", "eu-west-1")
    known: dict[str, tuple[list[str], list[str]]] = {}
    if awslogs := peer("awslogs"):
        get = [awslogs, "get", "/g", "ALL", "--start", "2025-01-01", "--color", "never", *at]
        known["awslogs get"] = (get, [awslogs, "streams", "/g", *at])
    if aws := aws_v2():
        known["aws logs tail"] = ([aws, "logs", "tail", "/g", "--since", "3650d"], [aws, "logs", "describe-log-groups"])
    sides = [lambda work=work, start=start: _cpu(work, around) - _cpu(start, around) for work, start in known.values()]
    rounds = interleaved(sides, spin, _FEWER_ROUNDS) if sides else []
    return {name: [each[number] / _FEWER * 1e6 for each in rounds] for number, name in enumerate(known)}


def _side(name: str, address: str, lines: int, around: Mapping[str, str]) -> Callable[[], Cost]:
    command = [sys.executable, "-m", "benchmarks.log_side", name, address, str(lines)]

    def measured() -> Cost:
        done = subprocess.run(command, env=dict(around), cwd=_REPOSITORY, capture_output=True, check=True)
        cost: Cost = json.loads(done.stdout)
        return cost

    return measured


def _aws_cli(around: Mapping[str, str]) -> Cost:
    """The AWS CLI over the same lines, less what it costs to start it."""
    aws = str(Path(sys.executable).with_name("aws"))
    began = time.perf_counter()
    start = _cpu([aws, "logs", "describe-log-groups"], around)
    # `aws logs tail` is version 2's, which no registry has; what it does is this call, page after page.
    cpu = _cpu([aws, "logs", "filter-log-events", "--log-group-name", "/g", "--output", "text"], around)
    return {"cpu": cpu - start, "wall": time.perf_counter() - began}


def _cpu(command: list[str], around: Mapping[str, str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with Path(os.devnull).open("wb") as out:
        subprocess.run(command, env=dict(around), stdout=out, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
