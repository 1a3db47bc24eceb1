from __future__ import annotations

import pytest

from core.signatures import examine
from tests.core.signatures.corpus import CASES, Case

# A noisy log has this many lines at least.
NOISY = 100


def test_the_corpus_is_as_large_as_promised() -> None:
    noisy = [case for case in CASES if case.noisy]
    nothing = [case for case in CASES if case.verdict != "explained" or case.max_confidence < 1]
    assert len(CASES) >= 150
    assert len(noisy) >= 40
    assert all(str(case.failure.log).count("\n") >= NOISY for case in noisy)
    assert len(nothing) >= 15
    assert len({case.id for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", [case for case in CASES if case.cause], ids=lambda case: case.id)
def test_the_root_cause_comes_first(case: Case) -> None:
    found = examine(case.failure)
    assert found.hypotheses, found.telling
    top = found.hypotheses[0]
    assert top.cause == case.cause, [(item.cause, item.confidence, item.signature) for item in found.hypotheses]
    assert top.confidence <= case.max_confidence
    assert dict(top.extracted) | dict(case.extracted) == dict(top.extracted)
    assert top.evidence
    assert top.evidence[0].is_cause or found.verdict == "unknown"
    assert found.verdict == case.verdict
    if found.verdict == "unknown":
        assert top.confidence <= 0.4
    if case.max_confidence < 1:
        assert found.telling


@pytest.mark.parametrize("case", [case for case in CASES if not case.cause], ids=lambda case: case.id)
def test_what_is_not_known_is_not_dressed_up(case: Case) -> None:
    found = examine(case.failure)
    assert found.verdict == case.verdict, [(item.cause, item.confidence, item.signature) for item in found.hypotheses]
    # All that may be said is what holds of any failed action of the provider, and that hardly.
    assert all(item.confidence <= 0.25 and not item.signature for item in found.hypotheses)
    assert bool(found.telling) == (case.verdict == "unknown")


@pytest.mark.parametrize("case", [case for case in CASES if case.noisy and case.cause], ids=lambda case: case.id)
def test_the_cause_line_is_the_one_in_the_failure_itself(case: Case) -> None:
    found = examine(case.failure)
    if found.cause_line is not None:
        lines = str(case.failure.log).split("\n")
        assert found.cause_line > NOISY
        assert found.hypotheses[0].evidence[0].text.strip()[:20] in lines[found.cause_line - 1]
