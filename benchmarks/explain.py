"""Explaining a log: CPU time of a million lines beside `grep -E -c`, memory above the log, and a log of usual size."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Result, Spin, interleaved, ratios, row
from core.signatures import Failure, examine
from core.signatures.base import knowledge

_LINES = 1_000_000
# Ten of the knowledge base's own patterns, as grep spells them.
_PATTERNS = (
    "npm (ERR!|error) (code )?ERESOLVE",
    "is not authorized to perform:? [a-z0-9-]{2,40}:[A-Za-z*]{3,80}",
    "No space left on device",
    "JavaScript heap out of memory",
    "toomanyrequests",
    "Cannot connect to the Docker daemon",
    "fatal: could not read (Username|Password) for",
    "error (TS[0-9]{4,5}):",
    "Command did not exit successfully .{1,200} exit status",
    "Could not resolve dependencies for project [^ ]+",
)
_NOISE = (
    "[INFO] Downloading from central: https://repo.maven.apache.org/maven2/org/springframework/core/{a}/a.pom",
    "npm http fetch GET 200 https://npm.example.com/@babel%2fhelper-plugin-utils-{a} {b}ms (cache miss) attempt #1",
    "#12 [stage 3/5] RUN go build -o /out/svc{a} ./cmd/svc{b} && strip /out/svc{a} # {a}{b} of the service image",
    "  adding: node_modules/lodash/_baseIsEqualDeep{a}.js (deflated {b}%) in package {a} of the artifact bundle",
    "2026/11/23 05:01:{b} worker-{a} batch {b} items={a} duration={b}ms queue=default shard=eu-{a} sum={a}{b}",
    "Get:{b} http://deb.example.com/debian bookworm/main amd64 libglib2.0-data all 2.74.6-2+deb12u{a} [{b} kB] {b} s",
    "    copying assets/img/photo-{a}.jpg to /codebuild/output/src{a}/src/dist/assets/img/photo-{a}-{b}.jpg",
    "web_1  | GET /api/v1/carts/{a}/items?limit={b} 200 {b}ms user-agent=synthetic/1.0 trace={a}{b}{a}",
)
_RARE = (
    "PASS src/components/checkout/__tests__/ErrorBoundary{a}.test.tsx (4.{b} s) with {a} assertions and {b} snapshots",
    "npm WARN deprecated left-pad-{a}@1.{b}.0: use String.prototype.padStart() instead, it is not maintained {a}",
    "WARN  worker-{a} request {b} failed once with ECONNRESET, retrying in {b} ms, attempt 1 of 5 {a}{b}",
)


def run() -> Result:
    """Measure both sides in turn; the target is four times grep's CPU time."""
    spin = Spin()
    with tempfile.TemporaryDirectory() as folder:
        log, patterns = Path(folder, "build.log"), Path(folder, "patterns")
        log.write_text("".join(_million()), "utf-8")
        patterns.write_text("\n".join(_PATTERNS), "utf-8")
        grep = [shutil.which("grep") or "grep", "-E", "-c", "-f", str(patterns), str(log)]
        ours = [sys.executable, "-m", "tui", "explain", "--format", "json", str(log)]
        rounds = [(one, other) for one, other in interleaved((lambda: _cpu(ours), lambda: _cpu(grep)), spin)]
        memory = [_peak(ours) - _peak([*ours[:3], "explain", "--message", "x"]) for _ in range(3)]
        size = log.stat().st_size / 1e6
    small = [_small() for _ in range(31)]
    cold = [_cold() for _ in range(5)]
    return Result(
        f"explain: {_LINES:,} lines, {size:.0f} MB",
        (
            row("CPU beside grep -E -c, ten patterns", ratios(rounds), "×", target=4.0),
            row("CPU of explain, start included", [one for one, _ in rounds], "s"),
            row("memory above the log itself", memory, "MB", target=200.0),
            row("300-line log, warm, CPU", small, "ms", target=10.0),
            row("reading the knowledge base, CPU", cold, "ms", target=100.0),
        ),
        tuple(spin.times),
    )


def _million() -> Iterator[str]:
    rng = random.Random(7)  # noqa: S311 - noise
    yield "[Container] 2026/11/23 05:00:00.123456 Entering phase BUILD\n"
    yield "[Container] 2026/11/23 05:00:00.223456 Running command make all\n"
    for _ in range(_LINES - 6):
        template = rng.choice(_NOISE if rng.random() < 0.98 else _RARE)
        yield template.format(a=rng.randrange(100_000), b=rng.randrange(100)) + "\n"
    yield "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n"
    yield "[Container] 2026/11/23 05:20:00.123456 Command did not exit successfully make all exit status 134\n"
    yield "[Container] 2026/11/23 05:20:00.133456 Phase complete: BUILD State: FAILED\n"


def _cpu(command: list[str]) -> float:
    """Run a command; return its CPU time (s)."""
    before = os.times()
    done = subprocess.run(command, capture_output=True, check=False)
    after = os.times()
    if "explain" in command:
        assert json.loads(done.stdout)["causes"][0]["cause"] == "build.out-of-memory", done.stdout
    return after.children_user - before.children_user + after.children_system - before.children_system


def _peak(command: list[str]) -> float:
    """Run a command; return the most memory it held (MB)."""
    code = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    done = subprocess.run([sys.executable, "-c", code, *command], capture_output=True, check=True)
    return int(done.stdout) / 1024


def _small() -> float:
    lines = [_NOISE[number % len(_NOISE)].format(a=number, b=number % 60) for number in range(298)]
    log = "\n".join([*lines, "npm ERR! code ERESOLVE", "Command did not exit successfully npm ci exit status 1"])
    began = time.process_time()
    examine(Failure(provider="CodeBuild", log=log))
    return (time.process_time() - began) * 1000


def _cold() -> float:
    knowledge.cache_clear()
    began = time.process_time()
    knowledge().candidates("warm")
    return (time.process_time() - began) * 1000
