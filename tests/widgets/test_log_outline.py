from tests.widgets.stage import lines, of, showing, text
from widgets.log_filter import LogFilter
from widgets.log_outline import LogOutline, OutlineRow
from widgets.log_pane import LogPane
from widgets.log_search import compile_query
from widgets.status import Tone

HOSTILE = "\x1b]52;c;ZXZpbA==\x07[/foo][@click=app.quit]x\u202e"


async def test_parts_are_gone_to_and_those_without_a_place_are_not() -> None:
    outline = LogOutline()
    async with showing(outline, 40, 10) as (pilot, told):
        outline.show(
            [
                OutlineRow("queued", "2s", Tone.OK, None),
                OutlineRow("install", "1m 4s", Tone.OK, 17),
                OutlineRow("build", "", Tone.FAILED, 40),
            ]
        )
        await pilot.pause()
        assert "install" in lines(pilot.app)[1]
        assert "1m 4s" in lines(pilot.app)[1]
        await pilot.press("down", "enter", "j", "enter")
        await pilot.pause()
        assert [message.line for message in of(told, LogOutline.Chosen)] == [17, 40]
        await pilot.click(outline, offset=(3, 0))
        await pilot.pause()
        assert len(of(told, LogOutline.Chosen)) == 2


async def test_the_same_parts_again_leave_the_cursor_where_it_is() -> None:
    outline = LogOutline()
    rows = [OutlineRow(f"part {n}", "", Tone.OK, n) for n in range(4)]
    async with showing(outline, 40, 10) as (pilot, _):
        outline.show(rows)
        outline.highlighted = 2
        outline.show([*rows, OutlineRow("more", "", Tone.RUNNING, 9)])
        await pilot.pause()
        assert outline.highlighted == 2
        assert "more" in text(pilot.app)


async def test_hostile_names_and_filters_reach_no_terminal() -> None:
    outline = LogOutline()
    async with showing(outline, 60, 5) as (pilot, _):
        outline.show([OutlineRow(HOSTILE, HOSTILE, Tone.OK, 0)])
        await pilot.pause()
        assert not {"\x1b", "\x07", "\u202e"} & set(text(pilot.app))
    pane = LogPane(HOSTILE)
    async with showing(pane, 160, 8) as (pilot, _):
        pane.append([HOSTILE, "x"])
        pane.set_filter(LogFilter((compile_query(HOSTILE),)))
        pane.prompt.ask("filter", HOSTILE, HOSTILE, HOSTILE)
        pane.prompt.refuse(HOSTILE)
        await pilot.pause()
        assert "[/foo]" in text(pilot.app)
        assert not {"\x1b", "\x07", "\u202e"} & set(text(pilot.app))


async def test_what_is_pasted_into_the_boxes_is_made_harmless() -> None:
    pane = LogPane("build")
    async with showing(pane, 100, 8) as (pilot, _):
        pane.action_ask_filter()
        pane.prompt.field.value = HOSTILE
        pane.bar.open()
        pane.bar.field.value = HOSTILE
        await pilot.pause()
        await pilot.pause()
        assert not {"\x1b", "\x07", "\u202e"} & set(text(pilot.app))
