"""Long logs around a short failure: lines as tools print them, with distractions that mean nothing."""

from __future__ import annotations

import random
import re

__all__ = ["KINDS", "around"]

_PLAIN = {
    "node": (
        "npm http fetch GET 200 https://npm.example.com/left-pad-{n} {m}ms (cache hit)",
        "asset static/js/{n}.chunk.js {m} KiB [emitted] [minimized]",
        "PASS src/cart/__tests__/ErrorBoundary{n}.test.tsx ({m} ms)",
        "modules by path ./node_modules/ {n} KiB {m} modules",
    ),
    "python": (
        "Collecting package-{n}==1.{m}.0",
        "  Downloading package_{n}-1.{m}.0-py3-none-any.whl ({n} kB)",
        "tests/test_errors.py::test_error_is_raised_{n} PASSED                  [ {m}%]",
        "copying src/ledger/errors_{n}.py -> build/lib/ledger",
    ),
    "maven": (
        "[INFO] Downloading from central: https://repo.maven.apache.org/maven2/com/acme/lib{n}/1.{m}/lib{n}-1.{m}.pom",
        "[INFO] Running com.acme.ledger.FailureModes{n}Test",
        "[INFO] Tests run: {m}, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 0.{n} s",
        "[DEBUG] Exception mapping {n} registered for handler {m}",
    ),
    "docker": (
        "#8 {m}.{n} Get:{m} http://deb.example.com/debian bookworm/main amd64 libglib2.0-{n} amd64",
        "#9 sha256:0a1b{n} {m}MB / 120MB {m}.1s",
        "#10 [build {m}/9] RUN pip wheel package-{n}",
        "0a1b2c3d{n}: Pushed",
    ),
    "go": (
        "go: downloading golang.org/x/mod{n} v0.{m}.0",
        "ok  \tgithub.com/acme/ledger/pkg{n}\t0.0{m}s",
        "--- PASS: TestErrorWrapping{n} (0.0{m}s)",
        "?   \tgithub.com/acme/ledger/errors{n}\t[no test files]",
    ),
    "terraform": (
        "aws_sqs_queue.jobs[{n}]: Refreshing state... [id=jobs-{m}]",
        "module.net.aws_subnet.a[{n}]: Still creating... [{m}s elapsed]",
        "- Installing hashicorp/null v3.{m}.{n}...",
        "aws_cloudwatch_metric_alarm.errors[{n}]: Read complete after {m}s",
    ),
    "apt": (
        "Get:{m} http://archive.ubuntu.com/ubuntu jammy/main amd64 libgpg-error0 amd64 1.{n}",
        "Unpacking libfile-{n}-perl (1.{m}) ...",
        "Selecting previously unselected package liberror-perl-{n}.",
        "Setting up libk5crypto{n}:amd64 (1.{m}) ...",
    ),
}
KINDS = tuple(_PLAIN)
# Distractions of commands that went on to succeed.
_DECOYS = (
    "npm warn deprecated inflight@1.0.6: This module is not supported, and leaks memory. Do not use it.",
    "WARNING: Retrying (Retry(total=4)) after connection broken by 'ReadTimeoutError': /simple/six/",
    "[WARNING] Some problems were encountered while building the effective model",
    "warning: failed to fetch optional cache, continuing",
    "0 errors, 0 warnings",
    "  ✓ shows an error when access is denied (12 ms)",
    'level=info msg="error budget untouched" errors=0',
    "DeprecationWarning: invalid escape sequence",
    "echo 'FATAL: no space left on device' >> fixtures/bad.log",
    "[INFO] --- failsafe:3.1.2:help (error-report) @ ledger ---",
)  # fmt: skip
_COMPLETE = re.compile(r"Phase complete: (\w+)")
_FAILED = re.compile(r"Command did not exit successfully (.+) exit status \d+")


def around(log: str, kind: str, seed: int, *, lines: int = 130) -> str:
    """Return the log with at least so many lines of noise before it, in a CodeBuild frame, and a few after it."""
    rng = random.Random(seed)  # noqa: S311 - noise
    phase = found[1] if (found := _COMPLETE.search(log)) else "BUILD"
    command = found[1] if (found := _FAILED.search(log)) else "make all"
    first, second = lines // 2, lines - lines // 2
    frame = [
        _agent("Waiting for agent ping"),
        _agent("Waiting for DOWNLOAD_SOURCE"),
        _agent("Phase is DOWNLOAD_SOURCE"),
        _agent("Phase complete: DOWNLOAD_SOURCE State: SUCCEEDED"),
        _agent("Entering phase SETUP"),
        _agent("Running command ./prepare.sh"),
        *_lines(rng, kind, first),
        "curl: (28) Connection timed out after 5001 milliseconds",
        "retrying in 3 seconds (attempt 2 of 5)",
        "prepared",
        _agent("Phase complete: SETUP State: SUCCEEDED"),
        _agent(f"Entering phase {phase}"),
        _agent(f"Running command {command}"),
        *_lines(rng, kind, second),
    ]
    return "\n".join([*frame, log.strip("\n")]) + "\n"


def _agent(text: str) -> str:
    return f"[Container] 2026/05/02 08:10:00.000001 {text}"


def _lines(rng: random.Random, kind: str, count: int) -> list[str]:
    made = []
    for _ in range(count):
        template = rng.choice(_DECOYS) if rng.random() < 0.08 else rng.choice(_PLAIN[kind])
        made.append(template.replace("{n}", str(rng.randrange(1000))).replace("{m}", str(rng.randrange(1, 60))))
    return made
