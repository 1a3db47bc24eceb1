"""Any log by name, and what is no stream of CloudWatch Logs, as a person opens it."""

from __future__ import annotations

from pathlib import Path

from demo.process import DemoAccount
from tests.demo.clients import Clients
from tests.tui.walk import Walk, walking
from tui.build_log import BuildLog
from tui.screens.log_finder import LogFinderScreen
from widgets.log_pane import LogPane


async def open_finder(walk: Walk) -> LogFinderScreen:
    await walk.read()
    await walk.select("search-index")
    await walk.press("l")
    await walk.on("LogScreen")
    await walk.shows("ended")
    await walk.press("L")
    await walk.on("LogFinderScreen")
    screen = walk.app.screen
    assert isinstance(screen, LogFinderScreen)
    await walk.until(lambda: screen.done)
    return screen


async def test_a_stream_is_found_by_a_few_letters_and_followed(on_demo: DemoAccount) -> None:
    async with walking() as walk:
        screen = await open_finder(walk)
        await walk.shows("Streams of")
        streams = len(screen.known)
        assert streams > 1
        await walk.press("escape")
        await walk.until(lambda: screen.done and not screen.group)
        await walk.shows("Log groups")
        await walk.press(*"exci")
        await walk.until(lambda: screen.shown and screen.shown[0].name == "/example/ci")
        await walk.press("enter")
        await walk.until(lambda: screen.done and len(screen.known) == streams)
        await walk.press("enter")
        await walk.on("StreamLogScreen")
        pane = walk.app.screen.query_one(LogPane)
        await walk.until(lambda: pane.line_count)
        await walk.shows("/example/ci:", "live")


async def test_a_local_file_is_opened_by_its_path(on_demo: DemoAccount, tmp_path: Path) -> None:
    log = tmp_path / "build.log"
    log.write_text("2026-11-23T07:00:00Z one\n\x1b]0;evil\x07two\npassword=hunter2\n")
    async with walking() as walk:
        screen = await open_finder(walk)
        screen.typed.value = str(log)
        await walk.shows("open file")
        await walk.press("enter")
        await walk.on("FileLogScreen")
        await walk.shows("ended", "one", "two", "password=********")
        assert "evil" not in walk.text


async def test_a_long_line_is_shown_whole_with_its_json_laid_out(on_demo: DemoAccount, tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_text(f'INFO {{"order": 7, "token": "s3cret", "note": "{"x" * 20_000}", "last": true}}\n')
    async with walking() as walk:
        screen = await open_finder(walk)
        screen.typed.value = str(log)
        await walk.shows("open file")
        await walk.press("enter")
        await walk.on("FileLogScreen")
        await walk.shows("ended", "INFO")
        await walk.press("enter")
        await walk.on("LogLineScreen")
        await walk.shows("Line 1", '"order": 7,', '"token": "********"', '"last": true')
        await walk.press("escape")
        await walk.on("FileLogScreen")


async def test_a_service_tells_its_events_and_its_containers_logs_are_found(on_demo: DemoAccount) -> None:
    async with walking() as walk:
        await walk.read()
        await walk.select("checkout-api")
        await walk.press("l")
        await walk.on("LogScreen")
        await walk.shows("events of service", "ended")
        body = walk.app.screen.query_one(BuildLog)
        await walk.until(lambda: [each for each in body.offers if each.source and each.source.group])
        group = next(each.source.group for each in body.offers if each.source and each.source.group)
        await walk.press("L")
        await walk.on("LogFinderScreen")
        await walk.shows(f"Streams of {group}")


async def test_a_whole_group_is_followed_and_watched_live_and_narrowed_by_a_pattern(on_demo: DemoAccount) -> None:
    async with walking() as walk:
        await walk.read()
        await walk.select("mobile-ios")
        await walk.press("l")
        await walk.on("LogScreen")
        await walk.shows("live")
        await walk.press("L")
        await walk.on("LogFinderScreen")
        await walk.shows("the whole group")
        await walk.press("down", "home", "enter")
        await walk.on("GroupLogScreen")
        await walk.shows("/aws/codebuild/mobile-ios", "live")
        await walk.until(lambda: " │ " in walk.text)
        await walk.press("T")
        await walk.shows("live tail 1 min, about $0.01")
        await walk.press("T")
        await walk.press("P")
        await walk.on("OneLineScreen")
        await walk.press(*"Waiting", "enter")
        await walk.shows("matching Waiting", "Waiting for")
        lines = [walk.app.screen.query_one(LogPane).store[n] for n in range(3)]
        assert all("Waiting" in line for line in lines)


async def test_names_are_read_a_page_at_a_time_as_the_cursor_or_letters_need_them(on_own: DemoAccount) -> None:
    make_groups(on_own, 120)
    async with walking() as walk:
        await walk.read()
        await walk.press("L")
        await walk.on("LogFinderScreen")
        screen = walk.app.screen
        assert isinstance(screen, LogFinderScreen)
        await walk.until(lambda: screen.done)
        await walk.shows("50 and more")
        asked = on_own.calls(0)["by_operation"]["logs:DescribeLogGroups"]
        await walk.press("down", *["pagedown"] * 3)
        await walk.until(lambda: len(screen.known) > 50 and screen.done)
        at = screen.names.highlighted or 0
        assert 0 < at < 100, "the cursor stays where it was while names come"
        assert on_own.calls(0)["by_operation"]["logs:DescribeLogGroups"] <= asked + 3
        screen.typed.focus()
        await walk.press(*"zz119")
        await walk.until(lambda: screen.shown and screen.shown[0].name == "/zz/group-119")


def make_groups(account: DemoAccount, count: int) -> None:
    """Log groups that stand last in the order of names."""
    logs = Clients(account)("logs")
    for number in range(count):
        logs.create_log_group(logGroupName=f"/zz/group-{number:03}")
