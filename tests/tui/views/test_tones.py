from __future__ import annotations

import pytest

from core.attention import Condition
from core.finding import Verdict
from core.plan import ApplyOutcome
from tests.builders import action, stage, state
from tui.fix_cards import OUTCOME_TONES
from tui.tones import (
    action_tone,
    condition_tone,
    confidence_word,
    execution_tone,
    stage_tone,
    stage_tones,
    verdict_tone,
)
from widgets.status import Tone


def test_every_condition_verdict_and_outcome_has_a_tone() -> None:
    conditions = [condition_tone(each) for each in Condition]
    assert len(set(conditions)) == len(conditions)
    assert all(verdict_tone(each) for each in Verdict)
    assert set(OUTCOME_TONES) == set(ApplyOutcome)


def test_a_status_that_aws_adds_later_is_idle_and_no_error() -> None:
    assert execution_tone("SomethingNew") is Tone.IDLE
    assert action_tone(None) is Tone.IDLE


def test_an_approval_makes_its_stage_wait() -> None:
    assert stage_tone(stage("Prod", "InProgress", action("Ok", "InProgress", token="t"))) is Tone.WAITING


@pytest.mark.parametrize(
    ("status", "tone"), [("Succeeded", Tone.OFF), ("", Tone.OFF), ("Failed", Tone.FAILED), ("InProgress", Tone.RUNNING)]
)
def test_a_closed_way_does_not_hide_what_failed_or_runs(status: str, tone: Tone) -> None:
    assert stage_tone(stage("Prod", status, closed="freeze")) is tone


def test_only_what_the_newest_run_reached_shows_as_done() -> None:
    whole = state(stage("Source", "Succeeded"), stage("Build", "InProgress"), stage("Prod", "Succeeded", run="old"))
    assert stage_tones(whole) == (Tone.OK, Tone.RUNNING, Tone.IDLE)


@pytest.mark.parametrize(
    ("confidence", "proven", "said"),
    [
        (0.97, True, "confirmed 97 %"), (0.2, True, "confirmed 20 %"), (0.75, False, "likely 75 %"),
        (0.74, False, "probable 74 %"), (0.5, False, "probable 50 %"), (0.0, False, "possible 0 %"),
    ],
)  # fmt: skip
def test_confidence_is_a_word_and_a_number(confidence: float, *, proven: bool, said: str) -> None:
    assert confidence_word(confidence, proven=proven) == said
