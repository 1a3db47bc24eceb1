from __future__ import annotations

from core.finding import Fix
from core.ranking import from_hypotheses, merge, rank
from core.signatures import Hypothesis
from tests.builders import automatic, finding


def test_what_a_check_proved_outranks_any_guess() -> None:
    guess, proof = finding("a.guess", 0.99), finding("a.proof", 0.4, proven=True)
    assert rank([guess, proof]) == (proof, guess)


def test_guesses_stand_by_their_confidence() -> None:
    low, high = finding("a.low", 0.3), finding("a.high", 0.9)
    assert rank([low, high]) == (high, low)


def test_a_refuted_guess_is_dropped_and_a_proven_one_is_not() -> None:
    guess, proof = finding("a.guess"), finding("a.proof", proven=True)
    assert rank([guess, proof], refuted=frozenset({"a.guess", "a.proof"})) == (proof,)


def test_the_same_cause_twice_is_one_finding_with_the_facts_of_both() -> None:
    text = finding(confidence=0.9, title="from words", facts=(3, 1), fixes=(Fix("x.next", "Look"),))
    check = finding(confidence=0.7, title="from a check", facts=(1, 2), fixes=(automatic(),), proven=True)
    (one,) = rank([text, check])
    assert (one.title, one.proven, one.facts, one.confidence) == ("from a check", True, (1, 2, 3), 0.9)
    assert [fix.id for fix in one.fixes] == ["artifact.access-denied.allow"]


def test_an_automatic_fix_of_the_lesser_finding_is_kept() -> None:
    sure = finding(confidence=0.9, fixes=(Fix("by-hand", "Do it"),), proven=True)
    other = finding(confidence=0.5, fixes=(automatic(), Fix("vague", "Look around")))
    assert [fix.id for fix in merge(other, sure).fixes] == ["by-hand", "artifact.access-denied.allow"]


def test_words_become_findings_that_cite_where_they_were_read() -> None:
    said = Hypothesis("build.tests-failed", 0.6, "Tests fail", "2 failed", next=("Run them", "Look"), link="https://x")
    quiet = Hypothesis("build.tool-missing", 0.2, "Tool missing", "tox")
    first, second = from_hypotheses([said, quiet], "Build", "Unit", (4,))
    assert (first.stage, first.action, first.facts, first.proven) == ("Build", "Unit", (4,), False)
    assert (first.fixes[0].title, first.fixes[0].steps, first.fixes[0].kind) == (
        "Run them",
        ("Run them", "Look"),
        "manual",
    )
    assert second.fixes == ()
