"""`python -m benchmarks [NAME...]`: run benchmarks and print their figures; all of them unless some are named."""

from __future__ import annotations

import os
import pkgutil
import platform
import sys
import time
from importlib import import_module

import benchmarks
from benchmarks.measure import VOID_ABOVE, Result, Row

_HELPERS = {
    "__main__",
    "emulator",
    "fleet_day",
    "fleet_screen",
    "log_endpoint",
    "log_side",
    "measure",
    "peers",
    "session",
    "terminal",
}
_HEAD = ("", "median", "low", "high", "target", "")


def main(names: list[str]) -> int:
    """Run and print; the exit code is 1 where a target was missed in a run that counts, 2 for an unknown name."""
    known = sorted(
        info.name for info in pkgutil.iter_modules(benchmarks.__path__) if not info.ispkg and info.name not in _HELPERS
    )
    if unknown := [name for name in names if name not in known]:
        print(f"no benchmark {', '.join(unknown)}; there are: {', '.join(known)}", file=sys.stderr)
        return 2
    print(f"{time.strftime('%Y-%m-%d', time.gmtime())} · Python {platform.python_version()} · {os.cpu_count()} cores")
    missed = False
    for name in names or known:
        result: Result = import_module(f"benchmarks.{name}").run()
        _print(result)
        missed = missed or (not result.void and any(row.verdict == "MISSED" for row in result.rows))
    return int(missed)


def _print(result: Result) -> None:
    drift = f"spin loop drifted {result.drift:.2f} ×" if result.spins else ""
    void = f"  VOID: above {VOID_ABOVE:g} ×, run it again" if result.void else ""
    print(f"\n{result.name}  ({drift}){void}" if drift else f"\n{result.name}")
    lines = [_HEAD, *(_cells(row) for row in result.rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEAD))]
    for line in lines:
        cells = [
            line[0].ljust(widths[0]),
            *(cell.rjust(width) for cell, width in zip(line[1:5], widths[1:5], strict=True)),
        ]
        print(f"  {'  '.join(cells)}  {line[5]}".rstrip())


def _cells(row: Row) -> tuple[str, ...]:
    values = (f"{value:.{_digits(value)}f} {row.unit}" for value in (row.median, row.low, row.high))
    target = "" if row.target is None else f"≤ {row.target:g}"
    return (row.name, *values, target, "  ".join(filter(None, (row.verdict, row.note))))


def _digits(value: float) -> int:
    if value == int(value):
        return 0
    return 2 if abs(value) < 10 else 1 if abs(value) < 100 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
