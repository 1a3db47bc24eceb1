from __future__ import annotations

from dataclasses import replace

import pytest

from core.report.assemble import assemble
from core.report.model import Excerpt, Report
from core.report.redact import redacted
from tests.builders import HOSTILE
from tests.core.report.night import incident

SECRETS = (
    "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "https://deploy:hunter2hunter2@git.example/x",
    "token: ghp_abcdefghijklmnopqrstuvwx12345678",
)


def made(**more: object) -> Report:
    return replace(assemble(incident(fixed=True)), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_is_masked_wherever_it_stands(secret: str) -> None:
    value = secret.rpartition("=")[2] if "=" in secret else secret
    excerpt = Excerpt("log", 1, (secret,))
    report = made(headline=secret, message=f"x\n{secret}", excerpts=(excerpt,), summary=secret)
    shown = repr(redacted(report))
    assert value not in shown
    assert "hunter2" not in shown
    assert "********" in shown


def test_control_sequences_are_taken_out() -> None:
    assert "\x1b" not in repr(redacted(made(headline=HOSTILE))).replace("\\x1b", "\x1b")


def test_account_ids_stay_unless_asked() -> None:
    report = redacted(made())
    assert report.account == "111122223333"
    assert not report.redacted


def test_the_same_account_gets_the_same_stand_in_everywhere_and_links_that_held_one_go() -> None:
    report = redacted(
        made(
            message="arn:aws:iam::444455556666:role/x pulls 777788889999.dkr.ecr.eu-west-1.amazonaws.com/web",
            history="bucket codepipeline-eu-west-1-111122223333, console 1111-2222-3333",
            url="https://console.example/111122223333",
        ),
        accounts=True,
    )
    assert report.redacted
    assert report.account == "[account 1]"
    assert report.history == "bucket codepipeline-eu-west-1-[account 1], console [account 1]"
    assert report.url == ""
    assert "[account 1]:role/service-role/codebuild-billing" in report.changes[0].resource
    shown = repr(report)
    assert not [each for each in ("111122223333", "444455556666", "777788889999") if each in shown]


@pytest.mark.parametrize(
    "kept",
    [
        "3a493e70-5015-40bb-ab54-123456789012",  # an execution's id
        "e74f3888bd11b8f9bb64646112345678901234cd",  # a commit
        "1768446720000",  # milliseconds
    ],
)
def test_numbers_that_are_no_accounts_stay(kept: str) -> None:
    assert redacted(made(history=kept), accounts=True).history == kept
