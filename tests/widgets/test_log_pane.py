from tests.widgets.stage import lines, of, showing, text, until
from widgets.log_pane import LogPane, MarkKind, SourceState


def numbered(count: int, start: int = 0) -> list[str]:
    return [f"line {n} of the build" for n in range(start, start + count)]


async def filled(pane: LogPane, batch: list[str]) -> None:
    pane.append(batch)
    await until(lambda: pane.view._known == pane.line_count)


async def test_a_live_log_stands_at_its_end() -> None:
    pane = LogPane("build", state=SourceState.LIVE)
    async with showing(pane, 80, 20) as (pilot, _):
        await filled(pane, numbered(500))
        await pilot.pause()
        assert "line 499 of the build" in text(pilot.app)
        await filled(pane, numbered(500, 500))
        await pilot.pause()
        assert "line 999 of the build" in text(pilot.app)
        assert pane.following


async def test_leaving_the_end_pauses_and_counts_what_is_new() -> None:
    pane = LogPane("build", state=SourceState.LIVE)
    async with showing(pane, 80, 20) as (pilot, told):
        pane.focus()
        await filled(pane, numbered(500))
        await pilot.press("k")
        top = pane.view.top
        shown = lines(pilot.app)[1]
        await filled(pane, numbered(132, 500))
        await pilot.pause()
        assert pane.view.top == top
        assert lines(pilot.app)[1] == shown
        assert "paused +132" in lines(pilot.app)[0]
        await pilot.press("G")
        await pilot.pause()
        assert "line 631 of the build" in text(pilot.app)
        assert [m.following for m in of(told, LogPane.FollowChanged)] == [False, True]


async def test_a_log_opens_at_a_line_that_is_yet_to_come() -> None:
    pane = LogPane("build")
    async with showing(pane, 80, 20) as (pilot, _):
        pane.open_at(1_500)
        for start in range(0, 2_000, 500):
            await filled(pane, numbered(500, start))
        await pilot.pause()
        assert "line 1500 of the build" in text(pilot.app)
        assert "1501" in text(pilot.app)
        assert not pane.following


async def test_twenty_thousand_lines_open_at_the_first_error() -> None:
    pane = LogPane("build")
    async with showing(pane, 120, 30) as (pilot, _):
        batch = numbered(20_000)
        batch[12_345] = "\x1b[31mERROR\x1b[0m AccessDenied"
        pane.append(batch)
        pane.set_marks({12_345: MarkKind.ERROR})
        pane.open_at(12_345)
        await until(lambda: "AccessDenied" in text(pilot.app))
        line = next(line for line in lines(pilot.app) if "AccessDenied" in line)
        assert line.startswith("✗ 12346 ")


async def test_marks_are_walked_through() -> None:
    pane = LogPane("build")
    async with showing(pane, 80, 20) as (pilot, told):
        pane.focus()
        await filled(pane, numbered(1_000))
        pane.set_marks({100: MarkKind.CAUSE, 400: MarkKind.ERROR, 800: MarkKind.PHASE})
        pane.open_at(0)
        await pilot.press("]", "]", "[")
        await pilot.pause()
        assert [m.line for m in of(told, LogPane.MarkJumped)] == [100, 400, 100]
        assert any(line.startswith("◆  101 line 100") for line in lines(pilot.app))


async def test_typing_searches_and_n_walks_through_the_matches() -> None:
    pane = LogPane("build")
    async with showing(pane, 100, 20) as (pilot, _):
        pane.focus()
        await filled(pane, numbered(5_000))
        pane.open_at(0)
        await pilot.press("slash", *"line 77")
        await until(lambda: pane.search_done and pane.matches)
        await pilot.press("enter")
        assert pane.matches[:3] == (77, 770, 771)
        assert pane.view.current == 77
        await pilot.press("n", "n", "N")
        assert pane.view.current == 770
        await pilot.press("N", "N")
        assert pane.view.current == pane.matches[-1]
        await pilot.pause()
        assert f"of {len(pane.matches)} lines match" in lines(pilot.app)[-1]
        await pilot.press("escape")
        await pilot.pause()
        assert pane.matches == ()
        assert "lines match" not in text(pilot.app)


async def test_new_lines_join_a_running_search() -> None:
    pane = LogPane("build")
    async with showing(pane, 100, 20) as (pilot, _):
        await filled(pane, numbered(100))
        pane.search("line 1")
        await until(lambda: pane.search_done)
        await filled(pane, ["line 1 again"])
        await until(lambda: pane.search_done)
        assert pane.matches[-1] == 100
        await pilot.pause()


async def test_a_bad_pattern_is_said_and_harms_nothing() -> None:
    pane = LogPane("build")
    async with showing(pane, 100, 20) as (pilot, _):
        pane.focus()
        await filled(pane, numbered(100))
        await pilot.press("slash", "ctrl+r", "(")
        await pilot.pause()
        assert "missing )" in lines(pilot.app)[-1]
        await pilot.press("escape")
        await pilot.pause()
        assert pane.matches == ()
        assert pane.view.has_focus


async def test_wrapped_lines_reach_their_end() -> None:
    pane = LogPane("build", state=SourceState.LIVE)
    async with showing(pane, 60, 12) as (pilot, _):
        pane.focus()
        await filled(pane, [f"{n} " + "word " * 40 + f"end-{n}" for n in range(50)])
        await pilot.press("w", "G")
        await pilot.pause()
        assert "end-49" in "".join(line[7:59] for line in lines(pilot.app))
        await pilot.press("g")
        await pilot.pause()
        assert lines(pilot.app)[1].split()[:2] == ["1", "0"]
        await pilot.press("w")
        await pilot.pause()
        assert "end-0" not in text(pilot.app)


async def test_sideways_keeps_the_numbers_in_place() -> None:
    pane = LogPane("build")
    async with showing(pane, 60, 12) as (pilot, _):
        pane.focus()
        await filled(pane, ["0123456789" * 30 + letter for letter in "abcde"])
        await pilot.press("g", "right")
        await pilot.pause()
        assert lines(pilot.app)[1].startswith("     1 89012345")
        assert "›" in lines(pilot.app)[1]


async def test_a_burst_is_drawn_in_beats() -> None:
    pane = LogPane("build", state=SourceState.LIVE)
    async with showing(pane, 80, 20) as (pilot, _):
        flushes = 0
        original = pane._flush

        def count() -> None:
            nonlocal flushes
            flushes += 1
            original()

        pane._flush = count  # type: ignore[method-assign]
        for n in range(2_000):
            pane.append([f"line {n}"])
        await until(lambda: pane.view._known == 2_000)
        assert flushes <= 3
        await pilot.pause()


async def test_the_state_of_the_source_is_in_the_header() -> None:
    pane = LogPane("Build / Package [/foo]", state=SourceState.WAITING)
    async with showing(pane, 100, 10) as (pilot, _):
        assert "waiting for the stream" in lines(pilot.app)[0]
        assert "Build / Package [/foo]" in lines(pilot.app)[0]
        pane.set_state(SourceState.RECONNECTING, "in 3 s")
        await pilot.pause()
        assert "reconnecting in 3 s" in lines(pilot.app)[0]
        await filled(pane, numbered(7))
        pane.set_state(SourceState.ENDED)
        await pilot.pause()
        assert "ended  7 lines" in lines(pilot.app)[0]


async def test_selected_lines_are_copied_as_shown() -> None:
    pane = LogPane("build")
    async with showing(pane, 80, 20) as (pilot, _):
        await filled(pane, ["\x1b[31mred\x1b[0m one", "two", "three"])
        await pilot.pause()
        await pilot.mouse_down(pane.view, offset=(6 + 1, 0))
        await pilot.mouse_up(pane.view, offset=(6 + 4, 1))
        await pilot.pause()
        selected = pilot.app.screen.get_selected_text()
        assert selected is not None
        assert "ed one\ntwo" in selected or "red one\ntw" in selected


async def test_a_log_filled_out_of_sight_opens_where_it_should() -> None:
    pane = LogPane("build")
    pane.append(numbered(500))
    pane.open_at(300)
    pane.display = False
    async with showing(pane, 80, 20) as (pilot, _):
        pane.append(numbered(500, 500))
        await pilot.pause()
        pane.display = True
        await until(lambda: "line 300 of the build" in text(pilot.app))
        assert "line 296 of the build" in text(pilot.app)
        assert pane.view.current == 300
