from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from tui.logs.sieve import LogLine, Sieve, compile_pattern


def lines(texts: list[str]) -> list[LogLine]:
    return [LogLine(n, None, text) for n, text in enumerate(texts, 1)]


@given(
    st.lists(st.sampled_from(["a", "b", "ab", ""]), max_size=40), st.integers(0, 4), st.integers(1, 7), st.booleans()
)
def test_every_wanted_line_comes_with_its_context_once_and_in_order(
    texts: list[str], context: int, page: int, exclude: bool
) -> None:
    sieve = Sieve([re.compile("a")], [re.compile("b")] if exclude else [], context)
    every = lines(texts)
    given_lines = [line for at in range(0, len(every), page) for line in sieve.pass_on(every[at : at + page])]
    hits = [n for n, text in enumerate(texts, 1) if "a" in text and not (exclude and "b" in text)]
    assert [line.number for line in given_lines] == [
        n for n in range(1, len(texts) + 1) if any(abs(n - hit) <= context for hit in hits)
    ]
    before = 0
    for line in given_lines:
        assert line.gap is (before > 0 and line.number != before + 1)
        before = line.number


def test_capitals_count_once_there_is_one() -> None:
    assert compile_pattern("error").search("ERROR")
    assert not compile_pattern("Error").search("ERROR")
    assert compile_pattern("a.b(", fixed=True).search("A.B(")
