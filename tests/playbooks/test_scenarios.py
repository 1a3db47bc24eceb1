"""Every scenario ends in its cause, and the healthy ones in none."""

from __future__ import annotations

import pytest

from core.finding import Verdict
from playbooks import discover
from tests.playbooks.corpus import Case, cases
from tests.playbooks.scene import run, whole

TROUBLE = [case for case in cases() if case.cause]
HEALTHY = [case for case in cases() if not case.cause]


@pytest.mark.parametrize("case", TROUBLE, ids=lambda case: case.name)
async def test_the_playbook_names_the_cause(case: Case) -> None:
    done = await run(case.playbook, case.subject, case.evidence())
    causes = {finding.cause: finding for finding in done.findings}
    said = {step: (answer.verdict.value, answer.detail) for step, answer in done.answers.items()}
    assert case.cause in causes, said
    assert causes[case.cause].facts or causes[case.cause].summary


@pytest.mark.parametrize("case", TROUBLE, ids=lambda case: case.name)
async def test_the_diagnosis_names_the_cause_first(case: Case) -> None:
    diagnosis = await whole(case.subject, case.evidence())
    ranked = [(each.cause, each.proven, round(each.confidence, 2), each.playbook) for each in diagnosis.findings]
    assert ranked, diagnosis.checks
    assert ranked[0][0] == case.cause, ranked
    assert ranked[0][1] is case.proven, ranked
    assert diagnosis.api_calls <= 40
    first = diagnosis.findings[0]
    said = " ".join(f"{fix.id} {fix.title} {' '.join(fix.steps)} {' '.join(fix.commands)}" for fix in first.fixes)
    assert case.fix in said
    if case.automatic:
        assert any(fix.plan for fix in first.fixes), first.fixes


@pytest.mark.parametrize("case", HEALTHY, ids=lambda case: case.name)
async def test_nothing_is_found_where_nothing_is_wrong(case: Case) -> None:
    diagnosis = await whole(case.subject, case.evidence())
    assert diagnosis.findings == ()
    assert not [check for check in diagnosis.checks if check.answer.verdict is Verdict.FAILED]
    assert case.playbook in {check.playbook for check in diagnosis.checks}


@pytest.mark.parametrize("book", discover(), ids=lambda book: book.id)
def test_every_playbook_has_two_causes_and_a_healthy_scenario(book: object) -> None:
    mine = [case for case in cases() if case.playbook == getattr(book, "id", "")]
    assert len([case for case in mine if case.cause]) >= 2
    first = [cause for cause in getattr(book, "causes", ()) if not cause.startswith("perf.")]
    assert len({case.cause for case in mine if case.cause}) >= min(2, len(first))
    assert any(not case.cause for case in mine)
