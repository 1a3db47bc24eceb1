"""A profile with an MFA device at the command line: asked once at a terminal; without one, what to do is said."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import click
import pytest

from tests.tui.cli.conftest import PROGRAM, Run
from tests.tui.fleet.test_mfa import CONFIG as GUARDED

ARN = "arn:aws:iam::111122223333:mfa/me"
CONFIG = f"""\
{GUARDED}region = eu-west-1
[profile beyond]
role_arn = arn:aws:iam::111122223333:role/Deeper
source_profile = guarded
region = eu-west-1
"""
BOTH = ("--profile", "guarded", "--region", "eu-west-1", "--region", "us-east-1")


@pytest.fixture
def guarded(on_demo: dict[str, str], tmp_path: Path) -> dict[str, str]:
    path = tmp_path / "guarded"
    path.write_text(CONFIG)
    kept = {name: value for name, value in on_demo.items() if not name.startswith(("AWS_ACCESS", "AWS_SECRET"))}
    return kept | {"AWS_CONFIG_FILE": str(path), "AWS_SHARED_CREDENTIALS_FILE": str(path.with_name("none"))}


class Asked:
    """Stands for the person at the terminal."""

    def __init__(self, *codes: str) -> None:
        self.codes = list(codes)
        self.questions: list[str] = []

    def __call__(self, text: str, **_: object) -> str:
        self.questions.append(text)
        return self.codes.pop(0)


def at_terminal(monkeypatch: pytest.MonkeyPatch, *codes: str) -> Asked:
    person = Asked(*codes)
    monkeypatch.setattr("tui.cli.mfa._at_terminal", lambda: True)
    monkeypatch.setattr(click, "prompt", person)
    return person


def test_one_code_opens_all_regions_of_a_profile(
    bare: Run, guarded: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    person = at_terminal(monkeypatch, "123456")
    done = bare("ls", "--format", "json", *BOTH, **guarded)
    assert done.returncode == 0, done.stderr
    assert {each["region"] for each in json.loads(done.stdout)} == {"eu-west-1", "us-east-1"}
    assert person.questions == [f"MFA code of profile guarded (for {ARN})"]


def test_a_wrong_code_is_asked_again(bare: Run, guarded: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    person = at_terminal(monkeypatch, "12", "000000", "123456")
    done = bare("status", "mailer", "--profile", "guarded", **guarded)
    assert done.returncode == 0, done.stderr
    assert "A code has 6 digits" in done.stderr
    assert [question.rpartition(" (")[2] for question in person.questions] == [
        f"for {ARN})",
        f"for {ARN})",
        "the code was not accepted)",
    ]


def test_a_device_further_up_a_chain_of_roles_is_asked_for(
    bare: Run, guarded: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    person = at_terminal(monkeypatch, "123456")
    assert bare("status", "mailer", "--profile", "beyond", **guarded).returncode == 0
    assert len(person.questions) == 1


def test_profiles_without_a_device_are_asked_nothing(
    bare: Run, guarded: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    person = at_terminal(monkeypatch)
    assert bare("status", "mailer", "--profile", "base", **guarded).returncode == 0
    assert person.questions == []


def test_who_gives_no_code_is_told_how_and_sees_the_other_profiles(
    bare: Run, guarded: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    at_terminal(monkeypatch, "")
    done = bare("ls", "--profile", "base", "--profile", "guarded", **guarded)
    assert done.returncode == 0
    assert "billing" in done.stdout
    assert "waits for an MFA code" in done.stderr


def test_without_a_terminal_nothing_is_asked_and_the_way_in_is_said(bare: Run, guarded: Mapping[str, str]) -> None:
    done = bare("ls", *BOTH, **guarded)
    assert done.returncode == 3
    assert done.stdout == ""
    assert "waits for an MFA code" in done.stderr
    assert "Run it at a terminal" in done.stderr
    assert "`aws sts get-caller-identity --profile guarded`" in done.stderr
    assert "K asks" not in done.stderr


def test_at_a_real_terminal_the_question_goes_to_it_and_the_data_to_the_pipe(guarded: Mapping[str, str]) -> None:
    ours, theirs = pty.openpty()
    try:
        words = [*PROGRAM, "ls", "--format", "json", "--profile", "guarded"]
        with subprocess.Popen(words, env=guarded, stdin=theirs, stderr=theirs, stdout=subprocess.PIPE) as process:
            said, end = b"", time.monotonic() + 60
            while b"MFA code of profile guarded" not in said and time.monotonic() < end:
                said += os.read(ours, 1024)
            os.write(ours, b"123456\n")
            found, _ = process.communicate(timeout=60)
        assert process.returncode == 0
        assert "billing" in {each["pipeline"] for each in json.loads(found)}
    finally:
        os.close(ours)
        os.close(theirs)
