"""The list of pipelines: order, preview, filter, keys. Read-only, on the shared demo account."""

from __future__ import annotations

import time

import pytest
from textual.events import Key
from textual.widgets import Input

from demo.process import DemoAccount
from tests.tui.walk import EU, Walk, walking
from tui.options import Options

URGENCY = ["failed", "stuck", "approval", "running", "off", "ok"]


def urgencies(walk: Walk) -> list[int]:
    return [URGENCY.index(walk.row(name).split(" ")[1]) for name in walk.names]


async def test_red_ones_come_first_then_stuck_waiting_running_off_and_ok(on_demo: DemoAccount) -> None:
    async with walking() as walk:
        await walk.read()
        await walk.until(lambda: all("reading" not in walk.row(name) for name in walk.names))
        await walk.until(lambda: urgencies(walk) == sorted(urgencies(walk)))
        assert set(urgencies(walk)) == set(range(len(URGENCY)))
        billing = "✗ failed | billing | ✓✗· | Validate IBANs before they are stored"
        await walk.until(lambda: walk.row("billing").startswith(billing))  # executions come after states
        # Until the user moves, the cursor stays on the first one.
        assert walk.fleet.cursor_key == walk.fleet.rows[0].key


async def test_the_order_stands_still_while_the_user_moves(
    on_demo: DemoAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = time.time()
    async with walking(clock=lambda: moment) as walk:
        await walk.read()
        await walk.press("down", "down")
        here, order = walk.fleet.cursor_key, list(walk.names)
        book = walk.app.desk.book
        last = book.entry(walk.fleet.rows[-1].key, moment)
        assert last is not None
        book.list(last.ref.place, [entry.ref for entry in book.entries(moment, resort=False) if entry.ref != last.ref])
        walk.app.fleet_changed.publish(None)
        await walk.until(lambda: len(walk.names) == len(order) - 1)
        assert walk.names == order[:-1]
        assert walk.fleet.cursor_key == here


async def test_the_preview_tells_the_cause_of_the_pipeline_under_the_cursor(on_demo: DemoAccount) -> None:
    async with walking() as walk:
        await walk.read()
        await walk.select("identity")
        await walk.until(lambda: "identity" in walk.part("#glance"))
        await walk.shows("Likely cause, from its words alone")
        await walk.until(lambda: "asking AWS" not in walk.part("#glance") and "Next" in walk.part("#glance"))
        await walk.select("mailer")
        await walk.until(lambda: "mailer" in walk.part("#glance").splitlines()[0])
        assert "cause" not in walk.part("#glance")


async def test_the_filter_narrows_as_one_types_and_escape_drops_it(on_demo: DemoAccount) -> None:
    async with walking() as walk:
        await walk.read()
        everything = set(walk.names)
        await walk.press("slash", *"failed billing")
        await walk.until(lambda: walk.names == ["billing"])
        await walk.press("enter", "enter")
        await walk.on("PipelineScreen")
        await walk.press("escape")
        await walk.on("PipelinesScreen")
        assert walk.names == ["billing"]
        await walk.press("slash", *"xyz")
        await walk.shows("Nothing matches")
        await walk.press("escape")
        await walk.until(lambda: set(walk.names) == everything)


async def test_only_trouble_hides_what_is_well_and_a_second_press_shows_it_again(on_demo: DemoAccount) -> None:
    async with walking() as walk:
        await walk.read()
        everything = len(walk.names)
        await walk.press("exclamation_mark")
        await walk.until(lambda: 0 < len(walk.names) < everything)
        assert all(not walk.row(name).startswith(("✓", "◐")) for name in walk.names)
        await walk.press("exclamation_mark")
        await walk.until(lambda: len(walk.names) == everything)


async def test_y_copies_the_name_and_o_the_address(on_demo: DemoAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    async with walking() as walk:
        monkeypatch.setattr(walk.app, "open_url", opened.append)
        await walk.read()
        await walk.select("billing")
        await walk.press("y")
        assert walk.app.clipboard == "billing"
        await walk.press("o")
        assert opened == [
            "https://eu-west-1.console.aws.amazon.com/codesuite/codepipeline/pipelines/billing/view?region=eu-west-1"
        ]
        assert walk.app.clipboard == opened[0]


async def test_help_names_the_keys_of_the_screen_and_goes_again(on_demo: DemoAccount) -> None:
    async with walking() as walk:
        await walk.read()
        await walk.press("question_mark")
        await walk.shows("Only trouble", "Clear filter")
        await walk.press("question_mark")
        await walk.until(lambda: "Clear filter" not in walk.text)


async def test_regions_stand_in_the_list_where_there_are_two(on_demo: DemoAccount) -> None:
    async with walking(Options(regions=("eu-west-1", "us-east-1"))) as walk:
        await walk.read()
        await walk.until(lambda: "REGION" in walk.text)
        assert {walk.row(name).rpartition("| ")[2] for name in walk.names} == {"eu-west-1", "us-east-1"}


async def test_read_only_has_no_key_that_writes_and_refuses_what_is_applied_all_the_same(on_demo: DemoAccount) -> None:
    before = on_demo.calls()["mutating"]
    async with walking(Options(regions=EU.regions, read_only=True)) as walk:
        await walk.read()
        await walk.select("billing")
        await walk.shows("read-only", "Cause", "confirmed")
        assert not {"f", "R"} & walk.keys
        await walk.press("f", "R")
        await walk.open("billing")
        await walk.shows("1. Role codebuild-billing-service-role")
        assert not {"f", "R", "t"} & walk.keys
        await walk.press("d")
        await walk.on("PlaybookScreen")
        await walk.shows("Not asked yet")
        await walk.press("A")
        await walk.until(lambda: "What does not hold" in walk.text)
        if "f" in walk.keys:
            await walk.press("f")
            await walk.on("ByHandScreen")
        await refuses(walk)
    assert on_demo.calls()["mutating"] == before


async def refuses(walk: Walk) -> None:
    """A plan that reaches the write path all the same is refused there."""
    from core.plans.pipeline import retry_stage  # noqa: PLC0415

    shot = walk.snapshot("billing")
    assert shot is not None
    change = walk.app.apply(retry_stage(shot.ref, "111122223333", "Build", "run-1"))
    await walk.until(lambda: change.outcome is not None)
    assert change.outcome is not None
    assert change.outcome.value == "failed"
    assert "read-only" in change.steps[-1].detail


async def test_what_is_typed_in_one_burst_with_the_filters_key_lands_in_the_filter(on_demo: DemoAccount) -> None:
    async with walking() as walk:
        await walk.read()
        for letter in "/bill":  # as one read of the terminal brings them: nothing runs between
            walk.app.post_message(Key({"/": "slash"}.get(letter, letter), letter))
        await walk.until(lambda: walk.names == ["billing"])
        search = walk.app.screen.query_one("#filter", Input)
        assert (search.value, walk.screen_name) == ("bill", "PipelinesScreen")
        for letter in "/":
            walk.app.post_message(Key("slash", letter))
        await walk.until(lambda: search.value == "bill/")
