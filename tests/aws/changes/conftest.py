"""One demo account a module, changed over HTTP; at the end of a whole run every fix and action has been proven."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from aws.cloud import Cloud
from demo.process import DemoAccount, start
from tests.aws.changes.table import lacking
from tests.aws.changing import door
from tests.conftest import lead_to

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def account() -> Iterator[DemoAccount]:
    """One account for a module: each of its tests changes something else."""
    with start() as running:
        yield running


@pytest.fixture
async def cloud(
    aws_home: Path, account: DemoAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Cloud]:
    """The door to that account, with a journal of the test's own."""
    lead_to(account, monkeypatch)
    async with door(tmp_path / "state") as opened:
        yield opened


@pytest.fixture(scope="session", autouse=True)
def whole_table(request: pytest.FixtureRequest) -> Iterator[None]:
    """Where all tests of this folder run, each row of the table has been applied and proven by one of them."""
    yield
    ran = [item.path.name for item in request.session.items if item.path.parent == HERE]
    # A test that failed has said so itself; a choice of tests proves only what it chose.
    if not request.session.testsfailed and not request.config.option.keyword and set(ran) == _modules():
        assert lacking() == []


def _modules() -> set[str]:
    return {each.name for each in HERE.glob("test_*.py")}
