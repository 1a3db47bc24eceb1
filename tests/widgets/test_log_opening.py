"""Folds, lines opened in place, the current line, selection by keyboard: as a person at the keys has them."""

from textual.notifications import Notify
from textual.pilot import Pilot

from tests.widgets.stage import lines, of, showing, text, until
from widgets.log_pane import LogPane, MarkKind, SourceState

AT = 1_795_417_200_000
JSON = '2026-11-23T07:14:32Z {"level": "error", "password": "hunter2", "at": [1, 2.50], "note": "a\\nb"}'


async def filled(pane: LogPane, batch: list[str], times: list[int] | None = None) -> None:
    pane.append(batch, times)
    await until(lambda: pane.view._known == pane.line_count and pane.look_done)


def rows(pilot: Pilot[None]) -> list[str]:
    return [line.rstrip(" ▎▌▊█◆") for line in lines(pilot.app)[1:]]


async def test_repeats_are_one_row_with_a_count_that_opens_in_place() -> None:
    pane = LogPane("build")
    async with showing(pane, 60, 20) as (pilot, _):
        pane.focus()
        await filled(pane, ["begin", *["waiting for the database"] * 1_200, "10% done", "50% done", "100% done", "end"])
        await pilot.press("g")
        await pilot.pause()
        assert [row.split()[0] for row in rows(pilot)[:4]] == ["1", "⊞", "⊞", "1205"]
        assert rows(pilot)[1].endswith("×1,200")
        assert "100% done" in rows(pilot)[2]
        assert "10% done" not in text(pilot.app).replace("100%", "")
        await pilot.press("j", "e")
        await pilot.pause()
        assert pane.view.current == 1
        assert rows(pilot)[2].split()[:2] == ["│", "3"]
        await pilot.press("e")
        await pilot.pause()
        assert rows(pilot)[3].endswith("end")
        await pilot.press("F")
        await pilot.pause()
        assert pane.view.row_count == 1_205
        assert "unfolded" in lines(pilot.app)[0]


async def test_a_line_within_a_fold_is_gone_to_by_opening_it() -> None:
    pane = LogPane("build")
    async with showing(pane, 60, 20) as (pilot, _):
        pane.focus()
        await filled(pane, [*["same"] * 50, "other"])
        pane.set_marks({20: MarkKind.ERROR})
        assert pane.view.row_count == 2
        pane.search("same")
        await until(lambda: pane.search_done)
        await pilot.press("g", "j", "[")
        await pilot.pause()
        assert pane.view.current == 49
        assert rows(pilot)[0].startswith("✗   50 same")
        await pilot.press("n")
        assert pane.view.row_count == 2
        await pilot.press("ctrl+g", "2", "1", "enter")
        await pilot.pause()
        assert pane.view.current == 20
        assert any(row.startswith("✗   21 same") for row in rows(pilot))


async def test_a_progress_bar_of_a_live_log_stays_one_row_at_the_end() -> None:
    pane = LogPane("build", state=SourceState.LIVE)
    async with showing(pane, 60, 20) as (pilot, _):
        for percent in range(0, 100, 5):
            await filled(pane, [f"#7 {percent}.1 Downloading {percent}%"])
        await pilot.pause()
        assert pane.view.row_count == 1
        assert "Downloading 95%" in text(pilot.app)
        assert pane.following


async def test_folding_keeps_the_line_at_the_top() -> None:
    pane = LogPane("build")
    async with showing(pane, 60, 20) as (pilot, _):
        pane.focus()
        pane.append([*["same"] * 3_000, *(f"line {n}" for n in range(100))])
        pane.open_at(3_050)
        await until(lambda: pane.view._known == 3_100)
        await pilot.pause()
        top = pane.view.top_line
        await until(lambda: pane.look_done)
        await pilot.pause()
        assert pane.view.row_count == 101
        assert pane.view.top_line == top
        await pilot.press("F")
        await pilot.pause()
        assert pane.view.top_line == top


async def test_json_is_laid_out_in_place_with_its_secrets_masked() -> None:
    pane = LogPane("build", mask=lambda line: line.replace("hunter2", "********"))
    async with showing(pane, 80, 24) as (pilot, _):
        pane.focus()
        await filled(pane, ["before", JSON, "after", '{"b": {"c": 1}}'])
        await pilot.press("g", "j", "e")
        await pilot.pause()
        shown = [row[7:].rstrip() for row in rows(pilot)]
        assert shown[1:4] == ["2026-11-23T07:14:32Z", "{", '  "level": "error",']
        assert '  "password": "********",' in shown
        assert "    2.50" in shown
        assert "after" in shown
        assert "hunter2" not in text(pilot.app)
        await pilot.press("e")
        await pilot.pause()
        assert rows(pilot)[2].endswith("after")
        await pilot.press("E")
        await pilot.pause()
        assert '    "c": 1' in [row[7:].rstrip() for row in rows(pilot)]
        await pilot.press("E")
        await pilot.pause()
        assert '    "c": 1' not in text(pilot.app)


async def test_what_does_not_fit_a_page_says_how_much_there_is() -> None:
    pane = LogPane("build")
    async with showing(pane, 80, 12) as (pilot, _):
        pane.focus()
        await filled(pane, ["[" + ", ".join(str(n) for n in range(100)) + "]", '{"a": [' + "1, " * 99 + "2]}", "end"])
        await pilot.press("g", "j", "e")
        await pilot.pause()
        assert "more · enter: the whole line" in text(pilot.app)
        await pilot.press("G")
        await pilot.pause()
        assert any(row.endswith("3 end") for row in rows(pilot))


async def test_a_long_line_is_shown_whole_on_demand() -> None:
    pane = LogPane("build")
    async with showing(pane, 60, 20) as (pilot, told):
        pane.focus()
        await filled(pane, ["x" * 100 + "tail", "short"])
        assert "tail" not in text(pilot.app)
        await pilot.press("g", "e")
        await pilot.pause()
        assert "tail" in rows(pilot)[1]
        assert rows(pilot)[2].endswith("short")
        await pilot.press("j", "e")
        await until(lambda: any("all there" in m.notification.message for m in of(told, Notify)))


async def test_every_overwrite_of_a_line_can_be_seen() -> None:
    pane = LogPane("build", cleaner=lambda line: line.rstrip("\r").rpartition("\r")[2])
    async with showing(pane, 60, 20) as (pilot, _):
        pane.focus()
        await filled(pane, ["one\rtwo\rthree\r", "next"])
        assert "one" not in text(pilot.app)
        await pilot.press("g", "e")
        await pilot.pause()
        assert [row.split()[-1] for row in rows(pilot)[:4]] == ["one", "two", "three", "next"]


async def test_the_current_line_stays_where_it_is_on_the_screen_while_the_log_moves() -> None:
    pane = LogPane("build")
    async with showing(pane, 60, 20) as (pilot, _):
        pane.focus()
        await filled(pane, [f"line {n}" for n in "abcdefghijklmnopqrstuvwxyz" * 4])
        pane.open_at(40)
        await pilot.pause()
        place = 40 - pane.view.top
        await pilot.press("j", "j", "k", "pagedown")
        assert pane.view.current is not None
        assert pane.view.current - pane.view.top == place
        await pilot.press(*["pagedown"] * 8)
        assert pane.view.current == 103
        await pilot.press("g", "k")
        assert (pane.view.current, pane.view.top) == (0, 0)
        await pilot.click(pane.view, offset=(12, 5))
        assert pane.view.current == 5


async def test_lines_are_selected_by_keys() -> None:
    pane = LogPane("build")
    async with showing(pane, 90, 20) as (pilot, _):
        pane.focus()
        await filled(pane, ["a", *["same"] * 10, "b", "c", "d"])
        await pilot.press("g", "V", "j", "j")
        await pilot.pause()
        assert list(pane.view.picked_lines) == list(range(12))
        assert "selected 1–12" in lines(pilot.app)[0]
        assert pane.view.top == 0
        await pilot.press("G")
        assert pane.view.picked == (0, 13)
        await pilot.press("escape")
        await pilot.pause()
        assert not pane.view.picked_lines
        assert "selected" not in lines(pilot.app)[0]
        await pilot.press("g", "j", "V")
        assert list(pane.view.picked_lines) == list(range(1, 11))


async def test_errors_are_on_the_map_and_walked_through_before_anything_is_diagnosed() -> None:
    pane = LogPane("build")
    async with showing(pane, 80, 21) as (pilot, told):
        pane.focus()
        batch = [f"line {n}" for n in range(2_000)]
        batch[500], batch[1_500] = "ERROR: one", "failures: 0"
        batch[1_800:1_900] = [f"error {letter}" for letter in "ab" * 50]
        await filled(pane, batch)
        assert len(pane.error_lines) == 101
        await pilot.press("g", "]")
        assert pane.view.current == 500
        await pilot.pause()
        column = pane.view.scrollable_content_region.width - 1
        shown = [pane.view.render_line(y).text[column] for y in range(20)]
        assert (shown[5], shown[15], shown[18]) == ("▎", " ", "█")
        await pilot.click(pane.view, offset=(column, 18))
        assert pane.view.current == 1_800
        await pilot.press("c")
        await until(lambda: any("No line of this log" in m.notification.message for m in of(told, Notify)))
        pane.set_marks({900: MarkKind.CAUSE})
        await pilot.press("c")
        assert pane.view.current == 900
