"""States that must look right: no credentials, an expired session, not allowed, nothing there, one region down."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from demo.process import DemoAccount
from tests.tui.walk import EU, Walk, walking
from tui import navigation
from tui.options import Options

BOTH = Options(regions=("eu-west-1", "us-east-1"))


async def test_without_credentials_the_profiles_found_and_the_command_that_logs_in_are_named(
    bare_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (bare_home / ".aws").mkdir()
    (bare_home / ".aws" / "config").write_text("[profile staging]\nregion = eu-west-1\n")
    async with walking() as walk:
        await walk.shows("No credentials", "Profiles found: staging", "aws sso login", "try again now")
        assert "enter" in walk.keys, "the login is a key away"
        monkeypatch.setattr(shutil, "which", lambda _: None)
        await walk.press("enter")
        await walk.shows("The AWS CLI (aws) is not on the PATH")


async def test_an_unknown_profile_says_so_before_anything_is_asked(bare_home: Path) -> None:
    async with walking(Options(profiles=("prdo",), regions=("eu-west-1",))) as walk:
        await walk.shows("prdo")
        await walk.until(lambda: "Connecting" not in walk.text)


async def test_an_expired_session_leaves_the_data_and_heals_by_itself(on_demo: DemoAccount) -> None:
    async with walking() as walk:
        await walk.read()
        names = list(walk.names)
        on_demo.add_fault(code="ExpiredTokenException", message="The security token included in the request is expired")
        await walk.press("r")
        await walk.shows("eu-west-1: the session has expired. What is shown is", "aws sso login", "next try in")
        assert set(walk.names) == set(names)
        await walk.open("billing")
        await walk.shows("the session has expired.", "✗ Build")
        on_demo.clear_faults()
        await walk.until(lambda: "expired" not in walk.lines[1] and not walk.app.desk.book.troubles)
        await walk.press("escape")
        await walk.on("PipelinesScreen")
        await walk.until(lambda: "expired" not in walk.text and "confirmed" in walk.text)


async def test_who_may_not_list_is_told_the_action_and_y_copies_the_statement_that_allows_it(
    on_demo: DemoAccount,
) -> None:
    on_demo.add_fault(
        service="codepipeline", operation="ListPipelines", code="AccessDeniedException",
        message="User: arn:aws:iam::111122223333:user/lena is not authorized to perform: codepipeline:ListPipelines "
        "on resource: arn:aws:codepipeline:eu-west-1:111122223333:*",
    )  # fmt: skip
    async with walking() as walk:
        await walk.shows("Not allowed to list pipelines", "codepipeline:ListPipelines", '"Effect": "Allow"')
        await walk.press("y")
        assert '"Action": "codepipeline:ListPipelines"' in walk.app.clipboard
        on_demo.clear_faults()
        await walk.press("r")
        await walk.read()


async def test_an_empty_account_names_account_and_region_and_the_way_to_another(on_demo: DemoAccount) -> None:
    async with walking(Options(regions=("eu-central-1",))) as walk:
        await walk.shows("No pipelines here", "Account 111122223333. Asked: eu-central-1.", "pipemedic --region REGION")


async def test_one_region_fails_and_the_others_go_on(on_demo: DemoAccount) -> None:
    on_demo.add_fault(region="us-east-1", code="ServiceUnavailable", message="try later", status=503)
    async with walking(BOTH) as walk:
        await walk.shows("us-east-1: codepipeline:ListPipelines in us-east-1 could not be reached", "next try")
        await walk.until(lambda: "billing" in walk.names)
        await walk.select("billing")
        await walk.shows("confirmed")
        assert {walk.row(name).rpartition("| ")[2] for name in walk.names} == {"eu-west-1"}
        on_demo.clear_faults()
        await walk.until(lambda: any(walk.row(name).endswith("us-east-1") for name in walk.names))
        await walk.until(lambda: "could not be reached" not in walk.text)


async def test_a_place_that_cannot_be_reached_at_all_says_so(
    on_demo: DemoAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    async with walking() as walk:
        await walk.shows("AWS does not answer", "Check the network")


async def test_one_denied_read_leaves_the_other_findings(on_demo: DemoAccount) -> None:
    on_demo.add_fault(service="iam", code="AccessDenied", message="not authorized to perform: iam:GetRole", status=403)
    async with walking() as walk:
        await walk.read()
        await walk.open("billing")
        await walk.shows("→ ⊖ not authorized to perform: iam:GetRole", "artifact.access-denied", "likely")
        assert "confirmed" not in walk.text, "what could not be looked at is not proven"


async def screens(walk: Walk) -> dict[str, str]:
    """The main screens on billing, as text."""
    seen = {}
    await walk.read()
    await walk.select("billing")
    seen["list"] = walk.text
    await walk.open("billing")
    await walk.shows("billing", "✗ Build")
    seen["pipeline"] = walk.text
    await walk.press("l")
    await walk.on("LogScreen")
    await walk.shows("AccessDe", "ended")
    seen["log"] = walk.text
    await walk.press("escape")
    await walk.on("PipelineScreen")
    await walk.press("d")
    await walk.on("PlaybookScreen")
    await walk.shows("Not asked yet")
    await walk.press("A")
    await walk.until(lambda: "◐" not in walk.text and "f" in walk.keys)
    seen["playbook"] = walk.text
    await walk.press("f")
    await walk.on("FixScreen")
    await walk.shows("Allow s3:GetObject", "low risk")
    seen["fix"] = walk.text
    return seen


async def test_a_small_terminal_shows_every_screen_and_marks_every_cut(on_demo: DemoAccount) -> None:
    async with walking(size=(80, 24)) as walk:
        await walk.until(lambda: "…" in walk.text)
        seen = await screens(walk)
        assert "confirmed" not in seen["list"], "the preview is a page of its own there"
    assert "✗ failed" in seen["list"]
    assert "Diagnosis" in seen["pipeline"]
    assert "What came of it" in seen["playbook"]
    for name, text in seen.items():
        rows = text.split("\n")
        assert len(rows) == 24, name
        assert max(map(len, rows)) <= 80, name
    assert "…" in seen["fix"].split("\n")[0], "the title is cut with a mark"
    assert any(row.rstrip().endswith("…") or "… " in row for row in seen["list"].split("\n")), (
        "a cell is cut with a mark"
    )


async def test_monochrome_says_by_glyph_and_word_what_colour_says(
    on_demo: DemoAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with walking() as walk:
        seen = await screens(walk)
        styles = [segment.style for strip in walk.app.screen._compositor.render_strips() for segment in strip]
        shown = {
            colour.triplet
            for style in styles
            if style
            for colour in (style.color, style.bgcolor)
            if colour and colour.triplet
        }
        assert all(len(set(triplet)) == 1 for triplet in shown), "only greys"
    assert "✗ failed" in seen["list"]
    assert "✓ ok" in seen["list"]
    assert "✗ Build" in seen["pipeline"]
    assert "low risk" in seen["fix"]


async def test_a_part_that_crashes_is_told_and_the_rest_goes_on(
    on_demo: DemoAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a fault of our own [/foo]")

    monkeypatch.setattr(navigation, "diagnose", broken)
    async with walking(faults=1) as walk:
        await walk.read()
        await walk.until(lambda: walk.app.faults)
        await walk.shows("A part of pipemedic failed; the rest goes on", "RuntimeError", "The traceback is in")
        monkeypatch.undo()
        names = list(walk.names)
        await walk.press("down")
        await walk.until(lambda: walk.fleet.cursor_key != walk.fleet.rows[0].key)
        assert walk.names == names


async def test_a_watch_that_crashes_is_started_again(on_demo: DemoAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    import aws.watch_place as place  # noqa: PLC0415 (the room is imported when it is first needed)

    really_list, left = place.PlaceWatch._list, [1]

    async def once(self: place.PlaceWatch) -> None:
        if left:
            left.pop()
            raise KeyError("pipelines")
        await really_list(self)

    monkeypatch.setattr(place.PlaceWatch, "_list", once)
    async with walking(EU, faults=1) as walk:
        await walk.until(lambda: walk.app.faults)
        await walk.read()
