from __future__ import annotations

import pytest

from core.signatures.normalise import clean_line, message_lines, text_of


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("[Container] 2026/05/02 08:11:02 Running command make", "Running command make"),
        ("[Container] 2026/05/02 08:11:02.118233 Running command make", "Running command make"),
        ("#12 3.456 npm error code E404", "npm error code E404"),
        ("#12 [stage 3/5] RUN npm ci", "[stage 3/5] RUN npm ci"),
        ("[stderr]bash: nope: command not found", "bash: nope: command not found"),
        ("agent_1  | [Container] 2026/05/02 08:11:02 Phase is BUILD", "Phase is BUILD"),
        ("156 | [Container] 2026/05/02 08:11:02 Phase is BUILD", "Phase is BUILD"),
        ("2026-05-02T08:11:02.118Z panic: boom", "panic: boom"),
        ("2026-05-02 08:11:02 UTC+0000 CREATE_FAILED", "UTC+0000 CREATE_FAILED"),
        ("[08:11:02] boom", "boom"),
        ("\x1b[31mred\x1b[0m alert", "red alert"),
        ("10%\r55%\r100% done", "100% done"),
        ("boom\r", "boom"),
        ("\x1b]52;c;aGVsbG8=\x07boom", "boom"),
        ("    indented stays", "    indented stays"),
        ("", ""),
        ("{not json", "{not json"),
        ('{"level": "error", "msg": "boom at noon"}', "[ERROR] boom at noon"),
        ('{"log_level": "INFO", "log_message": {"FILE": "a.py", "EXCEPTION": "bad"}}', "[INFO] a.py bad"),
        ('{"message": "plain"}', "plain"),
        ('{"count": 3}', '{"count": 3}'),
    ],
)
def test_a_line_reads_without_what_transport_added(raw: str, text: str) -> None:
    assert clean_line(raw) == text


def test_a_log_may_be_text_bytes_or_lines() -> None:
    assert text_of("a\nb") == b"a\nb"
    assert text_of(b"\xff\n") == b"\xff\n"
    assert text_of(["a", "b"]) == b"a\nb"
    assert text_of("\ud800") == b"?"


def test_agent_lines_that_lost_their_line_ends_are_split_again() -> None:
    message = "[Container] 2026/05/02 08:11:02 One [Container] 2026/05/02 08:11:03 Two"
    assert message_lines(message) == ("One", "Two")


def test_a_message_of_megabytes_is_cut() -> None:
    assert sum(map(len, message_lines("x" * 10_000_000))) < 100_000
