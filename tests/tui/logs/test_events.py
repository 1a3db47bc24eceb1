from __future__ import annotations

import pytest

from core.logs import EventPage, LogEvent
from tui.logs.events import lines_and_times, short_stream


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("web/app/4f1c2d3e5a6b7c8d", "app/4f1c2d3e"),
        ("search-index/43928b36-c950-4993", "search-index/43928b36"),
        ("2026/11/23/[$LATEST]0123456789abcdef", "01234567"),
        ("9d801650-40da", "9d801650"),
        ("application", "application"),
    ],
)
def test_a_streams_name_is_told_short(name: str, short: str) -> None:
    assert short_stream(name) == short


def test_lines_of_several_streams_name_their_own() -> None:
    page = EventPage([1, 2], ["a\nb", "c"], ["web/app/11112222", "web/app/33334444"])
    assert lines_and_times(page) == (["app/11112222 │ a", "app/11112222 │ b", "app/33334444 │ c"], [1, 1, 2])
    assert lines_and_times([LogEvent(1, "a\nb"), LogEvent(2, "c")]) == (["a", "b", "c"], [1, 1, 2])
