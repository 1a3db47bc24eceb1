from __future__ import annotations

from dataclasses import replace

import pytest

from core.journal import EntryState
from core.pipeline import Execution
from core.place import Place
from core.plan import Call
from core.report.assemble import assemble
from core.report.changes import change_of, changes_for
from core.report.incident import failure_of, recovery_of
from core.report.model import MomentKind
from tests.builders import HERE, NOW, ref, stage, state
from tests.core.report.night import BEGAN, FAILED_AT, change, incident, ran


def kinds(report_of: object) -> list[str]:
    return [each.kind.value for each in report_of.timeline]  # type: ignore[attr-defined]


def test_an_open_incident_is_told_from_its_commit_to_what_is_left_to_do() -> None:
    report = assemble(incident())
    assert (report.status, report.failed_at, report.recovered_at) == ("failed", FAILED_AT, None)
    assert report.headline == "Build / Build: Role cannot reach the artifact bucket"
    assert "Not recovered" in report.summary
    assert kinds(report) == ["triggered", "ran", "failed", "looked"]
    assert report.timeline[0].detail == "e74f3888bd11 on main by lena: Validate IBANs"
    assert report.timeline[2].at == FAILED_AT
    assert report.timeline[3].title == "Looked at: CodeBuild build"
    assert report.timeline[3].detail == "3 checks: 1 passed, 1 failed, 1 not allowed to look"
    assert [each.name + " " + each.status for each in report.stages] == ["Source succeeded", "Build failed"]
    assert report.history == "1 of the last 2 executions that ended have failed"


def test_evidence_is_numbered_anew_from_one_and_cited_by_those_numbers() -> None:
    report = assemble(incident())
    assert [each.n for each in report.evidence] == [1]
    assert report.causes[0].evidence == (1,)
    assert report.evidence[0].source == "codebuild BatchGetBuilds"
    assert report.evidence[0].said == ("AccessDenied on s3:GetObject",)
    assert report.causes[0].remedies[0].commands[0].startswith("aws iam put-role-policy")


def test_what_passed_is_ruled_out_and_what_was_denied_could_not_be_seen() -> None:
    report = assemble(incident())
    assert [each.id for each in report.ruled_out] == ["codebuild.memory"]
    assert [each.id for each in report.unseen] == ["codebuild.policy"]


def test_follow_ups_of_an_open_incident_name_the_fix_and_the_missing_right() -> None:
    first, last = assemble(incident()).follow_ups
    assert first.title == "Allow s3:GetObject"
    assert first.command.startswith("aws iam put-role-policy")
    assert last.title == "Ask for iam:GetRolePolicy"


def test_the_end_of_the_night_has_the_change_its_difference_its_proof_and_the_recovery() -> None:
    report = assemble(incident(fixed=True))
    assert (report.status, report.recovered_at) == ("recovered", BEGAN + 520)
    assert kinds(report) == ["triggered", "ran", "failed", "looked", "changed", "ran", "ran", "recovered"]
    assert "attempt 2 of 2" in report.timeline[5].detail
    assert report.timeline[-1].title == "Recovered: the failed stage was retried and the execution went through"
    assert report.timeline[-1].detail == "7m 10s after the failure"
    (made,) = report.changes
    assert made.applied
    assert '+  "Statement": ["s3:GetObject"]' in made.diff
    assert made.proof
    assert made.command.startswith("aws iam put-role-policy")
    assert [each.status for each in report.stages] == ["succeeded", "succeeded"]
    assert any(each.title.startswith("Make the same change where arn:aws:iam") for each in report.follow_ups)
    assert not any(each.title == "Allow s3:GetObject" for each in report.follow_ups)


def test_a_change_whose_result_is_not_known_is_to_be_looked_at_again() -> None:
    report = assemble(incident(fixed=True, entries=(change(EntryState.UNKNOWN),)))
    assert "Look what came of: Allow s3:GetObject for role codebuild-billing" in [e.title for e in report.follow_ups]
    assert not report.changes[0].applied


def test_a_way_that_is_still_closed_is_in_the_timeline_and_left_to_do() -> None:
    night = incident(fixed=True)
    closed = state(stage("Source", "Succeeded"), stage("Build", "Succeeded", closed="night shift"))
    moved = replace(night.diagnosis, subject=replace(night.diagnosis.subject, state=closed))
    report = assemble(replace(night, diagnosis=moved))
    assert any(each.title == "The way into Build was disabled by sam" for each in report.timeline)
    assert any(each.title == "Open the way into Build again" for each in report.follow_ups)


def test_the_action_that_failed_first_in_the_last_attempt_broke_it() -> None:
    runs = (
        ran("Lint", "Failed", 0, 10, "Test"),
        ran("Unit", "Failed", 100, 30, "Test"),
        ran("Lint", "Failed", 100, 10, "Test"),
        ran("Unit", "Succeeded", 0, 20, "Test"),
    )
    found = failure_of(runs)
    assert found is not None
    assert found.id == "Lint-100"
    assert failure_of((ran("Unit", "Succeeded", 0, 1),)) is None


def test_a_later_execution_that_went_through_is_the_recovery_and_an_older_one_is_not() -> None:
    failed = ran("Build", "Failed", 10, 80)
    broken = Execution("run-1", "Failed", BEGAN, FAILED_AT)
    before = Execution("run-0", "Succeeded", BEGAN - 500, FAILED_AT + 5)
    later = Execution("0123456789", "Succeeded", FAILED_AT + 60, FAILED_AT + 200)
    assert recovery_of(failed, (failed,), broken, (broken, before)) is None
    assert recovery_of(failed, (failed,), broken, (later, broken, before)) == (
        FAILED_AT + 200,
        "execution 01234567 went through",
    )
    rollback = replace(later, kind="ROLLBACK")
    over = recovery_of(failed, (failed,), broken, (rollback, broken))
    assert over is not None
    assert over[1] == "rollback 01234567 went through"
    assert recovery_of(None, (), later, (later,)) is None


@pytest.mark.parametrize(
    ("more", "fits"),
    [
        ({}, True),
        ({"pipeline": "orders"}, False),
        ({"account": "444455556666"}, False),
        ({"at": BEGAN - 3600}, False),
        ({"at": NOW + 9000}, False),
        ({"place": Place("", "us-east-1")}, True),  # IAM is everywhere
        ({"place": Place("", "us-east-1"), "call": Call("codepipeline", "RetryStageExecution", {})}, False),
    ],
)
def test_changes_belong_to_a_night_by_pipeline_account_and_time(more: dict[str, object], fits: bool) -> None:
    entry = change(**more)  # type: ignore[arg-type]
    found = changes_for([entry], ref(), "111122223333", BEGAN, NOW)
    assert bool(found) is fits


def test_a_private_key_in_a_difference_is_masked_line_by_line() -> None:
    key = "-----BEGIN RSA PRIVATE KEY-----\nMIIEabcdef\nqrstuv\n-----END RSA PRIVATE KEY-----"
    made = change_of(change(before="", after=key))
    assert "MIIEabcdef" not in "\n".join(made.diff)


def test_a_healthy_pipeline_says_that_nothing_is_wrong() -> None:
    night = incident()
    fine = replace(night.diagnosis, status="ok", findings=(), checks=night.diagnosis.checks[1:2])
    done = Execution("run-1", "Succeeded", BEGAN, BEGAN + 30)
    runs = (ran("Source", "Succeeded", 0, 5), ran("Build", "Succeeded", 10, 20))
    report = assemble(replace(night, diagnosis=fine, runs=runs, execution=done, executions=(done,), excerpts=()))
    assert (report.headline, report.failed_at, report.recovered_at) == ("nothing is wrong", None, None)
    assert MomentKind.FAILED not in {each.kind for each in report.timeline}
    assert HERE.region == report.region


def test_a_cause_that_cites_no_call_rests_on_what_the_service_said_and_on_the_log() -> None:
    night = incident()
    guessed = replace(night.diagnosis.findings[0], facts=(), proven=False)
    report = assemble(replace(night, diagnosis=replace(night.diagnosis, findings=(guessed,))))
    message, log = report.evidence
    assert report.causes[0].evidence == (1, 2)
    assert message.source == "message of Build / Build"
    assert message.said == ("Build terminated with state: FAILED",)
    assert log.said == ("line 5: AccessDenied: no",)


def test_what_runs_and_has_not_failed_has_no_cause_and_nothing_to_put_right() -> None:
    night = incident()
    fine = replace(night.diagnosis, status="inprogress", findings=(), checks=night.diagnosis.checks[1:2], facts=())
    runs = (ran("Source", "Succeeded", 0, 5), ran("Build", "InProgress", 10, 20))
    going = Execution("run-1", "InProgress", BEGAN)
    report = assemble(replace(night, diagnosis=fine, runs=runs, execution=going, executions=(going,)))
    assert (report.status, report.headline) == ("running", "running, and nothing has failed")
    assert (report.message, report.causes, report.follow_ups) == ("", (), ())
    assert report.timeline[-1].kind is MomentKind.RUNS
