"""Accepted findings: read with their mistakes, matched, over, unused, and written back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.audit.judge import judge_all
from core.audit.model import Suppression
from core.audit.suppress import apply, as_toml, read
from tests.core.audit.cases import allow, case, role, store, together

TODAY = "2026-11-23"
HOSTILE = 'say "no" \\ \x1b[2J \u202e 日本 🚀'


FLEET = judge_all(
    [
        case(
            name=name,
            facts=together(store(encryption=None), role(allow("*"), arn="arn:aws:iam::111122223333:role/shop")),
        )
        for name in ("one", "two")
    ]
).findings


def entry(**members: str) -> Suppression:
    return replace(Suppression("known", "2027-01-01"), **members)  # type: ignore[arg-type]


def test_a_file_is_read_with_lines() -> None:
    text = '# mine\n\n[[suppress]]\ncause = "audit.iam-broad"\nreason = "sandbox"\nuntil = 2027-03-31\n'
    found = read(text)
    assert found.mistakes == ()
    assert found.entries == (Suppression("sandbox", "2027-03-31", cause="audit.iam-broad", line=3),)


@pytest.mark.parametrize(
    ("lines", "line", "words"),
    [
        ('cause = "audit.iam-broad"\nuntil = 2027-03-31', 1, "reason is missing"),
        ('cause = "audit.iam-broad"\nreason = "x"', 1, "until is missing"),
        ('reason = "x"\nuntil = 2027-03-31', 1, "accept everything"),
        ('cause = "audit.iam-brood"\nreason = "x"\nuntil = 2027-03-31', 2, "is audit.iam-broad meant?"),
        ('rule = "role-admn"\nreason = "x"\nuntil = 2027-03-31', 2, "is role-admin meant?"),
        ('regex = "("\nreason = "x"\nuntil = 2027-03-31', 2, "cannot be read"),
        ('rule = "gate"\nreason = "x"\nuntil = "2027-03-31"', 4, "without quotes"),
        ('rule = "gate"\nreason = " "\nuntil = 2027-03-31', 3, "not empty"),
        ('rule = "gate"\nresorce = "y"\nreason = "x"\nuntil = 2027-03-31', 3, "is resource meant?"),
        ('rule = "gate\nreason = "x"', 2, ""),
    ],
)
def test_a_mistake_is_told_with_its_line_and_the_entry_does_not_count(lines: str, line: int, words: str) -> None:
    found = read(f"[[suppress]]\n{lines}\n")
    assert found.entries == ()
    assert found.mistakes[0].line == line
    assert words in found.mistakes[0].message


def test_one_mistake_does_not_take_the_other_entries_away() -> None:
    good = '[[suppress]]\nrule = "gate"\nreason = "x"\nuntil = 2027-03-31\n'
    found = read(f"{good}[[suppress]]\nrule = 1\n{good}")
    assert [each.line for each in found.entries] == [1, 7]
    assert {each.line for each in found.mistakes} == {5, 6}


@pytest.mark.parametrize(
    ("members", "rules"),
    [
        ({"cause": "audit.artifact-store"}, {"store-encryption"}),
        ({"cause": "audit.*"}, {"store-encryption", "role-admin"}),
        ({"rule": "role-*"}, {"role-admin"}),
        ({"resource": "arn:aws:s3:::*"}, {"store-encryption"}),
        ({"regex": "^Artifact bucket"}, {"store-encryption"}),
        ({"rule": "role-admin", "resource": "arn:aws:s3:::*"}, set()),
    ],
)
def test_all_members_of_an_entry_must_fit(members: dict[str, str], rules: set[str]) -> None:
    applied = apply(FLEET, [entry(**members)], TODAY)
    assert {each.rule for each in applied.findings if each.suppressed} == rules
    assert bool(applied.unused) is not bool(rules)


def test_an_entry_for_one_pipeline_leaves_the_finding_for_the_others() -> None:
    applied = apply(FLEET, [entry(rule="role-admin", pipeline="one")], TODAY)
    mine = [each for each in applied.findings if each.rule == "role-admin"]
    assert [(bool(each.suppressed), [ref.name for ref in each.pipelines]) for each in mine] == [
        (True, ["one"]),
        (False, ["two"]),
    ]


def test_an_entry_holds_on_its_last_day_and_not_after() -> None:
    last = Suppression("known", TODAY, cause="audit.*")
    assert all(each.suppressed for each in apply(FLEET, [last], TODAY).findings)
    over = apply(FLEET, [last], "2026-11-24")
    assert over.expired == (last,)
    assert not any(each.suppressed for each in over.findings)


def test_brackets_in_a_name_are_no_pattern() -> None:
    applied = apply(FLEET, [entry(resource="arn:aws:s3:::[a-z]*")], TODAY)
    assert not any(each.suppressed for each in applied.findings)


@pytest.mark.parametrize("reason", ["plain", HOSTILE, 'quote " and \\ back', "line\nbreak"])
def test_what_is_written_is_what_is_read(reason: str) -> None:
    written = Suppression(reason, "2027-03-31", rule="gate", resource="arn:aws:x:::y", regex=r"^a\.b\d+")
    (again,) = read(as_toml(written)).entries
    assert (again.reason, again.regex, again.resource, again.until) == (
        reason,
        r"^a\.b\d+",
        "arn:aws:x:::y",
        "2027-03-31",
    )
    assert "\x1b" not in as_toml(written)
