from __future__ import annotations

import pytest

from core.causes import CAUSES
from core.signatures import KnowledgeError
from core.signatures.base import KnowledgeBase, from_texts, knowledge, parse_file
from core.signatures.entry import Mark, Signature
from core.signatures.needles import needles_of

BASE = knowledge()
MARKS = (*BASE.noise, *BASE.recoveries)

_GOOD = """
[[signature]]
id = "acme.boom"
cause = "build.command-failed"
match = ['boom at (?P<place>\\w{1,20})']
example = ['boom at noon']
counter = ['calm at noon']
source = "https://example.com"
"""


@pytest.mark.parametrize("entry", BASE.signatures, ids=lambda entry: entry.id)
def test_an_entry_matches_its_examples_and_not_its_counter_examples(entry: Signature) -> None:
    for text in entry.example:
        found = entry.search(text)
        assert found is not None, text
        candidates = dict(BASE.candidates(text.lower()))
        assert BASE.signatures.index(entry) in candidates, f"no needle of {entry.id} in {text!r}"
    for text in entry.counter:
        assert entry.search(text) is None, text
    assert entry.source.startswith("https://")


@pytest.mark.parametrize("mark", MARKS, ids=lambda mark: mark.id)
def test_a_mark_matches_its_examples_and_not_its_counter_examples(mark: Mark) -> None:
    assert all(mark.search(text) for text in mark.example)
    assert not any(mark.search(text) for text in mark.counter)


def test_every_cause_of_a_failure_has_entries() -> None:
    covered = {entry.cause for entry in BASE.signatures}
    wanted = {name for name, cause in CAUSES.items() if cause.family not in {"perf", "audit"}}
    assert wanted <= covered, sorted(wanted - covered)


def test_every_recovery_clears_entries_that_exist() -> None:
    ids = [entry.id for entry in BASE.signatures]
    for mark in BASE.recoveries:
        for start in mark.clears:
            assert any(name.startswith(start) for name in ids), f"{mark.id} clears {start}, which is nothing"


def test_summaries_name_only_groups_that_a_pattern_has() -> None:
    import re  # noqa: PLC0415

    for entry in BASE.signatures:
        wanted = set(re.findall(r"\{(\w+)\}", entry.say))
        groups = {name for pattern in entry.patterns for name in pattern.groupindex}
        assert wanted <= groups, f"{entry.id}: {wanted - groups}"


def test_reading_gives_entries_with_their_defaults() -> None:
    (entry,), noise, recoveries = parse_file(_GOOD, "acme.toml")
    assert (entry.weight, entry.kind, entry.where, entry.providers) == (0.85, "specific", "any", frozenset())
    assert noise == recoveries == []
    found = entry.search("there was a boom at noon")
    assert found is not None
    assert found["place"] == "noon"


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (('cause = "build.command-failed"', 'cause = "build.bad-mood"'), "'build.bad-mood' is no cause"),
        (("match = ['boom", "match = ['(boom"), "pattern"),
        (('id = "acme.boom"\n', ""), "id is missing"),
        (("counter = ['calm at noon']\n", ""), "counter is missing"),
        (('source = "https://example.com"', "source = 7"), "source must be a string"),
        (('id = "acme.boom"', 'id = "acme.boom"\nweight = 3'), "weight must be a number from 0 to 1"),
        (('id = "acme.boom"', 'id = "acme.boom"\nkind = "loud"'), "kind must be one of"),
        (('id = "acme.boom"', 'id = "acme.boom"\nalso = ["nothing.known=0.3"]'), "which is no cause"),
        (('id = "acme.boom"', 'id = "acme.boom"\nalso = ["build.shell=much"]'), "also must read"),
        (('id = "acme.boom"', 'id = "acme.boom"\ncolour = "red"'), "unknown key 'colour'"),
        (("[[signature]]", "[[signatures]]"), "unknown table 'signatures'"),
        (("match = ['boom at (?P<place>\\w{1,20})']", "match = ['[0-9]{3}']"), "requires no literal"),
        (("id = ", "id : "), "not valid TOML"),
    ],
)
def test_a_mistake_names_file_entry_and_fault(change: tuple[str, str], fault: str) -> None:
    text = _GOOD.replace(*change)
    with pytest.raises(KnowledgeError, match=r"acme\.toml") as raised:
        _use(text)
    assert fault in str(raised.value)


def _use(text: str) -> None:
    base = from_texts([("acme.toml", text)])
    base.candidates("boom")
    for entry in base.signatures:
        entry.search("boom at noon")


def test_an_id_may_not_be_taken_twice() -> None:
    with pytest.raises(KnowledgeError, match=r"other\.toml.*taken by acme\.toml"):
        from_texts([("acme.toml", _GOOD), ("other.toml", _GOOD)])


def test_provider_and_stage_narrow_an_entry() -> None:
    entry = Signature("x", "build.shell", ("boom",), providers=frozenset({"ecs", "?"}), stages=frozenset({"deploy"}))
    assert entry.applies("ECS", "Deploy")
    assert entry.applies("", "Deploy")
    assert not entry.applies("S3", "Deploy")
    assert not entry.applies("ECS", "")


@pytest.mark.parametrize(
    ("pattern", "needles"),
    [
        ("no such thing", ("no such thing",)),
        ("(?:alpha|gamma) go", ("alpha", "gamma")),
        ("(?:alpha|beta) wave", (" wave",)),
        (r"error \d+ in \w+ module", (" module",)),
        ("colou?red glass", ("red glass",)),
        ("(?:maybe )?certain", ("certain",)),
        ("one|another", ()),
        (r"it\x27s\.here", ("it's.here",)),
        ("[abc]{3}", ()),
        ("x*y?", ()),
        ("(?!never)always", ("always",)),
        ("exit status 137", ("exit status ",)),
    ],
)
def test_needles_are_what_every_match_must_hold(pattern: str, needles: tuple[str, ...]) -> None:
    assert needles_of(pattern) == needles


def test_candidates_do_not_depend_on_digits() -> None:
    (entry,), _, _ = parse_file(_GOOD.replace("boom at", "boom 7 at"), "acme.toml")
    base = KnowledgeBase((entry,))
    assert base.candidates("boom 7 at noon") == base.candidates("boom  at noon") != ()
