"""Pictures of the main screens, with both clocks standing still. `pytest --snapshot-update` takes them anew.

Nothing in them depends on the machine: no ports, no paths, no measured times.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from aws.clock import SystemClock
from aws.cloud import Cloud
from demo.process import DemoAccount, start
from tests.builders import NOW
from tests.conftest import lead_to
from tests.tui.walk import EU, WIDE, Walk, walking
from tui.fingerprint import fingerprint

SMALL = (80, 24)


class Picture(SingleFileSnapshotExtension):
    """One SVG file a picture. (Syrupy 7 passes over the file ending that pytest-textual-snapshot 1.0 names.)"""

    file_extension = "svg"
    _write_mode = WriteMode.TEXT


@pytest.fixture(scope="module")
def still_account() -> Iterator[DemoAccount]:
    """An account whose time stands still at the moment of `NOW`."""
    with start(frozen_at="2026-01-15T03:12:00Z") as account:
        yield account


@pytest.fixture
def still(bare_home: Path, still_account: DemoAccount, monkeypatch: pytest.MonkeyPatch) -> Iterator[DemoAccount]:
    """The environment leading to it; our own clock stands still too, and the rate of calls is a fixed one."""
    lead_to(still_account, monkeypatch)
    monkeypatch.setattr(SystemClock, "now", lambda _: NOW)
    monkeypatch.setattr(Cloud, "calls_per_second", property(lambda _: 1.8))
    yield still_account
    still_account.clear_faults()


@pytest.fixture
def picture(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """One picture a test, as SVG."""
    return snapshot.use_extension(Picture)


@asynccontextmanager
async def at_billing(size: tuple[int, int]) -> AsyncIterator[Walk]:
    """The list with the cursor on billing and everything about it known."""
    async with walking(EU, size=size, clock=lambda: NOW) as walk:
        walk.app.animation_level = "none"
        await walk.read()
        await walk.until(lambda: all("reading" not in walk.row(name) for name in walk.names))
        # Executions come after states, and nothing is sorted anew once the cursor has moved: the oldest ends the list.
        await walk.until(lambda: walk.names[-1] == "reporting")
        await walk.until(lambda: "1111…3333" in walk.text or size == SMALL)
        await walk.select("billing")
        await walk.until(lambda: diagnosed(walk, "billing"))
        yield walk


def diagnosed(walk: Walk, name: str) -> bool:
    shot = walk.snapshot(name)
    return shot is not None and walk.app.desk.diagnosis(shot.ref, fingerprint(shot)) is not None


async def taken(walk: Walk) -> str:
    """The screen as it stands once nothing moves any more."""
    await walk.pilot.wait_for_scheduled_animations()
    before = ""
    while before != (before := walk.text):
        await walk.pilot.pause(0.3)
    # Facts are numbered as they are asked for, side by side; the export names its styles by a hash of what it shows.
    drawn = re.sub(r"\[\d+\]", "[n]", walk.app.export_screenshot(title="pipemedic"))
    return re.sub(r"terminal-\d+", "terminal-n", drawn)


async def walked(walk: Walk) -> None:
    await walk.press("d")
    await walk.on("PlaybookScreen")
    await walk.shows("Not asked yet")
    await walk.press("A")
    await walk.until(lambda: "◐" not in walk.text and "19 of 19" in walk.text)
    await walk.press("home")


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["wide", "small"])
async def test_the_list(still: DemoAccount, picture: SnapshotAssertion, size: tuple[int, int]) -> None:
    async with at_billing(size) as walk:
        assert await taken(walk) == picture


async def test_the_list_without_colours(
    still: DemoAccount, picture: SnapshotAssertion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with at_billing(WIDE) as walk:
        assert await taken(walk) == picture


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["wide", "small"])
async def test_a_pipeline(still: DemoAccount, picture: SnapshotAssertion, size: tuple[int, int]) -> None:
    async with at_billing(size) as walk:
        await walk.press("enter")
        await walk.on("PipelineScreen")
        await walk.until(lambda: "f" in walk.keys and "Source" in walk.text and "Asking" not in walk.text)
        await walk.until(lambda: "v9" in walk.text or size == SMALL)
        assert await taken(walk) == picture


async def test_a_pipeline_held_back_without_colours(
    still: DemoAccount, picture: SnapshotAssertion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with at_billing(WIDE) as walk:
        await walk.open("search-prod")
        await walk.until(lambda: "─⊘─" in walk.text and "What was checked" in walk.text)
        assert await taken(walk) == picture


async def test_a_log_opened_at_its_first_error(still: DemoAccount, picture: SnapshotAssertion) -> None:
    async with at_billing(WIDE) as walk:
        await walk.select("search-index")
        await walk.press("l")
        await walk.on("LogScreen")
        await walk.until(lambda: "ended" in walk.text and "◆" in walk.text and "c goes there" in walk.text)
        assert await taken(walk) == picture


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["wide", "small"])
async def test_a_playbook(still: DemoAccount, picture: SnapshotAssertion, size: tuple[int, int]) -> None:
    async with at_billing(size) as walk:
        await walked(walk)
        assert await taken(walk) == picture


async def test_a_fix_how_it_is_made(still: DemoAccount, picture: SnapshotAssertion) -> None:
    async with at_billing(WIDE) as walk:
        await walk.press("f")
        await walk.on("FixScreen")
        for card in ("▸ 2 where", "▸ 3 how"):
            await walk.press("enter")
            await walk.shows(card)
        assert await taken(walk) == picture


async def test_not_allowed_to_list(still: DemoAccount, picture: SnapshotAssertion) -> None:
    still.add_fault(
        service="codepipeline", operation="ListPipelines", code="AccessDeniedException",
        message="User: arn:aws:iam::111122223333:user/lena is not authorized to perform: codepipeline:ListPipelines",
    )  # fmt: skip
    async with walking(EU, size=SMALL, clock=lambda: NOW) as walk:
        await walk.shows("Not allowed to list pipelines")
        await walk.until(lambda: walk.app.desk.identities)
        walk.app.set_focus(None)
        for banner in walk.app.screen.query("Banner"):
            banner.display = False  # its countdown is measured time
        assert await taken(walk) == picture
