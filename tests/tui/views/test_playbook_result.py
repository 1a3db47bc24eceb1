"""The end of a walk, as a document."""

from __future__ import annotations

from core.fact import Fact, Outcome
from core.finding import Finding, Verdict
from core.runner import Run
from tests.builders import HOSTILE, NoEvidence, answered, finding, playbook, step, subject
from tests.tui.views.plain import CONTROL, words
from tui.playbook_result import result_blocks, result_tone
from widgets.status import Tone


async def _walked(*verdicts: Verdict, findings: tuple[Finding, ...] = ()) -> Run:
    steps = [
        step(f"s{n}", answered(each, f"It is {each.value}.", findings=findings if n == 0 else ()))
        for n, each in enumerate(verdicts)
    ]
    run = Run(playbook(*steps), subject(), NoEvidence())
    async for _ in run.all():
        pass
    return run


async def test_the_cause_comes_first_then_what_was_ruled_out() -> None:
    run = await _walked(Verdict.FAILED, Verdict.PASSED, findings=(finding(proven=True),))
    text = words(result_blocks(run, run.findings, {}))
    assert text.startswith("What came of it 1. artifact.access-denied it is confirmed 80 %")
    assert "What does not hold ✗ How is s0? It is failed." in text
    assert "Ruled out ✓ How is s1? It is passed." in text
    assert result_tone(run, run.findings) is Tone.FAILED


async def test_without_a_cause_it_says_what_could_not_be_seen_and_where_to_go_on() -> None:
    run = await _walked(Verdict.PASSED, Verdict.DENIED)
    text = words(result_blocks(run, (), {}))
    assert "No cause was found here." in text
    assert "Some of it may not be read." in text
    assert "Could not be seen ⊖ How is s1? It is denied." in text
    assert "Key b goes on" in text
    assert result_tone(run, ()) is Tone.UNKNOWN


async def test_what_was_denied_is_what_to_ask_for() -> None:
    run = await _walked(Verdict.DENIED)
    facts = {1: Fact(1, "codedeploy", "GetDeployment", {}, Outcome.DENIED, action="codedeploy:GetDeployment")}
    assert "Ask for: codedeploy:GetDeployment." in words(result_blocks(run, (), facts))


async def test_nothing_wrong_is_clear_and_nothing_asked_is_idle() -> None:
    assert result_tone(await _walked(Verdict.PASSED, Verdict.NOT_APPLICABLE), ()) is Tone.OK
    fresh = Run(playbook(step("one")), subject(), NoEvidence())
    assert result_tone(fresh, ()) is Tone.IDLE
    assert "Press A to run every step." in words(result_blocks(fresh, (), {}))


async def test_hostile_answers_stay_text() -> None:
    run = await _walked(Verdict.FAILED, findings=(finding(title=HOSTILE, summary=HOSTILE),))
    assert not CONTROL.search(words(result_blocks(run, run.findings, {})))
