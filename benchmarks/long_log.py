"""From the key to a long log: all its lines there, opened where it should be, scrolling."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass

import boto3

from benchmarks.emulator import Emulator
from benchmarks.measure import Result, Spin, interleaved, ratios, row
from benchmarks.session import account, log_shown, opened, select, select_build
from benchmarks.terminal import Terminal
from demo.process import DemoAccount

__all__ = ["run"]

_PIPELINE, _STAGE = "warehouse-etl", "Transform"
_FAILED = "search-index"
_OPEN_S = 1.0
_CAUSE = re.compile(r"◆ .* line (\d+)")
_PAGE_DOWN = "\x1b[6~"


@dataclass(frozen=True, slots=True)
class _Opened:
    """Times from the key (s): the long log, again, and a failed build's log at its mark."""

    long_s: float
    again_s: float = 0.0
    failed_s: float = 0.0


def run() -> Result:
    """Measure in a terminal; the other side is a bare loop of GetLogEvents over the same stream."""
    with account() as (demo, around):
        spin = Spin()
        rounds = interleaved((lambda: _ours(demo, around), lambda: _bare_loop(demo)), spin)
    ours = [mine for mine, _ in rounds]
    rows = (
        row("log of 20,000 lines: key to last line, scrolled", [each.long_s for each in ours], "s", _OPEN_S),
        row("the same once more", [each.again_s for each in ours], "s", _OPEN_S),
        row("failed build's log: key to its mark", [each.failed_s for each in ours], "s", _OPEN_S),
        row(
            "log of 20,000 lines / bare boto3 loop over its pages",
            ratios([(mine.long_s, other.long_s) for mine, other in rounds]),
            "×",
        ),
    )
    return Result("long_log", rows, tuple(spin.times))


def _ours(demo: DemoAccount, around: Mapping[str, str]) -> _Opened:
    with opened(demo, around) as terminal:
        select_build(terminal, _PIPELINE, _STAGE)
        first = _open(terminal)
        terminal.press("\x1b")
        terminal.until(lambda screen: "Definition" in screen.text)
        again = _open(terminal)
        terminal.end("q")
    with opened(demo, around) as terminal:
        select(terminal, _FAILED)
        at = terminal.press("l")
        failed = terminal.until(lambda screen: "ended" in screen.line(1) and _marked(screen)) - at
        terminal.end("q")
    return _Opened(first, again, failed)


def _open(terminal: Terminal) -> float:
    """Press the key; return the time until the log is whole and has answered a further key."""
    at = terminal.press("l")
    terminal.until(lambda screen: log_shown(screen, "ended", at_least=20_000))
    before = terminal.screen.line(3)
    terminal.press(_PAGE_DOWN)
    return terminal.until(lambda screen: screen.line(3) != before) - at


def _marked(screen: Emulator) -> bool:
    """Whether the line that the last but one row names as the cause's stands on the screen."""
    named = _CAUSE.search("\n".join(screen.lines[-4:]))
    if named is None:
        return False
    return any(f" {named[1]} " in line for line in screen.lines[2:-4])


def _bare_loop(demo: DemoAccount) -> _Opened:
    """Read the same stream with boto3 alone, client and all."""
    given = demo.environment
    session = boto3.Session(given["AWS_ACCESS_KEY_ID"], given["AWS_SECRET_ACCESS_KEY"], region_name="eu-west-1")
    builds = session.client("codebuild", endpoint_url=demo.endpoint_url)
    build = builds.list_builds_for_project(projectName=_PIPELINE)["ids"][0]
    where = builds.batch_get_builds(ids=[build])["builds"][0]["logs"]
    began = time.monotonic()
    logs = session.client("logs", endpoint_url=demo.endpoint_url)
    token: dict[str, str] = {}
    while True:
        page = logs.get_log_events(
            logGroupName=where["groupName"], logStreamName=where["streamName"], startFromHead=True, **token
        )
        if page["nextForwardToken"] == token.get("nextToken"):
            return _Opened(time.monotonic() - began)
        token = {"nextToken": page["nextForwardToken"]}
