from __future__ import annotations

from core.diagnosis import Checked, choose, diagnose, to_json
from core.fact import Fact, Outcome
from core.finding import Verdict
from tests.builders import NoEvidence, answered, automatic, fact, finding, playbook, step, subject


class Read(NoEvidence):
    facts: tuple[Fact, ...] = (fact(1), fact(2, outcome=Outcome.DENIED, error="no"))
    calls = 7


def test_the_best_fitting_playbook_goes_first_and_the_unfit_stay_out() -> None:
    books = [
        playbook(id="b", fits=0.5),
        playbook(id="a", fits=0.5),
        playbook(id="c", fits=1),
        playbook(id="d", fits=0.1),
    ]
    assert [book.id for book in choose(books, subject())] == ["c", "a", "b"]


async def test_all_playbooks_are_run_and_their_findings_ranked() -> None:
    hint = step("hint", answered(Verdict.FAILED, findings=(finding("b.hint", 0.5),)))
    proof = step("proof", answered(Verdict.FAILED, findings=(finding("a.proof", 0.6, proven=True, facts=(2,)),)))
    blind = step("blind", answered(Verdict.DENIED))
    seen: list[Checked] = []
    moments = iter([100.0, 102.5])
    found = await diagnose(
        subject(), [playbook(hint, id="one"), playbook(proof, blind, step("fine"), id="two")], Read(),
        status="failed", clock=lambda: next(moments), progress=seen.append,
    )  # fmt: skip
    assert [each.cause for each in found.findings] == ["a.proof", "b.hint"]
    assert [f"{each.playbook}.{each.step.id}" for each in found.checks] == [
        "one.hint",
        "two.proof",
        "two.blind",
        "two.fine",
    ]
    assert sorted(each.step.id for each in seen) == ["blind", "fine", "hint", "proof"]
    assert [each.step.id for each in found.ruled_out] == ["fine"]
    assert [each.step.id for each in found.unseen] == ["blind"]
    assert (found.api_calls, found.took_s) == (7, 2.5)


async def test_the_public_object_names_evidence_fixes_and_checks() -> None:
    cause = finding(confidence=0.97123, facts=(2, 9), fixes=(automatic(),), playbook="codebuild")
    book = playbook(step("log", answered(Verdict.FAILED, "It says 403.", findings=(cause,))))
    found = to_json(await diagnose(subject(), [book], Read(), status="failed", clock=lambda: 0.0))
    assert (found["schema"], found["account"], found["region"], found["pipeline"]) == (
        1,
        "111122223333",
        "eu-west-1",
        "billing",
    )
    assert (found["stage"], found["action"], found["execution_id"], found["status"]) == (
        "Build",
        "Build",
        "run-1",
        "failed",
    )
    (told,) = found["findings"]
    assert told["confidence"] == 0.971
    assert told["evidence"] == [
        {"n": 2, "service": "codebuild", "operation": "BatchGetBuilds", "outcome": "denied", "detail": "no"}
    ]
    (fix,) = told["fixes"]
    assert (fix["kind"], fix["risk"]) == ("automatic", "low")
    assert fix["commands"][0].startswith("aws iam put-role-policy --role-name codebuild-billing")
    assert found["checks"] == [
        {"id": "codebuild.log", "question": "How is log?", "answer": "failed", "detail": "It says 403."}
    ]
