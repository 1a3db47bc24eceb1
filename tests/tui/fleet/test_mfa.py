"""A profile with an MFA device asks once in the program, for all its regions; the terminal is never read."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from demo.process import DemoAccount
from tests.tui.walk import walking
from tui.options import Options

CONFIG = """\
[profile base]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = example
region = eu-west-1
[profile guarded]
role_arn = arn:aws:iam::111122223333:role/OnCall
source_profile = base
mfa_serial = arn:aws:iam::111122223333:mfa/me
"""
BOTH = Options(profiles=("guarded",), regions=("eu-west-1", "us-east-1"))


@pytest.fixture(autouse=True)
def guarded(on_demo: DemoAccount, bare_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.delenv(name, raising=False)
    path = bare_home / "guarded-config"
    path.write_text(CONFIG)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(path))

    def terminal(prompt: str = "") -> str:
        raise AssertionError(f"the terminal was asked: {prompt}")

    monkeypatch.setattr("getpass.getpass", terminal)
    monkeypatch.setattr("builtins.input", terminal)


def no_token_in(home: Path) -> bool:
    return not [path for path in home.rglob("*") if path.is_file() and b"session-token" in path.read_bytes()]


async def test_a_wrong_code_is_said_and_a_right_one_opens_all_regions(bare_home: Path) -> None:
    async with walking(BOTH) as walk:
        await walk.on("MfaScreen")
        await walk.shows("MFA code for profile guarded", "eu-west-1, us-east-1", "mfa/me")
        await walk.press(*"12", "enter")
        await walk.shows("A code has 6 digits.")
        await walk.press(*"0000", "enter")
        await walk.shows("the code was not accepted")
        assert walk.app.screen.query_one(Input).value == ""
        await walk.press(*"123456", "enter")
        await walk.on("PipelinesScreen")
        await walk.until(lambda: len(walk.app.desk.book.listed) == 2 and not walk.app.desk.book.troubles)
        await walk.on("PipelinesScreen")
        assert walk.app.faults == []
    assert no_token_in(bare_home)


async def test_a_code_not_given_leaves_the_profile_closed_until_k(bare_home: Path) -> None:
    async with walking(BOTH) as walk:
        await walk.on("MfaScreen")
        await walk.press("escape")
        await walk.on("PipelinesScreen")
        await walk.shows("An MFA code is wanted", "give the code")
        await walk.press("K")
        await walk.on("MfaScreen")
        await walk.press(*"123456", "enter")
        await walk.until(lambda: len(walk.app.desk.book.listed) == 2)
