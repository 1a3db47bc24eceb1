from __future__ import annotations

import time

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.signatures import Failure, LogScanner, examine
from core.signatures.base import knowledge

_EXAMPLES = [text for entry in knowledge().signatures for text in entry.example]
_BITS = st.one_of(
    st.text(max_size=80),
    st.sampled_from(_EXAMPLES),
    st.sampled_from(
        [
            "[Container] 2026/05/02 08:11:01 Running command ",
            "Command did not exit successfully x exit status 1",
            "Phase complete: BUILD State: FAILED",
            "Phase context status code: X Message: ",
            "\x1b[31m", "\r", "\x00", '{"message": "', "arn:aws:iam::111122223333:role/", "error " * 30, "'" * 50,
        ]
    ),
)  # fmt: skip
_TEXTS = st.lists(_BITS, max_size=12).map("".join)
_LOGS = st.lists(_TEXTS, max_size=12).map("\n".join)
_SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@_SETTINGS
@given(message=_TEXTS, log=_LOGS, provider=st.sampled_from(["", "CodeBuild", "ECS", "x" * 99]))
def test_no_text_makes_it_raise_and_all_figures_stay_in_range(message: str, log: str, provider: str) -> None:
    found = examine(Failure(provider=provider, message=message, log=log))
    assert found.verdict in {"explained", "unknown", "healthy"}
    if found.verdict != "explained":
        assert all(item.confidence <= 0.4 for item in found.hypotheses)
    assert bool(found.hypotheses) or found.verdict != "explained"
    for item in found.hypotheses:
        assert 0 <= item.confidence <= 0.99
        assert item.evidence
    lines = log.count("\n") + 1
    assert all(1 <= number <= lines for number in found.error_lines)


@_SETTINGS
@given(log=st.binary(max_size=4000), cut=st.integers(0, 4000))
def test_no_bytes_make_it_raise_and_batches_do_not_matter(log: bytes, cut: int) -> None:
    whole, parts = LogScanner(), LogScanner()
    whole.feed(log)
    parts.feed(log[:cut])
    parts.feed(log[cut:])
    assert whole.result() == parts.result()


@_SETTINGS
@given(bit=_TEXTS.filter(bool))
def test_time_grows_with_the_length_of_a_text_and_not_with_its_square(bit: str) -> None:
    """A text 16 times as long may take 16 times as long, with room for a machine that is busy; not 256 times."""
    short = (bit * 4000)[:4000]
    took = _took(short)
    assert _took(short * 16) < max(took * 16 * 4, 1.0)


def _took(text: str) -> float:
    began = time.process_time()
    examine(Failure(message=text, log=text))
    return time.process_time() - began
