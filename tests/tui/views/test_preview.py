from __future__ import annotations

from core.age import duration
from core.finding import Fix, Verdict
from core.signatures import Hypothesis
from tests.builders import HOSTILE, NOW, action, automatic, diagnosis, entry, execution, finding, revision, stage
from tests.tui.views.plain import CONTROL, words
from tui.preview import Glance, preview

ERROR = "\n".join(["Build terminated with state: FAILED", "", *(f"line {n} of the error" for n in range(20))])
RED = entry(
    stage("Source", "Succeeded"),
    stage("Build", "Failed", action("Build", "Failed", ago_s=60, error_message=ERROR)),
    stage("Smoke"),
    latest=execution("Failed", revisions=(revision(),)),
)


def said(glance: Glance) -> str:
    return words(preview(glance, NOW), 120)


def test_a_failed_pipeline_shows_stages_and_the_first_words_of_its_error() -> None:
    text = said(Glance(RED))
    assert text.startswith("billing eu-west-1 ✗ failed for 1m Validate IBANs ✓ Source ── ✗ Build ── · Smoke")
    assert "✗ Build / Build 1m ago Build terminated with state: FAILED line 0 of the error" in text
    assert "line 4 of the error …" in text
    assert "line 5" not in text


def test_a_closed_way_shows_between_the_stages() -> None:
    held = entry(stage("Source", "Succeeded"), stage("Prod", closed="Index freeze"))
    assert "✓ Source ─⊘─ ⊘ Prod" in said(Glance(held))
    assert "Index freeze" in said(Glance(held))


def test_the_words_alone_are_told_while_the_checks_run() -> None:
    guess = Hypothesis("ecs.task-crash", 0.87, "Container exits", "exit 1")
    text = said(Glance(RED, hypothesis=guess, checking=True))
    assert "Likely cause, from its words alone likely 87 % Container exits ecs.task-crash ◐ asking AWS …" in text


def test_a_proven_cause_has_its_facts_and_its_fix() -> None:
    sure = finding(confidence=0.97, proven=True, facts=(1, 11), fixes=(automatic(),))
    text = said(Glance(RED, diagnosis=diagnosis(sure), can_fix=True))
    assert "Cause confirmed 97 % artifact.access-denied it is" in text
    assert "artifact.access-denied [1][11]" in text
    assert "f Allow s3:GetObject (low risk)" in text


def test_read_only_offers_no_fix_key() -> None:
    text = said(Glance(RED, diagnosis=diagnosis(finding(fixes=(automatic(),)))))
    assert "f Allow" not in text
    assert "› Allow s3:GetObject" in text


def test_a_fix_by_hand_is_named_as_such() -> None:
    by_hand = finding(fixes=(Fix("x", "Renew the token", steps=("Open it",)),))
    assert "f Renew the token (by hand)" in said(Glance(RED, diagnosis=diagnosis(by_hand), can_fix=True))


def test_no_cause_found_says_how_many_checks_passed() -> None:
    assert "No cause found: 2 checks passed." in said(Glance(RED, diagnosis=diagnosis(verdicts=[Verdict.PASSED] * 2)))


def test_checks_that_could_not_run_say_why() -> None:
    assert "! The checks could not run throttled" in said(Glance(RED, trouble="throttled"))


def test_a_healthy_pipeline_offers_nothing_to_do() -> None:
    text = said(Glance(entry(stage("Source", "Succeeded"), latest=execution())))
    assert "Next" not in text
    assert "cause" not in text.lower()


def test_what_was_not_read_yet_says_so() -> None:
    assert "reading …" in said(Glance(entry()))
    assert "not allowed" in said(Glance(entry(error="not allowed")))


def test_hostile_text_is_shown_as_text() -> None:
    bad = stage("Build", "Failed", action("Build", "Failed", ago_s=1, error_message=HOSTILE))
    cause = finding(title=HOSTILE, summary=HOSTILE, fixes=(Fix("x", HOSTILE),))
    text = said(Glance(entry(bad, latest=execution(revisions=(revision(HOSTILE),))), diagnosis=diagnosis(cause)))
    assert not CONTROL.search(text)
    assert text.count("[/foo] [red]x[/red]") >= 4
    assert "⟨RLO⟩" in text


def test_in_a_long_pipeline_stages_that_stand_alike_are_counted() -> None:
    done = [stage(f"Done {n}", "Succeeded") for n in range(9)]
    told = entry(*done, stage("Ship", "Failed", action("Ship", "Failed", ago_s=60)), stage("Smoke"), stage("Prod"))
    text = said(Glance(told))
    assert "✓ 9 stages ── ✗ Ship ── · 2 stages" in text
    assert "Done 3" not in text


def test_what_runs_says_when_it_should_end() -> None:
    running = stage("Build", "InProgress", action("Build", "InProgress", ago_s=100))
    begun = execution("InProgress", ago_s=100)

    def told(usual_s: float | None) -> str:
        return said(Glance(entry(running, latest=begun, usual_s=usual_s)))

    began = NOW - (begun.started_at or NOW)
    assert f"usually takes 1h · should end in {duration(3600 - began)}" in told(3600.0)
    assert f"{duration(began - 60)} over its time" in told(60.0)
    assert "usually" not in told(None)
    assert "usually" not in said(Glance(entry(stage("Build", "Succeeded"), latest=execution(), usual_s=60.0)))


def test_an_old_answer_says_its_age() -> None:
    assert "read 5m ago · eu-west-1" in words(preview(Glance(RED), NOW + 300), 120)
    assert "read" not in said(Glance(RED)).split("✗")[0]
