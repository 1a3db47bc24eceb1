import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from widgets.ansi import runs, strip_sgr
from widgets.ink import as_is, visible
from widgets.log_lines import LONGEST_SHOWN, LineReader, overlay
from widgets.log_paint import LogStyles
from widgets.log_search import BadPatternError, Query, compile_query, find_lines, search_all, spans_in
from widgets.log_store import LogStore

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=40)
LOOKS = [Style(bold=bool(n & 1), italic=bool(n & 2), dim=bool(n & 4)) for n in range(8)]
STYLES = LogStyles(LOOKS[0], LOOKS[1], LOOKS[2], LOOKS[3], LOOKS[4], LOOKS[5], (LOOKS[6], LOOKS[7]))


def stored(lines: list[str]) -> LogStore:
    store = LogStore()
    store.append(lines)
    return store


# Colour


@pytest.mark.parametrize(
    ("code", "color"),
    [
        ("31", "color(1)"),
        ("91", "color(9)"),
        ("38;5;208", "color(208)"),
        ("38;2;90;180;250", "#5ab4fa"),
        ("38:2::90:180:250", "#5ab4fa"),
    ],
)
def test_colours_of_every_depth_are_read(code: str, color: str) -> None:
    assert list(runs(f"a\x1b[{code}mb\x1b[0mc")) == [("a", None), ("b", Style(color=color)), ("c", None)]


@pytest.mark.parametrize("code", ["38", "38;5", "48;2;1", "999999999", "::::", ";;;", "38;9;9"])
def test_broken_colour_codes_do_no_harm(code: str) -> None:
    assert "".join(piece for piece, _ in runs(f"\x1b[{code}mtext")) == "text"


@given(ANY_TEXT)
def test_pieces_hold_no_control_character_and_spell_the_line(line: str) -> None:
    pieces = "".join(piece for piece, _ in runs(line))
    assert not re.search("[\x00-\x1f\x7f-\x9f\ud800-\udfff]", pieces)
    assert pieces == "".join(visible(part) for part in [strip_sgr(line)]) or "\t" in line


# Store


@given(st.lists(st.lists(ANY_TEXT, max_size=5), max_size=8))
def test_every_line_comes_back_under_its_number(batches: list[list[str]]) -> None:
    store = LogStore()
    expected: list[str] = []
    for batch in batches:
        store.append(batch)
        expected += [re.sub("[\ud800-\udfff]", "\ufffd", line.replace("\n", " ")) for line in batch]
    assert len(store) == len(expected)
    assert list(store.lines()) == expected


def test_numbers_stay_over_many_blocks() -> None:
    store = LogStore()
    for start in range(0, 60_000, 500):
        store.append([f"line {n} {'x' * 80}" for n in range(start, start + 500)])
    assert store[0].startswith("line 0 ")
    assert store[59_999].startswith("line 59999 ")
    assert all(store[n].startswith(f"line {n} ") for n in range(0, 60_000, 777))


def test_memory_is_little_more_than_the_text() -> None:
    lines = [f"[Container] 2026/11/23 03:12:45 {n:>60} and some words" for n in range(50_000)]
    assert stored(lines).size_bytes <= 1.1 * sum(len(line) + 1 for line in lines)


def test_a_line_that_is_not_there_is_an_error() -> None:
    with pytest.raises(IndexError):
        stored(["a"])[1]


# Search


def test_case_is_smart() -> None:
    store = stored(["Error one", "error two", "fine"])
    assert find_lines(store, compile_query("error"), 0, 3) == [0, 1]
    assert find_lines(store, compile_query("Error"), 0, 3) == [0]


def test_text_is_found_through_colour_sequences() -> None:
    store = stored(["a", "\x1b[31mAccess\x1b[0mDenied", "31m"])
    assert find_lines(store, compile_query("accessdenied"), 0, 3) == [1]
    assert find_lines(store, compile_query("31m"), 0, 3) == [2]


def test_literal_text_is_not_a_pattern_and_a_pattern_is() -> None:
    store = stored(["a.c", "abc", "x"])
    assert find_lines(store, compile_query("a.c"), 0, 3) == [0]
    assert find_lines(store, compile_query("a.c", regex=True), 0, 3) == [0, 1]
    assert find_lines(store, compile_query("^b|c$", regex=True), 0, 3) == [0, 1]
    with pytest.raises(BadPatternError):
        compile_query("a(", regex=True)


@given(st.lists(st.text("abAé\n ", max_size=6), max_size=30), st.text("abAé", min_size=1, max_size=2), st.booleans())
def test_search_agrees_with_a_simple_one(lines: list[str], needle: str, regex: bool) -> None:
    store = stored(lines)
    fold = needle == needle.lower()
    expected = [n for n, line in enumerate(store.lines()) if (needle in line.lower() if fold else needle in line)]
    assert find_lines(store, compile_query(needle, regex=regex), 0, len(store)) == expected


def test_a_search_can_be_left_between_slices() -> None:
    store = stored(["match"] * 100_000)
    seen: list[int] = []

    def found(upto: int, lines: list[int]) -> bool:
        seen.append(upto)
        assert len(lines) == 20_000
        return len(seen) < 2

    search_all(store, compile_query("match"), 0, len(store), found)
    assert seen == [20_000, 40_000]


def test_spans_are_those_of_the_text_as_shown() -> None:
    assert spans_in("\x1b[31mab\x1b[0mab", compile_query("ab")) == [(0, 2), (2, 4)]
    assert spans_in("abc", compile_query("x*", regex=True)) == []


# Lines


def reader(query: Query | None = None) -> LineReader:
    return LineReader(as_is, STYLES, query)


def drawn(raw: str, query: Query | None = None) -> Strip:
    draw = reader(query).strip
    return draw(raw)


def test_only_the_last_overwrite_shows_and_tabs_are_expanded() -> None:
    assert drawn("10%\r50%\r100%").text == "100%"
    assert drawn("a\tb").text == "a       b"


def test_a_megabyte_is_cut_and_says_so() -> None:
    shown = reader().shown("x" * 1_000_000)
    assert len(shown) < LONGEST_SHOWN + 50
    assert shown.endswith("… +992,000 characters")


def test_matches_are_laid_over_colours() -> None:
    strip = drawn("\x1b[31mAccess\x1b[0mDenied", compile_query("den"))
    assert [segment.text for segment in strip if segment.style and segment.style.dim] == ["Den"]


def test_a_line_without_colours_gets_its_severity_marked() -> None:
    words = [s.text for s in drawn("2026-11-23T03:04:05Z npm ERROR! failed") if s.style == STYLES.error]
    assert words == ["ERROR"]


@given(st.text("abc", max_size=12), st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=3))
def test_overlaid_segments_spell_the_same(line: str, spans: list[tuple[int, int]]) -> None:
    segments = [Segment(line[:5], Style()), Segment(line[5:], None)]
    ordered = sorted((min(a, b), max(a, b)) for a, b in spans)
    assert "".join(s.text for s in overlay(segments, ordered, Style(bold=True))) == line


# Times and keys


@given(st.lists(st.tuples(st.integers(1, 5), st.one_of(st.none(), st.integers(1, 10**13))), max_size=8))
def test_every_time_comes_back_under_its_line(batches: list[tuple[int, int | None]]) -> None:
    store = LogStore()
    expected: list[int | None] = []
    for count, at_ms in batches:
        store.append(["x"] * count, None if at_ms is None else [at_ms] * count)
        expected += [at_ms] * count
    assert [store.time_of(n) for n in range(len(store))] == expected


def test_the_line_of_a_time_is_found() -> None:
    store = LogStore()
    assert store.line_at(5) is None
    store.append(["a", "b", "c"], [1_000, 2_000, 2_000])
    assert [store.line_at(at) for at in (0, 1_000, 1_001, 2_000, 9_000)] == [0, 0, 1, 1, 2]


def test_lines_within_a_private_key_are_known() -> None:
    lines = ["a", "-----BEGIN PRIVATE KEY-----", "MIIE", "AAAA", "-----END PRIVATE KEY-----", "b"]
    for split in range(len(lines)):
        store = LogStore()
        store.append(lines[:split])
        store.append(lines[split:])
        assert [store.in_key(n) for n in range(6)] == [False, False, True, True, False, False]


def test_terms_have_colours_of_their_own_and_secrets_are_masked() -> None:
    reader = LineReader(
        as_is, STYLES, None, (compile_query("one"), compile_query("two")), lambda text: text.replace("s3cret", "***")
    )
    drawn = LineReader.strip(reader, "one s3cret two")
    assert drawn.text == "one *** two"
    looks = {segment.text: segment.style for segment in drawn}
    assert looks["one"] == STYLES.base + STYLES.terms[0]
    assert looks["two"] == STYLES.base + STYLES.terms[1]
