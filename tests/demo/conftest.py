from collections.abc import Iterator

import pytest

from demo import process
from demo.process import DemoAccount
from tests.demo.clients import Clients


@pytest.fixture(scope="module")
def account() -> Iterator[DemoAccount]:
    """An account of the module's own, whose clock stands still: tests advance it."""
    with process.start() as started:
        started.freeze()
        yield started


@pytest.fixture(scope="module")
def aws(account: DemoAccount) -> Clients:
    return Clients(account)


@pytest.fixture(scope="session")
def shared(demo_account: DemoAccount) -> Clients:
    return Clients(demo_account)
