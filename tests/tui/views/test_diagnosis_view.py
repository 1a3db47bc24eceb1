from __future__ import annotations

from core.attention import Condition
from core.fact import Outcome
from core.finding import Fix, Verdict
from tests.builders import HOSTILE, NOW, answered, automatic, diagnosis, fact, finding, step
from tests.tui.views.plain import CONTROL, words
from tui.diagnosis_view import diagnosis_blocks
from tui.playbook_view import step_blocks

# A diagnosis


def test_findings_cite_facts_by_number_and_say_what_to_do() -> None:
    cause = finding(proven=True, confidence=0.97, facts=(2,), fixes=(automatic(),), disproved_by="a simulation")
    found = diagnosis(cause, facts=(fact(1), fact(2, "GetRole", service="iam", params={"RoleName": "r"})))
    text = words(diagnosis_blocks(found, Condition.FAILED))
    assert text.startswith("1. artifact.access-denied it is confirmed 97 % It was seen. artifact.access-denied")
    assert "[2] iam GetRole(RoleName='r') → ok" in text
    assert "[1]" not in text
    assert "Would be disproved by: a simulation" in text
    assert "f1 Allow s3:GetObject automatic · low risk" in text


def test_beside_a_proven_cause_guesses_are_one_line_each() -> None:
    sure, guess = finding(proven=True), finding("b.guess", 0.4, summary="A long story.")
    text = words(diagnosis_blocks(diagnosis(sure, guess), Condition.FAILED))
    assert "Less likely by their wording alone b.guess it is 40 % b.guess" in text
    assert "A long story." not in text


def test_without_proof_every_guess_is_told() -> None:
    text = words(
        diagnosis_blocks(diagnosis(finding(), finding("b.guess", 0.4, summary="A long story.")), Condition.FAILED)
    )
    assert "2. b.guess it is possible 40 % A long story." in text
    assert "Less likely" not in text


def test_what_was_checked_is_told_also_where_nothing_was_found() -> None:
    found = diagnosis(verdicts=[Verdict.PASSED, Verdict.DENIED, Verdict.UNKNOWN, Verdict.NOT_APPLICABLE])
    text = words(diagnosis_blocks(found, Condition.FAILED))
    assert "? No cause was found. What was checked 5 calls · 1.2 s" in text
    for glyph in ("✓ How is", "⊖ How is", "? How is", "→ How is"):
        assert glyph in text


def test_a_calm_pipeline_has_a_calm_sentence() -> None:
    for condition in (Condition.OK, Condition.RUNNING, Condition.NEVER, Condition.STOPPED):
        assert words(diagnosis_blocks(None, condition)).endswith(".")


def test_denied_absent_and_failed_reads_are_told_apart() -> None:
    outcomes = [Outcome.OK, Outcome.NO_DATA, Outcome.DENIED, Outcome.ERROR, Outcome.TRUNCATED]
    facts = tuple(fact(n, outcome=each) for n, each in enumerate(outcomes, 1))
    text = words(diagnosis_blocks(diagnosis(finding(facts=(1, 2, 3, 4, 5)), facts=facts), Condition.FAILED))
    ends = [text.split(f"[{n}] ", 1)[1].split(" → ", 1)[1].split(" [")[0] for n in range(1, 5)]
    assert ends == ["ok", "· no data", "⊖ denied", "! error"]


def test_a_fix_by_hand_has_its_steps_commands_and_address() -> None:
    by_hand = Fix(
        "x",
        "Renew",
        steps=("Open it", "Press renew"),
        commands=("aws iam list-roles",),
        console_url="https://console.aws.amazon.com/x",
    )
    text = words(diagnosis_blocks(diagnosis(finding(fixes=(by_hand,))), Condition.FAILED))
    assert "f1 Renew by hand 1. Open it 2. Press renew aws iam list-roles https://console.aws.amazon.com/x" in text


def test_hostile_text_in_a_diagnosis_is_shown_as_text() -> None:
    by_hand = Fix("x", HOSTILE, steps=(HOSTILE,), commands=(HOSTILE,), console_url=HOSTILE)
    cause = finding(title=HOSTILE, summary=HOSTILE, disproved_by=HOSTILE, facts=(1,), fixes=(by_hand,))
    denied = fact(1, outcome=Outcome.DENIED, error=HOSTILE, params={"name": HOSTILE})
    text = words(diagnosis_blocks(diagnosis(cause, facts=(denied,)), Condition.FAILED))
    assert not CONTROL.search(text)
    assert text.count("[red]x[/red]") >= 7


# A playbook's step


def test_a_step_says_its_question_why_and_what_it_reads() -> None:
    text = words(step_blocks(step("log"), 2, None, {}, NOW, asking=False))
    assert text.startswith("2 How is log? Why: An expert asks. Reads: codebuild:BatchGetBuilds")
    assert "Not asked yet. Press enter to run this step, A to run all." in text


def test_a_step_being_asked_says_so() -> None:
    assert words(step_blocks(step(), 1, None, {}, NOW, asking=True)).endswith("◐ asking AWS …")


def test_an_answer_has_its_facts_their_age_its_lines_and_findings() -> None:
    said = answered(
        Verdict.FAILED, "1 of 2 unhealthy", facts=(3, 4, 9), lines=((3, "10.0.3.7 unhealthy"), (0, "see above")),
        findings=(finding(facts=(3,)),),
    )  # fmt: skip
    facts = {3: fact(3, read_at=NOW - 5), 4: fact(4, read_at=NOW - 65)}
    text = words(step_blocks(step(), 1, said, facts, NOW, asking=False))
    assert "✗ 1 of 2 unhealthy read 1m ago" in text
    assert "[3] 10.0.3.7 unhealthy · see above" in text
    assert "Facts e shows them raw" in text
    assert "Finding 1. artifact.access-denied it is" in text
    assert "[9]" not in text
