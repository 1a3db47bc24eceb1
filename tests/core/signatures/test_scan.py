from __future__ import annotations

import tracemalloc

import pytest

from core.signatures import Failure, LogReader, LogScanner, examine, scan
from core.signatures.scan import HEAD, ScanResult

_DENIED = (
    "User: arn:aws:sts::111122223333:assumed-role/b/1 is not authorized to perform: sqs:SendMessage on resource: "
    "arn:aws:sqs:eu-west-1:111122223333:jobs because no identity-based policy allows the sqs:SendMessage action"
)
_NOISE = "12:00:01 worker-{n} processed batch {n} items=120 duration=33ms queue=default shard=eu-{n} checksum=0a1b{n}\n"


def _scan(data: bytes, size: int) -> ScanResult:
    scanner = LogScanner()
    for start in range(0, len(data), size):
        scanner.feed(data[start : start + size])
    return scanner.result()


@pytest.mark.parametrize("size", [1, 7, 64, 4096, 1_000_000])
def test_how_a_log_is_cut_into_batches_makes_no_difference(size: int) -> None:
    log = (
        f"one\r\n[Container] 2026/05/02 08:11:01 Running command x\n{_DENIED}\nnpm ERR! code E404\nlast error".encode()
    )
    whole = _scan(log, len(log))
    assert _scan(log, size) == whole
    assert whole.lines == 5
    assert {match.line for match in whole.matches} >= {3, 4}
    assert [number for number, _ in whole.errors] == [3, 4, 5]


def test_lines_fed_one_by_one_read_like_a_whole_log() -> None:
    reader = LogReader(Failure(provider="CodeBuild"))
    for line in ("fine", _DENIED, "fine too"):
        reader.feed_lines([line])
    found = reader.explanation()
    assert found.hypotheses[0].cause == "permission.action-denied"
    assert found.cause_line == found.first_error_line == 2


def test_asking_in_between_does_not_change_what_comes_out() -> None:
    lines = [_NOISE.format(n=number).strip() for number in range(50)] + [_DENIED] + ["tail"] * 5
    reader, asked = LogReader(), LogReader()
    for line in lines:
        reader.feed_lines([line])
        asked.feed_lines([line])
        asked.explanation()
    assert asked.explanation() == reader.explanation()


@pytest.mark.parametrize("place", [0.01, 0.5, 0.999])
def test_a_cause_is_found_wherever_it_stands_in_a_long_log(place: float) -> None:
    lines = [_NOISE.format(n=number) for number in range(4 * HEAD // len(_NOISE))]
    at = int(len(lines) * place)
    lines.insert(at, _DENIED + "\n")
    found = examine(Failure(log="".join(lines)))
    assert found.cause_line == at + 1
    assert found.hypotheses[0].cause == "permission.action-denied"


def test_what_stands_before_a_failed_command_is_read_line_by_line() -> None:
    """``Killed`` holds no plain word of trouble; in the middle of a long log only the failed command leads to it."""
    noise = "".join(_NOISE.format(n=number) for number in range(2 * HEAD // len(_NOISE)))
    log = (
        "[Container] 2026/05/02 08:11:01 Entering phase BUILD\n[Container] 2026/05/02 08:11:01 Running command make\n"
        f"{noise}Killed\n"
        "[Container] 2026/05/02 08:11:03 Command did not exit successfully make exit status 2\n"
        "[Container] 2026/05/02 08:11:03 Phase complete: BUILD State: FAILED\n"
        f"{noise}"
    )
    found = examine(Failure(provider="CodeBuild", log=log))
    assert found.hypotheses[0].cause == "build.out-of-memory"


def test_memory_stays_bounded_however_long_the_log_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines that all report errors of their own are the worst: kept are a bounded number of shapes, matches, errors."""
    monkeypatch.setattr(scan, "_MAX_SHAPES", 2_000)
    monkeypatch.setattr(scan, "_KEEP_SHAPES", 1_000)
    monkeypatch.setattr(scan, "HEAD", 50_000)
    monkeypatch.setattr(scan, "TAIL", 50_000)
    scanner = LogScanner()
    scanner.feed(_errors(0))
    scanner.result()
    tracemalloc.start()
    for turn in range(1, 25):
        scanner.feed(_errors(turn))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10_000_000
    assert len(scanner.result().errors) <= 800
    assert len(scanner.result().matches) <= 12 * 400


def _errors(turn: int) -> bytes:
    lines = (
        f"error {turn * 7919 + number:x}: cannot do {number * 104729 % 1000003:x} in /{'abcdefgh'[number % 8]}{turn:x}"
        for number in range(1000)
    )
    return ("\n".join(lines) + "\n").encode()


def test_a_line_of_megabytes_is_cut_and_the_next_one_counts() -> None:
    log = b"x" * 3_000_000 + b"\nJavaScript heap out of memory\n"
    found = _scan(log, 200_000)
    assert [match.line for match in found.matches] == [2]
    assert found.lines == 2


def test_trouble_in_the_middle_of_a_very_long_line_is_seen() -> None:
    noise = "".join(_NOISE.format(n=number) for number in range(2 * HEAD // len(_NOISE)))
    line = "a" * 9000 + " fatal: could not read Username for 'https://github.com': denied, error " + "b" * 9000
    found = examine(Failure(log=f"{noise}{line}\n{noise}"))
    assert found.hypotheses[0].cause == "source.clone-failed"
    assert len(found.hypotheses[0].evidence[0].text) < 3000


def test_a_cancelled_scan_stops() -> None:
    asked = 0

    def cancelled() -> bool:
        nonlocal asked
        asked += 1
        return asked > 2

    scanner = LogScanner(cancelled=cancelled)
    scanner.feed((_NOISE * 50_000).encode())
    assert asked == 3
    assert scanner.result().lines < 50_000


def test_invalid_utf8_is_read_with_marks_in_its_place() -> None:
    found = examine(Failure(log=b"\xff\xfe no basic auth credentials \xc3\x28\n"))
    assert found.hypotheses[0].cause == "build.registry-login"
