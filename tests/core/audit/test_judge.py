"""From issues to findings: merged over the fleet, marks that stay, blind spots, scores."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.audit.case import Kind
from core.audit.judge import judge_all
from core.audit.model import Severity
from core.audit.score import score, scores
from core.fact import Outcome
from tests.core.audit.cases import BUCKET, ROLE, Facts, allow, case, fact, log_group, project, role, store, together


def poor() -> Facts:
    return together(store(encryption=None), role(allow("*")))


def test_what_several_pipelines_share_is_one_finding_with_all_of_them() -> None:
    held = poor()
    judged = judge_all([case(name="one", facts=held), case(name="two", facts=held)])
    found = {each.rule: each for each in judged.findings}
    assert [ref.name for ref in found["store-encryption"].pipelines] == ["one", "two"]
    assert [ref.name for ref in found["role-admin"].pipelines] == ["one", "two"]
    assert found["role-admin"].region == ""  # IAM has no regions
    assert [each.severity.rank for each in judged.findings] == sorted(each.severity.rank for each in judged.findings)


def test_the_mark_of_a_finding_stays_from_run_to_run_and_differs_by_resource() -> None:
    once, again = (judge_all([case(facts=poor())]).findings for _ in range(2))
    assert [each.id for each in once] == [each.id for each in again]
    assert len({each.id for each in once}) == len(once)


def test_a_denied_read_is_said_with_the_permission_and_is_no_finding() -> None:
    facts = role(allow("s3:GetObject", on=f"arn:aws:s3:::{BUCKET}/*"))
    denied = fact("GetRole", None, Outcome.DENIED, "iam", RoleName="shop")
    facts[Kind.ROLE] = {ROLE: denied}
    judged = judge_all([case(name="one", facts=facts), case(name="two", facts=facts)])
    (blind,) = judged.blind
    assert blind.denied
    assert blind.sentence == "Not allowed to look: iam GetRole of shop. Add iam:GetRole to your own policy."
    assert blind.rules == ("role-trust",)
    assert [ref.name for ref in blind.pipelines] == ["one", "two"]
    assert not [each for each in judged.findings if each.rule == "role-trust"]


def test_answers_are_dropped_from_findings_because_they_may_hold_secrets() -> None:
    secret = {"name": "DB_PASSWORD", "value": "hunter2-and-more", "type": "PLAINTEXT"}
    judged = judge_all([case(facts=project(variables=[secret]))])
    assert judged.findings
    assert all(read.value is None and read.ok for each in judged.findings for read in each.facts)


def test_an_answer_cut_short_is_a_blind_spot_too() -> None:
    rules = {Kind.EVENT_RULES: {"eu-west-1": fact("ListRules", {"Rules": []}, Outcome.TRUNCATED)}}
    judged = judge_all([case(facts=rules)])
    assert [each.denied for each in judged.blind] == [False]


@pytest.mark.parametrize(
    ("severities", "wanted"),
    [
        ((), 100),
        ((Severity.INFO,) * 9, 100),
        ((Severity.LOW,), 98),
        ((Severity.MEDIUM,), 92),
        ((Severity.HIGH, Severity.MEDIUM), 74),
        ((Severity.CRITICAL, Severity.CRITICAL), 36),
        ((Severity.CRITICAL,) * 40, 0),
    ],
)
def test_a_score_falls_with_every_finding_and_never_below_nothing(
    severities: tuple[Severity, ...], wanted: int
) -> None:
    assert score(severities) == wanted


def test_each_pipeline_has_its_own_score() -> None:
    bad, good = case(name="bad", facts=poor()), case(name="good", facts=together(project(), log_group(90)))
    judged = judge_all([bad, good])
    found = scores([bad.ref, good.ref], judged.findings)
    assert found[good.ref] == 100
    assert found[bad.ref] == score(each.severity for each in judged.findings) < 60
    assert scores([replace(bad.ref, name="other")], judged.findings) == {replace(bad.ref, name="other"): 100}
