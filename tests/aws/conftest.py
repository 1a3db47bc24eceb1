"""The machine's own AWS configuration never reaches a test; each has a stub account on loopback."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aws.cloud import Cloud
from core.place import Place
from tests.aws.stub import StubAws

HERE = Place("", "eu-west-1")
THERE = Place("", "us-east-1")


@pytest.fixture(autouse=True)
def aws_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty AWS configuration and no AWS environment variables."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return tmp_path


@pytest.fixture
async def stub(monkeypatch: pytest.MonkeyPatch, aws_home: Path) -> AsyncIterator[StubAws]:
    """A running stub account, which the environment points at, with credentials."""
    account = StubAws()
    await account.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", account.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")
    yield account
    await account.stop()


@pytest.fixture
async def cloud(stub: StubAws, tmp_path: Path) -> AsyncIterator[Cloud]:
    """The door to the stub account, with a journal of its own."""
    async with Cloud([HERE], journal_dir=tmp_path / "journal") as opened:
        yield opened
