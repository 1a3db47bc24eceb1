"""What all rooms' tests share: demo accounts, an environment that leads to one, and none of the machine's own AWS."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from demo import process
from demo.process import DemoAccount, start

# What a machine's own terminal and configuration would decide must not decide what a test sees.
_LEADING = ("AWS_", "XDG_", "PIPEMEDIC_", "TEXTUAL")
_TERMINAL = ("NO_COLOR", "FORCE_COLOR", "COLORTERM", "COLUMNS", "LINES", "CLICOLOR", "CLICOLOR_FORCE")

# The same examples each time: a change is judged by what it changes. `HYPOTHESIS_PROFILE=search` looks for new ones.
settings.register_profile("steady", derandomize=True)
settings.register_profile("search", print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


@pytest.fixture(scope="session", autouse=True)
def program_calls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A file with every operation that the program calls in this run, be it of all tests or of a few.

    At the end each of them must be in the policy that `pipemedic policy operator` prints.
    """
    file = tmp_path_factory.mktemp("calls") / "operations"
    process.calls_file = str(file)
    yield file
    process.calls_file = ""
    if file.exists():
        from tests.policy_calls import uncovered  # noqa: PLC0415 (imports every playbook)

        lacking = uncovered(file.read_text().split())
        assert not lacking, f"the printed policy lacks what the program called: {', '.join(lacking)}"


@pytest.fixture(scope="session")
def demo_account() -> Iterator[DemoAccount]:
    """One demo account for all tests that only read; whoever lays a fault over it takes it off again."""
    with start() as account:
        yield account


@pytest.fixture(scope="session")
def extra_account() -> Iterator[DemoAccount]:
    """One demo account with the pipelines of `demo.extras`, for all tests that only read."""
    with start(extras=("nightly-import",)) as account:
        yield account


@pytest.fixture
def own_account() -> Iterator[DemoAccount]:
    """A demo account for one test, which may change it."""
    with start() as account:
        yield account


@pytest.fixture
def bare_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without any AWS configuration; state, settings and caches land in it."""
    for name in [name for name in os.environ if name.startswith(_LEADING) or name in _TERMINAL]:
        if name != "TEXTUAL_SNAPSHOT_TEMPDIR":
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("TERM", "xterm-256color")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1")
    return tmp_path


def lead_to(account: DemoAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    """Point this process at an account."""
    for name, value in account.environment.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def on_demo(bare_home: Path, demo_account: DemoAccount, monkeypatch: pytest.MonkeyPatch) -> Iterator[DemoAccount]:
    """The shared account, with the environment leading to it; faults left over are taken off."""
    lead_to(demo_account, monkeypatch)
    yield demo_account
    demo_account.clear_faults()


@pytest.fixture
def on_extra(bare_home: Path, extra_account: DemoAccount, monkeypatch: pytest.MonkeyPatch) -> DemoAccount:
    """The account with the further pipelines, with the environment leading to it."""
    lead_to(extra_account, monkeypatch)
    return extra_account


@pytest.fixture
def on_own(bare_home: Path, own_account: DemoAccount, monkeypatch: pytest.MonkeyPatch) -> DemoAccount:
    """An account of the test's own, with the environment leading to it."""
    lead_to(own_account, monkeypatch)
    return own_account
