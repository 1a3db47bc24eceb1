from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tui.logs.moments import LineTimes, line_time_ms, parse_moment, parse_window

NOW = datetime(2026, 11, 23, 7, 30, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("15m", NOW - 900),
        ("-15m", NOW - 900),
        ("1h30m", NOW - 5400),
        ("2d ago", NOW - 172_800),
        ("2026-11-23T07:00:00Z", NOW - 1800),
        ("2026/11/23 07:00:00+00:00", NOW - 1800),
        ("1763884800", 1763884800.0),
        ("1763884800123", 1763884800.123),
    ],
)
def test_moments_are_read_as_people_type_them(text: str, seconds: float) -> None:
    assert parse_moment(text, NOW) == pytest.approx(seconds)


def test_a_time_of_day_is_the_latest_one_that_is_past() -> None:
    here = datetime.fromtimestamp(NOW).astimezone()
    assert parse_moment(f"{here:%H:%M}", NOW) == NOW
    later = datetime.fromtimestamp(NOW + 60).astimezone()
    assert parse_moment(f"{later:%H:%M}", NOW) == NOW + 60 - 86_400


@pytest.mark.parametrize("text", ["", "soon", "25:00", "5 parsecs", "99999999999999999999"])
def test_what_is_no_time_is_refused_with_the_forms_there_are(text: str) -> None:
    with pytest.raises(ValueError, match="15m"):
        parse_moment(text, NOW)


@pytest.mark.parametrize(
    ("line", "at_ms"),
    [
        ("[Container] 2026/11/23 07:00:01.500000 Running", 1_795_417_201_500),
        ("2026-11-23T07:00:01Z done", 1_795_417_201_000),
        ("[2026-11-23 07:00:01,25] x", 1_795_417_201_250),
        ("2026-11-23T08:00:01+01:00 done", 1_795_417_201_000),
        ("at 2026-11-23T07:00:01Z", None),
        ("2026-13-23T07:00:01Z", None),
    ],
)
def test_times_that_lines_state(line: str, at_ms: int | None) -> None:
    assert line_time_ms(line) == at_ms


def test_lines_without_a_time_have_that_of_the_line_before() -> None:
    times = LineTimes()
    assert times.of("x") is None
    assert times.of("2026-11-23T07:00:01Z y") == times.of("  at z()") == 1_795_417_201_000


def test_lines_of_the_same_second_have_the_times_that_each_states_alone() -> None:
    lines = [
        "2026-11-23T07:00:01.250Z a",
        "2026-11-23T07:00:01.251Z b",
        "2026-11-23T07:00:01.2519Z nine digits at most",
        "2026-11-23T07:00:01.252+01:00 another zone",
        "2026-11-23T07:00:01.253Z c",
        "2026-11-23 07:00:01,254 d",
        "2026-11-23 07:00:01,255 e",
        "2026-11-23 07:00:01,25x f",
        "[2026-11-23T07:00:01.256Z] g",
        "2026-11-23T07:00:02.001Z h",
    ]
    times = LineTimes()
    assert [times.of(line) for line in lines] == [line_time_ms(line) for line in lines]
    assert times.of("no time") == line_time_ms(lines[-1])


@pytest.mark.parametrize(
    ("typed", "window"),
    [
        ("15m", (NOW - 900, None)),
        ("30m..10m", (NOW - 1_800, NOW - 600)),
        ("..10m", (None, NOW - 600)),
        ("1795417200..1795417260", (1_795_417_200, 1_795_417_260)),
        ("~2m", (880, 1_120)),
    ],
)
def test_a_window_of_time_is_read(typed: str, window: tuple[float | None, float | None]) -> None:
    assert parse_window(typed, NOW, 1_000) == window


def test_a_window_may_end_at_a_time_of_day_that_the_log_does_not_reach() -> None:
    at = datetime.fromtimestamp(NOW).astimezone()
    first, last = at - timedelta(minutes=10), at + timedelta(minutes=10)
    since, until = parse_window(f"{first:%H:%M:%S}..{last:%H:%M:%S}", NOW, 0)
    assert (since, until) == (NOW - 600, NOW + 600)


@pytest.mark.parametrize("typed", ["~", "~x", "5m..10m", "soon", "a..b"])
def test_what_is_no_window_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r"is no|is not after"):
        parse_window(typed, NOW, 0)
