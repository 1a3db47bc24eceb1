from __future__ import annotations

from dataclasses import replace

from tests.builders import diagnosis, execution, finding, ref, subject
from tui.desk import Desk
from tui.options import Options


def test_the_surest_diagnosis_of_a_broken_execution_is_kept_for_its_report() -> None:
    desk = Desk(Options())
    proven = diagnosis(finding(confidence=0.97, proven=True))
    guessed = diagnosis(finding(confidence=0.6))
    desk.keep_diagnosis(ref(), "failed", proven)
    desk.keep_diagnosis(ref(), "fixed, not retried", guessed)
    assert desk.diagnosis(ref(), "fixed, not retried") is guessed
    assert desk.incident(ref(), "run-1") is proven
    desk.forget_diagnosis(ref())
    assert desk.incident(ref(), "run-1") is proven
    assert desk.incident(ref(), "run-2") is None


def test_what_is_healthy_or_without_a_cause_is_no_incident_and_old_ones_make_room() -> None:
    desk = Desk(Options())
    desk.keep_diagnosis(ref(), "a", replace(diagnosis(finding()), status="ok"))
    desk.keep_diagnosis(ref(), "b", diagnosis())
    assert desk.incident(ref(), "run-1") is None
    for number in range(60):
        run = replace(subject(), execution=execution("Failed", run=f"run-{number}"))
        desk.keep_diagnosis(ref(), "c", replace(diagnosis(finding()), subject=run))
    assert desk.incident(ref(), "run-0") is None
    assert desk.incident(ref(), "run-59") is not None
