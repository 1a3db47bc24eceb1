"""From the moment a line is written to its line on the screen, and how many calls that takes; peers where installed."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Mapping
from statistics import median

import boto3

from benchmarks.emulator import Emulator
from benchmarks.log_endpoint import live_endpoint
from benchmarks.measure import Result, Row, Spin, percentile, row
from benchmarks.peers import aws_v2, peer
from benchmarks.session import leading_to, surroundings
from benchmarks.terminal import Terminal, python

__all__ = ["run"]

_RATE, _SECONDS = 5.0, 25.0
_IDLE_AFTER_S, _IDLE_S = 12.0, 30.0
_WRITTEN = re.compile(r"line +(\d+) at (\d+\.\d+)")


def run() -> Result:
    """Lines at random moments, five a second; then none."""
    spin = Spin()
    spin.turn()
    delays, busy, idle = _ours()
    spin.turn()
    rows = [
        row("line written to line on the screen", delays, "s", 0.3, f"{len(delays)} lines"),
        Row("the same: 95th percentile", percentile(delays, 95), min(delays), max(delays), "s", 0.6),
        row("calls a second while lines come", [busy], "/s", 4.0),
        row("calls a second while none come", [idle], "/s", 0.5),
    ]
    for name, words in _peers().items():
        found = _peer(words)
        rows.append(row(f"{name}: line written to line printed", found, "s", note=f"{len(found)} lines"))
        spin.turn()
    return Result("log_live", tuple(rows), tuple(spin.times))


def _ours() -> tuple[list[float], float, float]:
    """Delays (s), and calls a second while lines come and while none do."""
    with surroundings() as around, live_endpoint(_RATE, _SECONDS) as address:
        where = leading_to(address, around)
        delays: list[float] = []
        with Terminal(python("-m", "benchmarks.programs.live_pane"), where) as terminal:
            terminal.until(lambda screen: _newest(screen) >= 0)
            calls, began, last = _calls(where), time.monotonic(), _newest(terminal.screen)
            end = began + _SECONDS - 6
            while time.monotonic() < end:
                at = terminal.until(lambda screen, last=last: _newest(screen) > last)  # type: ignore[misc]
                shown = {int(number): float(moment) for number, moment in _WRITTEN.findall(terminal.screen.text)}
                delays += [at - moment for number, moment in shown.items() if last < number and moment > began + 1]
                last = max(shown)
            busy = (_calls(where) - calls) / (time.monotonic() - began)
            terminal.watch(_SECONDS - (time.monotonic() - began))
            terminal.watch(_IDLE_AFTER_S)
            before = _calls(where)
            terminal.watch(_IDLE_S)
            idle = (_calls(where) - before) / _IDLE_S
            terminal.end("q")
    return delays, busy, idle


def _newest(screen: Emulator) -> int:
    return max((int(number) for number, _ in _WRITTEN.findall(screen.text)), default=-1)


def _calls(where: Mapping[str, str]) -> int:
    """How often the endpoint was asked for events, as it tells."""
    client = boto3.Session(where["AWS_ACCESS_KEY_ID"], where["AWS_SECRET_ACCESS_KEY"]).client(
        "logs", region_name="eu-west-1", endpoint_url=where["AWS_ENDPOINT_URL"]
    )
    name = client.describe_log_groups()["logGroups"][0]["logGroupName"]
    client.close()
    return int(name.partition("/")[2])


def _peers() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    if awslogs := peer("awslogs"):
        found["awslogs get --watch"] = [awslogs, "get", "/g", "ALL", "--watch", "--start", "1m", "--color", "never"]
    if aws := aws_v2():
        found["aws logs tail --follow"] = [aws, "logs", "tail", "/g", "--follow", "--since", "1m", "--format", "short"]
    return found


def _peer(words: list[str]) -> list[float]:
    """Delays of a program that prints lines (s), those before the first one printed live left out."""
    with surroundings() as around, live_endpoint(_RATE, _SECONDS) as address:
        where = leading_to(address, around)
        if words[0].endswith("awslogs"):
            words = [*words, "--aws-endpoint-url", address, "--aws-region", "eu-west-1"]
        delays = []
        with subprocess.Popen(words, env=where, stdout=subprocess.PIPE, text=True, bufsize=1) as process:
            assert process.stdout
            end = time.monotonic() + _SECONDS - 3
            for line in process.stdout:
                if found := _WRITTEN.search(line):
                    delays.append(time.monotonic() - float(found[2]))
                if time.monotonic() > end:
                    break
            process.kill()
    return delays[int(_RATE) :] or [median(delays or [0.0])]
