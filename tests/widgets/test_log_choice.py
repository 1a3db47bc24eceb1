"""Filtering, colouring and jumping in a log pane, as a person does it."""

import pytest

from tests.widgets.stage import lines, showing, text, until
from widgets.log_filter import LogFilter
from widgets.log_pane import LogPane, MarkKind, SourceState
from widgets.log_search import compile_query
from widgets.log_stamps import Stamps
from widgets.log_store import LogStore

AT = 1_795_417_200_000


def numbered(count: int, start: int = 0) -> list[str]:
    return [f"line {n} of the build{' ERROR' if n % 100 == 50 else ''}" for n in range(start, start + count)]


async def filled(pane: LogPane, batch: list[str], times: list[int] | None = None) -> None:
    pane.append(batch, times)
    await until(lambda: pane.view._known == pane.line_count)


async def test_only_matching_lines_are_shown_under_their_own_numbers() -> None:
    pane = LogPane("build")
    async with showing(pane, 110, 20) as (pilot, _):
        pane.focus()
        await filled(pane, numbered(3_000))
        pane.open_at(0)
        await pilot.press("ampersand", *"line 77", "enter")
        await until(lambda: pane.filter_done and pane.shown_count == 11)
        await pilot.pause()
        assert [line.split()[0] for line in lines(pilot.app)[1:12]] == ["78", *(str(n) for n in range(771, 781))]
        assert "& line 77: 11 of 3,000 lines" in lines(pilot.app)[0]
        await pilot.press("ampersand", *"!775", "enter")
        await until(lambda: pane.filter_done and pane.shown_count == 10)
        await pilot.press("plus")
        await until(lambda: pane.filter_done and pane.shown_count == 15)
        await pilot.press("ampersand", "enter")
        await until(lambda: pane.shown_count == 3_000)


async def test_a_filter_keeps_the_place_and_gives_it_back() -> None:
    pane = LogPane("build")
    async with showing(pane, 80, 20) as (pilot, _):
        await filled(pane, numbered(5_000))
        pane.open_at(2_540)
        pane.set_filter(LogFilter((compile_query("error"),)))
        await until(lambda: pane.filter_done)
        await pilot.pause()
        assert "line 2550 of the build" in text(pilot.app)
        pane.set_filter(LogFilter())
        await pilot.pause()
        assert "line 2540 of the build" in text(pilot.app)


async def test_new_lines_join_a_filter_that_is_followed() -> None:
    pane = LogPane("build", state=SourceState.LIVE)
    async with showing(pane, 80, 20) as (pilot, _):
        pane.set_filter(LogFilter((compile_query("error"),)))
        for start in range(0, 3_000, 500):
            await filled(pane, numbered(500, start))
        await until(lambda: pane.filter_done and pane.shown_count == 30)
        await pilot.pause()
        assert "line 2950 of the build ERROR" in text(pilot.app)
        assert pane.following


async def test_severity_leaves_errors() -> None:
    pane = LogPane("build")
    async with showing(pane, 80, 20) as (pilot, _):
        pane.focus()
        await filled(pane, [*numbered(100), "warning: x"])
        await pilot.press("s")
        await until(lambda: pane.filter_done and pane.shown_count == 2)
        await pilot.press("s")
        await until(lambda: pane.filter_done and pane.shown_count == 1)
        await pilot.press("s")
        await until(lambda: pane.shown_count == 101)


async def test_times_stand_before_lines_in_every_form() -> None:
    pane = LogPane("build")
    async with showing(pane, 100, 20) as (pilot, _):
        pane.focus()
        await filled(pane, ["a", "b"], [AT, AT + 1_250])
        pane.view.stamps = Stamps.UTC
        await pilot.pause()
        assert "   1 07:00:00.000Z a" in text(pilot.app)
        await pilot.press("t", "t")
        await pilot.pause()
        assert "   2    +1.250 b" in text(pilot.app)
        assert "since the line before" in lines(pilot.app)[0]
        await pilot.press("t")
        await pilot.pause()
        assert "   2 b" in text(pilot.app)


@pytest.mark.parametrize(("typed", "line"), [("1,200", 1_199), ("50%", 999), ("9999999", 1_999), ("BUILD", 42)])
async def test_a_place_is_gone_to(typed: str, line: int) -> None:
    def read(place: str, store: LogStore) -> int | None:
        return 42 if place == "BUILD" and len(store) else None

    pane = LogPane("build")
    pane.jump_reader = read
    async with showing(pane, 100, 20) as (pilot, _):
        pane.focus()
        await filled(pane, numbered(2_000))
        await pilot.press("ctrl+g", *typed, "enter")
        await until(lambda: pane.view.current == line)
        await pilot.press("ctrl+g", *"nowhere", "enter")
        await pilot.pause()
        assert "is no line, share, time or phase" in text(pilot.app)
        await pilot.press("escape")
        await pilot.pause()
        assert pane.view.has_focus
        assert pane.view.current == line


async def test_a_pattern_that_cannot_be_read_stays_in_the_prompt() -> None:
    pane = LogPane("build")
    async with showing(pane, 100, 20) as (pilot, _):
        pane.focus()
        await filled(pane, ["a"])
        await pilot.press("ampersand", *"/(/", "enter")
        await pilot.pause()
        assert "unterminated" in text(pilot.app)
        assert pane.shown_count == 1


async def test_terms_are_coloured_until_nothing_is_asked_for() -> None:
    pane = LogPane("build")
    async with showing(pane, 100, 20) as (pilot, _):
        pane.focus()
        await filled(pane, numbered(5))
        await pilot.press("asterisk", *"build", "enter", "asterisk", *"line", "enter")
        await pilot.pause()
        assert [term.text for term in pane.view.terms] == ["build", "line"]
        styles = {segment.text: segment.style for segment in pane.view.render_line(0)}
        assert styles["build"] != styles["line"]
        await pilot.press("asterisk", "enter")
        assert pane.view.terms == ()


async def test_secrets_are_masked_until_the_key_shows_them() -> None:
    pane = LogPane("build", mask=lambda line: line.replace("hunter2", "****"))
    async with showing(pane, 100, 20) as (pilot, _):
        pane.focus()
        await filled(pane, ["pw hunter2", "-----BEGIN PRIVATE KEY-----", "MIIE", "-----END PRIVATE KEY-----"])
        await pilot.pause()
        assert "hunter2" not in text(pilot.app)
        assert "MIIE" not in text(pilot.app)
        await pilot.press("H")
        await pilot.pause()
        assert "pw hunter2" in text(pilot.app)
        assert "MIIE" in text(pilot.app)
        assert "secrets shown" in lines(pilot.app)[0]


async def test_errors_stand_on_the_map_where_they_are_in_the_log() -> None:
    pane = LogPane("build")
    async with showing(pane, 80, 21) as (pilot, _):
        await filled(pane, numbered(2_000))
        pane.set_marks({1_000: MarkKind.ERROR, 1_999: MarkKind.CAUSE})
        pane.open_at(0)
        await until(lambda: pane.look_done)
        await pilot.pause()
        column = pane.view.scrollable_content_region.width - 1
        shown = [pane.view.render_line(y).text[column] for y in range(20)]
        assert shown[10] == "▎"
        assert shown[19] == "◆"
        assert set(shown[:19]) == {"▎"}


async def test_a_selection_in_a_filtered_log_holds_only_what_is_shown() -> None:
    pane = LogPane("build")
    async with showing(pane, 80, 20) as (pilot, _):
        await filled(pane, ["keep one", "drop", "keep two"])
        pane.set_filter(LogFilter((compile_query("keep"),)))
        await until(lambda: pane.filter_done)
        await pilot.pause()
        gutter = pane.view.gutter_width
        await pilot.mouse_down(pane.view, offset=(gutter, 0))
        await pilot.mouse_up(pane.view, offset=(gutter + 8, 1))
        await pilot.pause()
        selected = pilot.app.screen.get_selected_text()
        assert selected is not None
        assert "drop" not in selected
        assert selected.startswith("keep one\nkeep tw")


async def test_a_filter_is_turned_about() -> None:
    pane = LogPane("build")
    async with showing(pane, 110, 20) as (pilot, _):
        pane.focus()
        await filled(pane, numbered(300))
        await pilot.press("ampersand", *"line 1", "enter")
        await until(lambda: pane.filter_done and pane.shown_count == 111)
        await pilot.press("exclamation_mark")
        await until(lambda: pane.filter_done and pane.shown_count == 189)
        await pilot.pause()
        assert "all but (line 1)" in lines(pilot.app)[0]
        await pilot.press("exclamation_mark")
        await until(lambda: pane.filter_done and pane.shown_count == 111)


async def test_a_time_is_chosen_by_keys_and_by_what_is_typed() -> None:
    def read(typed: str, store: LogStore, line: int) -> tuple[int | None, int | None] | None:
        at_ms = store.time_of(line)
        return (at_ms, AT + 300_000) if typed == "from here" else None

    pane = LogPane("build")
    pane.window_reader = read
    async with showing(pane, 110, 20) as (pilot, _):
        pane.focus()
        await filled(pane, numbered(1_200), [AT + n * 1_000 for n in range(1_200)])
        await pilot.press("less_than_sign")
        assert pane.shown_count == 1_200
        await pilot.press("less_than_sign", "less_than_sign")
        await until(lambda: pane.filter_done and pane.shown_count == 301)
        await pilot.press("less_than_sign", "less_than_sign")
        await until(lambda: pane.filter_done and pane.shown_count == 61)
        assert pane.filter.since_ms == AT + 1_139_000
        await pilot.press(*["greater_than_sign"] * 4)
        await until(lambda: pane.shown_count == 1_200)
        await pilot.press("ctrl+g", "1", "0", "1", "enter", "W", *"from here", "enter")
        await until(lambda: pane.filter_done and pane.shown_count == 200)
        await pilot.press("W", *"what", "enter")
        await pilot.pause()
        assert "'what' is no time" in text(pilot.app)
        await pilot.press("escape", "W", "enter")
        await until(lambda: pane.shown_count == 1_200)


async def test_a_log_without_times_has_no_window() -> None:
    pane = LogPane("build")
    async with showing(pane, 110, 20) as (pilot, _):
        pane.focus()
        await filled(pane, numbered(100))
        await pilot.press("less_than_sign")
        assert pane.shown_count == 100
        assert pane.filter.shows_all


async def test_a_pattern_that_could_search_for_ever_is_refused() -> None:
    pane = LogPane("build")
    pane.pattern_fault = lambda pattern: "for ever" if pattern == "(a+)+b" else ""
    async with showing(pane, 110, 20) as (pilot, _):
        pane.focus()
        await filled(pane, ["a" * 100])
        await pilot.press("slash", "ctrl+r", *"(a+)+b")
        await pilot.pause()
        assert "for ever" in lines(pilot.app)[-1]
        await pilot.press("escape", "ampersand", *"/(a+)+b/", "enter")
        await pilot.pause()
        assert "for ever" in lines(pilot.app)[-1]
        assert pane.filter.shows_all
