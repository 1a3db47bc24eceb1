"""Where an account shows less than it holds, no check breaks and nothing unseen is proven against the text.

An endpoint (or the caller's rights) may leave any operation unanswered: refused, failed, not known, or answered with
nothing in it. What is then named first must be the scenario's cause, or what its text says.
"""

from __future__ import annotations

from typing import Any

import pytest

from core.fact import Fact, Outcome
from tests.playbooks.corpus import Case, cases
from tests.playbooks.recorded import Recorded, Reply
from tests.playbooks.scene import whole, world

SILENT = {
    Outcome.ERROR: Reply("", "", None, {}, Outcome.ERROR, "NotImplemented", "not served here"),
    Outcome.NO_DATA: Reply("", "", None, {}, Outcome.NO_DATA, "ResourceNotFoundException", "not found"),
    Outcome.DENIED: Reply("", "", None, {}, Outcome.DENIED, "AccessDeniedException", "not authorized"),
    Outcome.OK: Reply("", "", {}),
}
# Both of its buckets are gone when all buckets are: the one that it writes to is as good a cause.
TWO_FIT = {("permissions-cross-account-bucket", Outcome.NO_DATA)}


class Gaps(Recorded):
    """A recording in which all that is not recorded, and all of one service, has one outcome."""

    def __init__(self, *replies: Reply, silent: Outcome, service: str = "") -> None:
        super().__init__(*replies)
        self._silent = SILENT[silent]
        self._service = service

    def _of(self, found: Reply | None, service: str, operation: str, params: dict[str, Any], region: str) -> Fact:
        gone = found is None or service == self._service
        return super()._of(self._silent if gone else found, service, operation, params, region)


def broken(checks: Any) -> list[str]:
    return [each.answer.detail for each in checks if each.answer.detail.startswith("This check itself failed")]


@pytest.mark.parametrize("outcome", list(SILENT), ids=lambda outcome: outcome.value)
@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
async def test_the_cause_is_found_from_what_matters_alone(case: Case, outcome: Outcome) -> None:
    found = await whole(case.subject, Gaps(*case.replies, silent=outcome))
    assert not broken(found.checks)
    assert found.api_calls <= 40
    first = found.findings[0].cause if found.findings else ""
    assert first == case.cause or (case.name, outcome) in TWO_FIT, [
        (each.cause, each.confidence, each.proven, each.playbook) for each in found.findings
    ]


async def services_of(case: Case) -> list[str]:
    evidence = Recorded(*world(*case.replies))
    await whole(case.subject, evidence)
    return sorted({service for service, _, _ in evidence.requests})


SAMPLE = [case for index, case in enumerate(cases()) if index % 5 == 0]


@pytest.mark.parametrize("case", SAMPLE, ids=lambda case: case.name)
async def test_a_silent_service_breaks_nothing(case: Case) -> None:
    for service in await services_of(case):
        for outcome in (Outcome.ERROR, Outcome.DENIED, Outcome.OK):
            found = await whole(case.subject, Gaps(*world(*case.replies), silent=outcome, service=service))
            assert not broken(found.checks), service
            proven = [each.cause for each in found.findings if each.proven]
            assert not case.cause or not proven or case.cause in proven or proven[0] in allowed(case), (
                service,
                outcome,
                proven,
            )


def allowed(case: Case) -> set[str]:
    """Causes that are right too: symptoms of the scenario's, for when what lies underneath cannot be seen."""
    return {each.cause for each in case.subject.hypotheses} | {"codedeploy.blue-green"}
