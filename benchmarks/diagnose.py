"""A diagnosis with 50 ms a call: a failed build and an ECS deployment, from the first read to the last answer."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.measure import ROUNDS, Result, Spin, row
from benchmarks.session import PIPEMEDIC, account

__all__ = ["run"]

_LATENCY_MS = 50.0
_MOST_CALLS = 40
# Pipeline of the demo account, what it is, and the most seconds that its diagnosis may take.
_CASES = (("billing", "failed build", 1.5), ("checkout-api", "failed ECS deployment", 2.5))


@dataclass(frozen=True, slots=True)
class _Run:
    took_s: float
    calls: int


def run() -> Result:
    """Measure each pipeline in turn, a new process every time; the demo account answers all of them."""
    spin = Spin()
    runs: dict[str, list[_Run]] = {name: [] for name, _, _ in _CASES}
    with account() as (demo, around):
        demo.add_fault(latency_ms=_LATENCY_MS)
        for _ in range(ROUNDS):
            spin.turn()
            for name, _, _ in _CASES:
                runs[name].append(_diagnosed(name, around))
    rows = []
    for name, what, most_s in _CASES:
        note = f"{name}, {_LATENCY_MS:.0f} ms a call"
        rows.append(row(f"diagnose: {what}", [each.took_s for each in runs[name]], "s", most_s, note=note))
        rows.append(row(f"calls: {what}", [float(each.calls) for each in runs[name]], "", _MOST_CALLS))
    return Result("diagnose", tuple(rows), tuple(spin.times))


def _diagnosed(pipeline: str, around: Mapping[str, str]) -> _Run:
    done = subprocess.run(
        [*PIPEMEDIC, "diagnose", pipeline, "--region", "eu-west-1", "--format", "json"],
        env={**os.environ, **around},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    found = json.loads(done.stdout)
    return _Run(found["duration_ms"] / 1000, int(found["api_calls"]))
