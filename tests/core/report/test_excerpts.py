from __future__ import annotations

from core.report.excerpts import excerpts_of
from core.signatures import EvidenceLine, Explanation, Hypothesis

LINES = [f"line {n}" for n in range(1, 101)]


def found(cause: int | None, first: int | None = None, *others: int) -> Explanation:
    lines = tuple(EvidenceLine(n, "x") for n in (cause, *others) if n)
    said = (Hypothesis("build.oom", 0.9, "t", "s", lines),) if lines else ()
    return Explanation(said, (), "explained" if said else "unknown", first, cause)


def test_the_lines_around_the_cause_keep_their_numbers() -> None:
    (part,) = excerpts_of("log", LINES, found(50, 50, 48))
    assert (part.first, part.cause, part.marked, part.total) == (43, 50, (48, 50), 100)
    assert part.lines[50 - part.first] == "line 50"


def test_a_first_error_far_away_is_a_part_of_its_own_and_a_near_one_is_not() -> None:
    assert [each.first for each in excerpts_of("log", LINES, found(80, 10))] == [3, 73]
    assert [each.first for each in excerpts_of("log", LINES, found(50, 45))] == [38]


def test_where_no_line_stands_out_the_end_is_shown() -> None:
    (part,) = excerpts_of("log", LINES, found(None))
    assert (part.first, part.lines[-1], part.cause) == (86, "line 100", None)
    assert excerpts_of("log", [], found(None)) == ()


def test_secrets_are_masked_also_where_a_key_began_before_the_excerpt() -> None:
    lines = ["-----BEGIN RSA PRIVATE KEY-----", *["MIIEsecret"] * 20, "-----END RSA PRIVATE KEY-----", "done"]
    (part,) = excerpts_of("log", lines, found(15))
    assert "MIIEsecret" not in "\n".join(part.lines)


def test_control_sequences_and_long_lines_are_cut() -> None:
    (part,) = excerpts_of("log", ["\x1b[31mred\x1b[0m\x1b]0;title\x07", "y" * 5000], found(1))
    assert part.lines[0] == "red"
    assert len(part.lines[1]) <= 320
