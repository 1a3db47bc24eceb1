"""The filter's language."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import action, entry, execution, revision, stage
from tui.fleet_fields import fields_of
from tui.fleet_query import QUERY_COLUMNS, Fields, QueryError, parse_query
from tui.rows import Where

RED = stage("Build", "Failed", action("Compile", "Failed", ago_s=60, error_message="exit status 1"))
ROW = fields_of(
    entry(RED, latest=execution("Failed", revisions=(revision("Validate IBANs", author="lena"),))),
    Where("prod", "error", "111122223333"),
    {"Team": "Payments"},
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("billing failed", True), ("billing ok", False), ("!ok", True), ("!!failed", True), ("!billing", False),
        ("/^bill/", True), ("/^ill/", False), ("!/^ill/", True), ("/exit status \\d/", True), ("name:/^b.*g$/", True),
        ("status:failed", True), ("is:ok", False), ("region:eu-west", True), ("stage:compile", True),
        ("why:exit", True), ("account:1111", True), ("context:prod", True), ("!context:prod", False), ("~blng", True),
        ("~gnlb", False), ('"validate ibans"', True), ('"ibans validate"', False), ("ibans validate", True),
        ('what:"e ibans"', True), ("tag:team=payments", True), ("tag:team=pay", False), ("tag:team", True),
        ("tag:owner", False), ("!tag:owner", True), ("", True), ("!", True), ("tag:", True), ("//", True),
        ("nope:x", False),
    ],
)  # fmt: skip
def test_terms(text: str, shown: bool) -> None:
    assert parse_query(text).matches(ROW) is shown


@pytest.mark.parametrize("text", ["/(/", "/[a/", "/(a+)+$/", "nope:/x/", f"/{'a' * 300}/"])
def test_what_cannot_be_read_or_could_run_long_is_said(text: str) -> None:
    with pytest.raises(QueryError):
        parse_query(text)


WORDS = st.text(string.ascii_letters + string.digits + "-_.", min_size=1, max_size=8)
TERMS = st.one_of(
    WORDS,
    st.tuples(st.sampled_from(sorted(QUERY_COLUMNS)), WORDS).map(":".join),
    WORDS.map(lambda word: f"~{word}"),
    WORDS.map(lambda word: f"/{word}/"),
    st.tuples(WORDS, WORDS).map(lambda pair: f"tag:{pair[0]}={pair[1]}"),
)
ROWS = st.builds(
    lambda columns, tags: Fields(columns, "\n".join(columns.values()), tags),
    st.dictionaries(st.sampled_from(sorted(set(QUERY_COLUMNS.values()))), WORDS.map(str.lower)),
    st.dictionaries(WORDS.map(str.lower), WORDS.map(str.lower), max_size=2),
)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    try:
        parse_query(text).matches(ROW)
    except QueryError as error:
        assert str(error)  # noqa: PT017 (both ends are right)


@given(TERMS, ROWS)
def test_a_bang_turns_a_term_round(term: str, row: Fields) -> None:
    assert parse_query(f"!{term}").matches(row) is not parse_query(term).matches(row)


@given(st.lists(TERMS, max_size=4), ROWS)
def test_terms_side_by_side_must_all_hold_in_any_order(terms: list[str], row: Fields) -> None:
    whole = parse_query(" ".join(terms)).matches(row)
    assert whole is all(parse_query(term).matches(row) for term in terms)
    assert whole is parse_query("  ".join(reversed(terms))).matches(row)


@given(WORDS, ROWS)
def test_what_holds_as_text_holds_as_letters_in_that_column(word: str, row: Fields) -> None:
    if parse_query(f"name:{word}").matches(row):
        assert parse_query(f"~{word}").matches(row)
