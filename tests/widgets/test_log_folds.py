"""Folds of repeated lines: what is alike, and rows that stand for lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widgets.log_alike import alike_runs
from widgets.log_folds import FEWEST, FoldIndex, find_runs
from widgets.log_store import LogStore


def alike(before: str, line: str) -> bool:
    return bool(alike_runs([f"{before}\n{line}\n".encode()], 0))


@pytest.mark.parametrize(
    ("before", "line"),
    [
        ("Waiting for the database", "Waiting for the database"),
        ("[Container] 2026/11/23 07:14:32.123 retry", "[Container] 2026/11/23 07:14:33.456 retry"),
        ("2026-11-23T07:14:32Z retry", "2026-11-23T07:14:35Z retry"),
        ("#7 1.250 retrying", "#7 2.250 retrying"),
        ("#7 1.2 12% of it", "#7 2.3 90% of it"),
        ("Downloading [==>    ] 1.2MB/45MB", "Downloading [======>] 900kB/45MB"),
        ("#12 sha256:ab 12.58MB / 45.1MB 0.4s", "#12 sha256:ab 32.58MB / 45.1MB 0.8s"),
        ("   ━━━━╸ 1.2/4.5 MB 3.4 MB/s eta 0:00:02", "   ━━━━━━╸ 2.2/4.5 MB 3.4 MB/s eta 0:00:01"),
        ("db.main: Still creating... [10s elapsed]", "db.main: Still creating... [20s elapsed]"),
        ("\x1b[32mok\x1b[0m 10%", "\x1b[33mok\x1b[0m 20%"),
        ("50%\r60%", "70%\r80%"),
    ],
)
def test_repeats_and_progress_are_alike(before: str, line: str) -> None:
    assert alike(before, line)


@pytest.mark.parametrize(
    ("before", "line"),
    [
        ("", ""),
        ("   ", "   "),
        ("Tests run: 14, Failures: 0", "Tests run: 14, Failures: 1"),
        ("line 1", "line 2"),
        ("#7 1.2 retry", "#8 1.2 retry"),
        ("failed 10% of 20", "failed 20% of 20"),
        ("Überprüfe 10%", "Öberpröfe 20%"),
        ("Step 3/12 : RUN make", "Step 4/12 : RUN make test"),
    ],
)
def test_what_says_something_new_is_not(before: str, line: str) -> None:
    assert not alike(before, line)


def folded(lines: list[str], size: int = 7, base: list[int] | None = None) -> FoldIndex:
    store = LogStore()
    store.append(lines)
    index = FoldIndex(base)
    index.grow(len(lines))
    for start in range(0, index.known, size):
        stop = min(start + size, index.known)
        index.extend(find_runs(store, base, start, stop), stop)
    return index


def test_a_run_takes_one_row_that_shows_its_last_line() -> None:
    index = folded(["a", *["b"] * 10, "c", "d", "d", "e"])
    assert list(index) == [0, 10, 11, 12, 13, 14]
    fold = index.fold_at(4)
    assert fold is not None
    assert (fold.first, fold.last, fold.count, fold.closed) == (1, 10, 10, True)
    assert index.fold_at(12) is None
    assert index.turn(4)
    assert list(index) == list(range(15))
    assert not index.turn(0)
    assert index.turn(10)
    assert len(index) == 6


def test_all_folds_open_and_close_and_those_to_come_too() -> None:
    index = folded(["x"] * 4 + ["y"] * 4)
    index.turn_all(closed=False)
    assert list(index) == list(range(8))
    index.turn(0)
    assert list(index) == [3, 4, 5, 6, 7]
    index.grow(12)
    index.extend([(8, 11)], 12)
    assert list(index) == [3, *range(4, 12)]
    index.turn_all(closed=True)
    assert list(index) == [3, 7, 11]


def test_a_filtered_log_folds_what_it_shows() -> None:
    index = folded(["b", "a", "b", "a", "b", "c"], base=[0, 2, 4, 5])
    assert list(index) == [4, 5]
    assert index.row_of(2) == 0
    assert index.row_of(5) == 1


LETTERS = st.lists(st.sampled_from(["a", "b", "10% done", "20% done", ""]), max_size=60)


@given(LETTERS, st.integers(1, 9), st.lists(st.integers(0, 59), max_size=4))
def test_rows_show_lines_in_order_and_each_line_has_its_row(lines: list[str], size: int, turned: list[int]) -> None:
    index = folded(lines, size)
    assert list(index) == list(folded(lines, 100))
    for line in turned:
        index.turn(line)
    shown = list(index)
    assert shown == sorted(set(shown))
    for line in range(len(lines)):
        fold = index.fold_at(line)
        assert shown[index.row_of(line)] == (fold.last if fold and fold.closed else line)
        assert fold is None or fold.count >= FEWEST
