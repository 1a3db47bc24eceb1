from __future__ import annotations

import pytest

from core.signatures import Failure, examine, explain


def _top(**fields: str) -> str:
    found = explain(Failure(**fields))
    return found[0].cause if found else ""


def _causes(**fields: str) -> list[str]:
    return [item.cause for item in explain(Failure(**fields))]


_HEALTH = (
    "The overall deployment failed because too many individual instances failed deployment, too few healthy instances "
    "are available for deployment, or some instances in your deployment group are experiencing problems. "
    "(Error code: HEALTH_CONSTRAINTS)"
)


def test_what_the_service_states_outranks_what_the_log_hints() -> None:
    found = _causes(
        provider="CodeBuild",
        message="BUILD_TIMED_OUT: Build has timed out.",
        log="Connection refused, giving up\nwaiting for database",
    )
    assert found[0] == "build.timeout"


def test_the_specific_outranks_the_generic() -> None:
    log = "npm ERR! code ERESOLVE\nnpm ERR! code ELIFECYCLE\nCommand did not exit successfully npm ci exit status 1"
    assert _causes(provider="CodeBuild", log=log)[:2] == ["build.dependency-failed", "build.command-failed"]


def test_the_first_error_of_what_failed_outranks_what_it_drags_along() -> None:
    log = """[Container] 2026/05/02 08:11:01 Entering phase BUILD
[Container] 2026/05/02 08:11:01 Running command npm run build
src/a.ts(1,1): error TS2304: Cannot find name 'x'.
[Container] 2026/05/02 08:11:02 Command did not exit successfully npm run build exit status 2
[Container] 2026/05/02 08:11:02 Phase complete: BUILD State: FAILED
[Container] 2026/05/02 08:11:02 Entering phase POST_BUILD
[Container] 2026/05/02 08:11:02 Running command aws s3 sync dist s3://ledger-web
The user-provided path dist does not exist.
[Container] 2026/05/02 08:11:03 Command did not exit successfully aws s3 sync dist s3://ledger-web exit status 255
[Container] 2026/05/02 08:11:03 Phase complete: POST_BUILD State: FAILED
[Container] 2026/05/02 08:11:03 Phase complete: UPLOAD_ARTIFACTS State: FAILED
[Container] 2026/05/02 08:11:03 Phase context status code: CLIENT_ERROR Message: no matching artifact paths found"""
    found = examine(Failure(provider="CodeBuild", message="CLIENT_ERROR: no matching artifact paths found", log=log))
    assert found.hypotheses[0].cause == "build.compile-failed"
    assert (found.cause_line, found.first_error_line) == (3, 3)


def test_an_error_that_was_recovered_from_does_not_win() -> None:
    log = """[Container] 2026/05/02 08:11:01 Running command make release
npm ERR! code ECONNRESET
npm ERR! network read ECONNRESET
added 301 packages in 9s
--- FAIL: TestTotals (0.00s)
[Container] 2026/05/02 08:11:02 Command did not exit successfully make release exit status 2"""
    assert _top(provider="CodeBuild", log=log) == "build.test-failed"


def test_an_earlier_command_that_succeeded_is_noise() -> None:
    log = """[Container] 2026/05/02 08:11:01 Running command ./warm-cache.sh || true
no space left on device
[Container] 2026/05/02 08:11:01 Running command pytest
FAILED tests/test_a.py::test_b - assert 1 == 2
[Container] 2026/05/02 08:11:02 Command did not exit successfully pytest exit status 1"""
    assert _top(provider="CodeBuild", log=log) == "build.test-failed"


@pytest.mark.parametrize(
    "line",
    [
        "✓ shows AccessDenied to strangers (3 ms)",
        "--- PASS: TestNoSpaceLeftOnDevice (0.00s)",
        "[INFO] Tests run: 3, Failures: 0, Errors: 0",
        "+ echo 'No space left on device'",
        "Found 0 errors.",
        "warning: Connection refused once, trying again",
    ],
)
def test_a_line_that_merely_prints_the_word_does_not_win(line: str) -> None:
    log = f"{line}\nerror TS2304: Cannot find name 'x'.\nCommand did not exit successfully npm run all exit status 2"
    assert _top(provider="CodeBuild", log=log) == "build.compile-failed"


def test_s3_access_denied_leaves_the_key_open_and_says_what_tells_them_apart() -> None:
    message = "AccessDenied: Access Denied status code: 403, request id: 0A, host id: b= for primary source"
    found = explain(Failure(provider="CodeBuild", message=message))
    assert [item.cause for item in found][:2] == ["artifact.access-denied", "artifact.kms-denied"]
    assert any("kms:Decrypt" in step for step in found[1].next)


def test_health_constraints_is_followed_to_the_hook_script() -> None:
    assert _top(provider="CodeDeploy", message=_HEALTH) == "codedeploy.health"
    log = "Script at specified location: scripts/start.sh run as user root failed with exit code 1"
    assert _top(provider="CodeDeploy", message=_HEALTH, log=log) == "codedeploy.hook-failed"


def test_a_missing_result_is_followed_to_the_time_out() -> None:
    message = (
        "The AWS Lambda function notify failed to return a result. Check that it made a call to PutJobSuccessResult."
    )
    found = explain(Failure(provider="Lambda", message=message, log="Task timed out after 3.01 seconds"))
    assert found[0].cause == "lambda.invoke-failed"
    assert any("timed out" in line.text for line in found[0].evidence)


def test_rollback_complete_is_followed_to_the_resource_that_failed() -> None:
    stack = "arn:aws:cloudformation:eu-west-1:111122223333:stack/s/1"
    message = f"Stack:{stack} is in ROLLBACK_COMPLETE state and can not be updated."
    assert _top(provider="CloudFormation", message=message) == "cfn.rollback-complete"
    log = (
        "CREATE_FAILED AWS::IAM::Role Role API: iam:CreateRole User: arn:aws:sts::111122223333:assumed-role/d/1 "
        "is not authorized to perform: iam:CreateRole on resource: x"
    )
    assert _top(provider="CloudFormation", message=message, log=log) == "permission.action-denied"


def test_two_accounts_in_a_denial_raise_the_other_account() -> None:
    message = (
        "User: arn:aws:sts::111122223333:assumed-role/p/1 is not authorized to perform: codecommit:GetBranch on "
        "resource: arn:aws:codecommit:eu-west-1:444455556666:ledger"
    )
    assert "permission.cross-account" in _causes(message=message)[:2]


def test_an_unknown_failure_is_said_to_be_unknown_with_its_most_telling_lines() -> None:
    found = examine(Failure(message="the gate said no", log="fine\nweird: error 77 in q\nfine"))
    assert (found.verdict, found.hypotheses) == ("unknown", ())
    assert [(line.line, line.text) for line in found.telling] == [
        (None, "the gate said no"),
        (2, "weird: error 77 in q"),
    ]


def test_where_only_something_generic_is_known_what_often_lies_behind_it_follows_unsure() -> None:
    found = explain(Failure(provider="CodeBuild", log="Command did not exit successfully make release exit status 2"))
    assert [item.cause for item in found] == ["build.command-failed", "build.dependency-failed", "build.compile-failed"]
    assert all(item.confidence <= 0.1 and item.evidence for item in found[1:])
    assert len(explain(Failure(provider="CodeBuild", message="COMMAND_EXECUTION_ERROR"), limit=1)) == 1


def test_nothing_at_all_is_healthy() -> None:
    assert examine(Failure()).verdict == "healthy"
    assert examine(Failure(message="Succeeded")).verdict == "healthy"


def test_hypotheses_fall_in_confidence_and_respect_the_limit() -> None:
    failure = Failure(provider="CodeDeploy", message=_HEALTH)
    found = explain(failure)
    assert [item.confidence for item in found] == sorted((item.confidence for item in found), reverse=True)
    assert len(explain(failure, limit=1)) == 1


def test_names_are_extracted_and_fill_the_summary() -> None:
    message = (
        "User: arn:aws:sts::111122223333:assumed-role/ledger-build/AWSCodeBuild-1 is not authorized to perform: "
        "ecr:PutImage on resource: arn:aws:ecr:eu-west-1:111122223333:repository/ledger because no identity-based "
        "policy allows the ecr:PutImage action"
    )
    (top, *_) = explain(Failure(provider="CodeBuild", message=message))
    assert top.extracted["action"] == "ecr:PutImage"
    assert top.extracted["role"] == "ledger-build"
    assert top.extracted["resource"] == "arn:aws:ecr:eu-west-1:111122223333:repository/ledger"
    assert "ecr:PutImage" in top.summary
    assert top.playbooks
    assert top.link.startswith("https://")
