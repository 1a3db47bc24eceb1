"""The audit of 200 pipelines at 50 ms a call, each with roles, a project and a deployment group of its own."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import orjson

from aws.cloud import Cloud
from benchmarks.measure import Result, Spin, row
from core.place import Place
from tui.audit_run import audit

__all__ = ["run"]

_MANY, _DELAY_S, _ROUNDS = 200, 0.05, 3
_LISTINGS = ("roles listed", "roles one by one")
_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "example",
    "AWS_EC2_METADATA_DISABLED": "true",
    "NO_PROXY": "127.0.0.1",
}


def run() -> Result:
    """Measure with and without the right to list all roles."""
    os.environ.update(_ENVIRONMENT)
    spin = Spin()
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in _LISTINGS}
    for _ in range(_ROUNDS):
        spin.turn()
        for name in _LISTINGS:
            times[name].append(_once(listing=name == _LISTINGS[0]))
    rows = []
    for name in _LISTINGS:
        rows.append(row(f"200 pipelines, {name}", [each[0] for each in times[name]], "s", 30.0, "50 ms a call"))
        rows.append(row(f"calls a pipeline, {name}", [each[1] / _MANY for each in times[name]], "", 12.0))
    return Result("audit", tuple(rows), tuple(spin.times))


def _once(*, listing: bool) -> tuple[float, float]:
    """Seconds, and calls that the endpoint counted."""
    with _server(listing=listing) as address:
        began = time.perf_counter()
        asyncio.run(_audit())
        seconds = time.perf_counter() - began
        with urllib.request.urlopen(f"{address}/_calls") as answer:  # noqa: S310 (loopback)
            counted: dict[str, int] = orjson.loads(answer.read())
    return seconds, sum(counted.values())


async def _audit() -> None:
    async with Cloud([Place("", "eu-west-1")], read_only=True) as cloud:
        report = await audit(cloud)
    assert len(report.scores) == _MANY
    assert sum(each.rule == "image-outdated" for each in report.findings) == _MANY
    assert sum(each.rule == "role-wildcard-actions" for each in report.findings) == 2 * _MANY
    assert not report.blind, report.blind[0].sentence


@contextmanager
def _server(*, listing: bool) -> Iterator[str]:
    words = [str(_MANY), str(_DELAY_S), "listing" if listing else "single"]
    command = [sys.executable, "-m", "benchmarks.programs.audit_server", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        address = f"http://127.0.0.1:{process.stdout.readline().strip()}"
        os.environ["AWS_ENDPOINT_URL"] = address
        try:
            yield address
        finally:
            process.terminate()
