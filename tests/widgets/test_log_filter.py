import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from widgets.log_filter import FilterIndex, LogFilter, Severity, find_severe, find_wanted
from widgets.log_search import compile_query
from widgets.log_store import LogStore


def stored(lines: list[str], times: list[int] | None = None) -> LogStore:
    store = LogStore()
    store.append(lines, times)
    return store


@given(st.sets(st.integers(0, 60)), st.integers(0, 5), st.lists(st.integers(1, 20), min_size=1, max_size=12))
def test_the_index_holds_every_wanted_line_with_its_context_once(
    wanted: set[int], context: int, slices: list[int]
) -> None:
    index = FilterIndex(context)
    upto = 0
    for size in slices:
        start, upto = upto, upto + size
        index.extend(sorted(line for line in wanted if start <= line < upto), upto)
    hits = [line for line in wanted if line < upto]
    assert list(index.rows) == [n for n in range(upto) if any(abs(n - hit) <= context for hit in hits)]


def test_lines_match_all_that_is_included_and_nothing_excluded() -> None:
    store = stored(["a error", "b error", "a fine", "a ERROR x"])
    wanted = LogFilter((compile_query("error"), compile_query("a ")), (compile_query("x"),))
    assert find_wanted(store, wanted, 0, 4) == [0]
    assert find_wanted(store, LogFilter(exclude=(compile_query("error"),)), 0, 4) == [2]


def test_severity_is_read_from_a_lines_words() -> None:
    lines = [
        "\x1b[31mERROR\x1b[0m no", "fine", "3 warnings? no, warning: x", "AccessDeniedException", "errorless",
        "npm ERR! code 1", "User is not authorized to perform", "1 failed", "unwarned",
    ]  # fmt: skip
    store = stored(lines)
    assert find_severe(store, 0, len(lines), warnings=False) == [0, 3, 5, 6, 7]
    assert find_wanted(store, LogFilter(severity=Severity.WARNING), 0, len(lines)) == [0, 2, 3, 5, 6, 7]


@given(st.lists(st.sampled_from(["an Error", "warn", "x", "fatal é", "\x1b[1mFAILED\x1b[0m", ""]), max_size=30))
def test_severe_lines_are_those_a_walk_finds(lines: list[str]) -> None:
    found = find_severe(stored(lines), 0, len(lines), warnings=False)
    assert found == [n for n, line in enumerate(lines) if re.search("Error|fatal|FAILED", line)]


def test_a_window_of_time_keeps_its_lines() -> None:
    store = stored(["a", "b", "c"], [1_000, 2_000, 3_000])
    assert find_wanted(store, LogFilter(since_ms=2_000), 0, 3) == [1, 2]
    assert find_wanted(store, LogFilter(until_ms=2_000), 0, 3) == [0]
    assert find_wanted(stored(["a"]), LogFilter(since_ms=0), 0, 1) == []


def test_a_filter_says_what_it_does() -> None:
    assert LogFilter(context=3).words == ""
    wanted = LogFilter((compile_query("timeout"),), (compile_query("debug"),), Severity.ERROR, 2)
    assert wanted.words == "timeout · not debug · errors ±2"


def test_counts_of_no_errors_and_names_in_paths_are_no_errors() -> None:
    lines = [
        "Tests run: 14, Failures: 0, Errors: 0", "0 errors", "no errors found", "failed=0", '"error": 0',
        "see https://docs.example.com/errors#failed",
    ]  # fmt: skip
    assert find_severe(stored(lines), 0, len(lines), warnings=False) == []
    lines = ["Failures: 1", "10 errors", "failed=2", '"error": "x"', '{"level":50,"msg":"x"}', "[ERROR] at 0"]
    assert find_severe(stored(lines), 0, len(lines), warnings=False) == list(range(len(lines)))


def test_a_filter_turned_about_leaves_out_what_it_showed_within_the_same_time() -> None:
    store = stored(["a", "b", "a", "b", "c"], [10, 20, 30, 40, 50])
    wanted = LogFilter((compile_query("a"),), since_ms=20, until_ms=50)
    assert find_wanted(store, wanted, 0, 5) == [2]
    assert find_wanted(store, replace(wanted, inverted=True), 0, 5) == [1, 3]
    assert find_wanted(store, LogFilter(since_ms=20, inverted=True), 0, 5) == [1, 2, 3, 4]
    assert "all but (a) · " in replace(wanted, inverted=True).words
