from __future__ import annotations

import pytest

from core.delivery import delivery
from core.pipeline import Execution
from tests.builders import HOSTILE, NOW, THERE, action, entry, execution, ref, revision, snapshot, stage
from tests.tui.views.plain import CONTROL, cells
from tui.execution_rows import EXECUTION_COLUMNS, REVISION_COLUMNS, execution_row, revision_row
from tui.fingerprint import fingerprint
from tui.fleet_book import Entry
from tui.fleet_filter import matches
from tui.rows import STALE_S, fleet_columns, fleet_row

RED = stage("Build", "Failed", action("Build", "Failed", ago_s=60, error_message="exit status 1\nmore"))
GREEN = stage("Source", "Succeeded")
IBAN = execution("Failed", revisions=(revision(author="lena", branch="main"),))


def row(given: Entry, **shape: bool) -> tuple[str, ...]:
    whole = {"regions": False, "profiles": False} | shape
    return cells(fleet_row(given, NOW, **whole))


# Deliveries


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (IBAN, "Validate IBANs · main by lena"),
        (execution(revisions=(revision("", branch="x"), revision("Fix\nlong story"))), "Fix"),
        (execution(trigger="StartPipelineExecution"), "started by hand"),
        (execution(trigger="SomethingNew"), "SomethingNew"),
        (execution(), ""),
    ],
)
def test_a_delivery_is_one_line(made: Execution, said: str) -> None:
    assert delivery(made) == said


# The fleet's rows


def test_a_row_says_status_stages_delivery_age_and_duration() -> None:
    assert row(entry(GREEN, RED, latest=IBAN)) == (
        "✗ failed", "billing", "✓✗", "Validate IBANs · main by lena", "6m", "4m",
    )  # fmt: skip


def test_a_running_one_shows_how_long_beside_the_usual() -> None:
    building = stage("Build", "InProgress", action("Build", "InProgress", ago_s=100))
    seen = entry(GREEN, building, latest=execution("InProgress", ago_s=125), usual_s=360.0)
    status, _, strip, _, age, took = row(seen)
    assert (status, strip, age, took) == ("◐ running", "✓◐", "2m", "2m/6m")


def test_region_and_profile_stand_where_there_is_more_than_one() -> None:
    there = entry(GREEN, of=ref("billing", THERE))
    assert row(there, regions=True, profiles=True)[-2:] == ("us-east-1", "staging")
    assert row(entry(GREEN), profiles=True)[-1] == "default"
    assert [each.key for each in fleet_columns(regions=True, profiles=True)][-2:] == ["region", "profile"]


@pytest.mark.parametrize("regions", [False, True])
@pytest.mark.parametrize("profiles", [False, True])
def test_every_column_has_a_cell(*, regions: bool, profiles: bool) -> None:
    assert len(row(entry(GREEN), regions=regions, profiles=profiles)) == len(
        fleet_columns(regions=regions, profiles=profiles)
    )


def test_what_holds_a_closed_pipeline_stands_in_place_of_its_delivery() -> None:
    assert "into Prod: Index freeze" in row(
        entry(GREEN, stage("Prod", "Succeeded", closed="Index freeze"), latest=IBAN)
    )


def test_what_could_not_be_read_shows_why_and_no_stages() -> None:
    assert row(entry(error="not allowed"))[:4] == ("? unknown", "billing", "", "not allowed")


def test_old_answers_are_dim() -> None:
    assert not fleet_row(entry(GREEN), NOW + STALE_S, regions=False, profiles=False).dim
    assert fleet_row(entry(GREEN), NOW + STALE_S + 1, regions=False, profiles=False).dim


# Executions and revisions


def test_an_execution_is_one_row() -> None:
    done = execution("Succeeded", run="0123456789", revisions=(revision(),), trigger="WebhookV2", kind="ROLLBACK")
    told = cells(execution_row(done, NOW))
    assert told == ("✓ succeeded", "01234567", "Validate IBANs", "WebhookV2 rollback", "10m ago", "4m")
    assert len(told) == len(EXECUTION_COLUMNS)
    assert cells(execution_row(execution("InProgress", ago_s=90), NOW))[0::5] == ("◐ running", "1m 30s")


def test_an_execution_without_times_leaves_them_out() -> None:
    assert cells(execution_row(Execution("x", "Cancelled"), NOW))[4:] == ("", "")


def test_a_revision_is_one_row() -> None:
    told = cells(revision_row(revision("Fix\nmore", branch="main", author="lena")))
    assert told == ("Source", "0123456789ab", "Fix", "main", "lena")
    assert len(told) == len(REVISION_COLUMNS)


def test_hostile_text_reaches_no_cell() -> None:
    bad = revision(HOSTILE, author=HOSTILE, branch=HOSTILE)
    broken = stage("Build", "Failed", action("Build", "Failed", ago_s=1, error_message=HOSTILE))
    rows = (
        fleet_row(entry(broken, latest=execution(revisions=(bad,))), NOW, regions=True, profiles=True),
        fleet_row(entry(error=HOSTILE), NOW, regions=False, profiles=False),
        execution_row(execution(revisions=(bad,), trigger=HOSTILE), NOW),
        revision_row(bad),
    )
    for each in rows:
        assert not CONTROL.search("".join(cells(each)))
    assert "[/foo] [red]x[/red]" in cells(rows[0])[3]


# The filter


@pytest.mark.parametrize(
    ("wanted", "shown"),
    [
        ("", True), ("BILL", True), ("failed eu-west", True), ("iban lena", True), ("exit status", True),
        ("build", True), ("!failed", False), ("!green", True), ("bill !iban", False), ("mailer", False), ("!", True),
    ],
)  # fmt: skip
def test_each_word_of_the_filter_must_be_somewhere_and_each_after_a_bang_nowhere(wanted: str, shown: bool) -> None:
    assert matches(entry(GREEN, RED, latest=IBAN), wanted) is shown


# The fingerprint


def test_a_diagnosis_is_old_when_run_status_error_or_way_changes() -> None:
    mark = fingerprint(snapshot(GREEN, RED))
    assert mark == fingerprint(snapshot(GREEN, RED, latest=IBAN, read_at=NOW + 60))
    other_error = stage("Build", "Failed", action("Build", "Failed", ago_s=60, error_message="exit status 2"))
    others = [
        snapshot(GREEN, other_error),
        snapshot(GREEN, stage("Build", "Failed", *RED.actions, run="run-2")),
        snapshot(GREEN, stage("Build", "InProgress", *RED.actions)),
        snapshot(GREEN, stage("Build", "Failed", *RED.actions, closed="x")),
    ]
    marks = {fingerprint(each) for each in others}
    assert len(marks) == len(others)
    assert mark not in marks
    assert fingerprint(snapshot()) == ""
