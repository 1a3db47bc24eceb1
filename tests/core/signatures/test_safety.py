from __future__ import annotations

import re
import time

import pytest

from core.signatures.base import knowledge
from core.signatures.entry import FLAGS
from core.signatures.extract import _TEXTS
from core.signatures.normalise import _PREFIX, MAX_LINE
from core.signatures.phases import _MARKER
from core.signatures.safety import MAX_WORK, fault_of, work_of

BASE = knowledge()
PATTERNS = [
    *((entry.id, pattern) for entry in BASE.signatures for pattern in (*entry.match, *entry.unless)),
    *((mark.id, pattern) for mark in (*BASE.noise, *BASE.recoveries) for pattern in mark.match),
    *((f"extract {name}", pattern) for name, pattern in _TEXTS),
    ("prefix", _PREFIX.pattern),
    ("marker", _MARKER.pattern),
]


def test_no_pattern_can_run_for_long() -> None:
    faults = {(name, pattern): fault for name, pattern in PATTERNS if (fault := fault_of(pattern))}
    assert faults == {}


@pytest.mark.parametrize(
    "pattern",
    [r"(a+)+b", r"(?:\w{1,60}){2,40}x", r"(?:a|aa)+$", r"error (?:.{0,200}x){9,}", r"((?:ab)*)*c", r"(\d+,?)+;"],
)
def test_a_repeat_inside_a_repeat_is_refused(pattern: str) -> None:
    assert fault_of(pattern) == "a repeat inside a repeat"


@pytest.mark.parametrize("pattern", [r".*.*=.*", r"\S+\s*\S+\s*\S+!", r"a.{0,900}b.{0,900}c.{0,900}d"])
def test_repeats_that_share_a_text_are_refused(pattern: str) -> None:
    assert "steps on one line" in fault_of(pattern)


@pytest.mark.parametrize(
    "pattern", [r"exit status (\d{1,9}) in (\d{1,9})", "plain words", r"^a.{0,80}b", r"x[^ ]{1,80} y"]
)
def test_patterns_in_use_everywhere_are_allowed(pattern: str) -> None:
    assert fault_of(pattern) == ""


def test_the_estimate_grows_with_what_backtracking_can_do() -> None:
    assert work_of("abc") < work_of("a.{0,80}b") < work_of("a.{0,80}b.{0,80}c") < work_of("a.{0,80}b.{0,800}c.{0,80}d")


def test_hostile_lines_take_no_longer_than_the_estimate_allows() -> None:
    """Lines made of what a pattern begins with, again and again, are the worst a pattern can be given."""
    worst = sorted(PATTERNS, key=lambda item: -work_of(item[1]))[:40]
    for name, pattern in worst:
        compiled = re.compile(pattern, FLAGS)
        for text in _hostile(pattern):
            began = time.process_time()
            compiled.search(text)
            assert time.process_time() - began < MAX_WORK * 1e-7, (name, pattern)


def _hostile(pattern: str) -> list[str]:
    words = [word for word in re.findall(r"[A-Za-z ]{3,}", pattern) if word.strip()] or ["x"]
    bits = [words[0], " ".join(words[:2]), "".join(words), words[0] + " a:b/c.d-e_f ", words[0] + "1"]
    return [(bit * MAX_LINE)[:MAX_LINE] for bit in bits] + ["a" * MAX_LINE, " " * MAX_LINE, "/" * MAX_LINE]
