from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from core.diagnosis import Diagnosis
from core.finding import Verdict
from tests.builders import NOW, automatic, diagnosis, execution, fact, finding, subject
from tests.core.report.night import incident
from tui.incident_file import recall_diagnosis, remember_diagnosis
from tui.paths import state_dir


@pytest.fixture(autouse=True)
def _home(bare_home: Path) -> None:
    """The state folder lies in a home of the test's own."""


def files() -> list[Path]:
    return list((state_dir() / "incidents").glob("*"))


def recalled(found: Diagnosis, since: float = 0.0) -> Diagnosis | None:
    return recall_diagnosis(found.subject, "run-1", since)


def test_what_was_found_and_checked_comes_back_without_what_was_read() -> None:
    found = incident().diagnosis
    remember_diagnosis(found)
    back = recalled(found)
    assert back is not None
    assert [each.title for each in back.findings] == [each.title for each in found.findings]
    assert back.findings[0].proven
    assert back.findings[0].fixes[0].commands[0].startswith("aws iam put-role-policy")
    assert [each.answer.verdict for each in back.checks] == [each.answer.verdict for each in found.checks]
    assert [each.step.question for each in back.ruled_out] == [each.step.question for each in found.ruled_out]
    assert [(each.n, each.call, each.read_at) for each in back.facts] == [
        (each.n, each.call, each.read_at) for each in found.facts
    ]
    assert all(each.value is None for each in back.facts)
    (file,) = files()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_secrets_do_not_reach_the_disk() -> None:
    leaky = finding(summary="AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY was printed", facts=(1,))
    read = fact(
        1, params={"name": "DB_PASSWORD", "value": "hunter2hunter2"}, error="token: ghp_abcdefghijklmnopqrstuvwxyz12"
    )
    remember_diagnosis(diagnosis(leaky, facts=(read,)))
    text = files()[0].read_text()
    assert not [each for each in ("wJalr", "hunter2", "ghp_abcdef") if each in text]


def test_a_surer_diagnosis_is_not_written_over_and_a_weaker_one_is() -> None:
    proven = diagnosis(finding(confidence=0.9, proven=True, title="proven"))
    guessed = diagnosis(finding(confidence=0.6, title="guessed"))
    remember_diagnosis(guessed)
    remember_diagnosis(proven)
    remember_diagnosis(guessed)
    back = recalled(proven)
    assert back is not None
    assert back.findings[0].title == "proven"


def test_a_record_older_than_the_execution_belongs_to_another() -> None:
    found = diagnosis(finding())
    remember_diagnosis(found)
    assert recalled(found, since=NOW) is not None
    assert recalled(found, since=NOW + 1) is None
    assert recall_diagnosis(found.subject, "run-2", 0.0) is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"v": 9}', '{"v": 1, "at": 9e9, "findings": [{}]}'])
def test_a_damaged_file_is_no_memory(text: str) -> None:
    found = diagnosis(finding())
    remember_diagnosis(found)
    files()[0].write_text(text)
    assert recalled(found) is None
    remember_diagnosis(found)
    assert recalled(found) is not None


def test_what_is_healthy_or_without_cause_is_not_kept_and_old_records_make_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    remember_diagnosis(replace(diagnosis(finding()), status="ok"))
    remember_diagnosis(diagnosis(verdicts=[Verdict.PASSED]))
    assert files() == []
    monkeypatch.setattr("tui.incident_file._MOST", 3)
    for number in range(5):
        run = replace(subject(), execution=execution("Failed", run=f"run-{number}"))
        remember_diagnosis(replace(diagnosis(finding(fixes=(automatic(),))), subject=run))
    assert len(files()) == 3


def test_a_folder_that_cannot_be_written_to_costs_nothing_else(tmp_path: Path) -> None:
    state_dir().parent.mkdir(parents=True, exist_ok=True)
    state_dir().write_text("a file where the folder should be")
    remember_diagnosis(diagnosis(finding()))
    assert recalled(diagnosis(finding())) is None
