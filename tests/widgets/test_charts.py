import pytest

from tests.widgets.stage import lines, showing, text
from widgets.bars import Part, bar, columns, stacked
from widgets.gantt import Gantt, GanttRow
from widgets.histogram import Histogram, RunBar, RunStrip
from widgets.status import Tone

HOSTILE = "\x1b]52;c;ZXZpbA==\x07[/foo][@click=app.quit]x\u202e"


def test_bars_fill_their_share_to_an_eighth_and_keep_their_width() -> None:
    assert bar(0.5, 10).plain == "█████     "
    assert bar(0.55, 10).plain == "█████▌    "
    assert bar(2.0, 4).plain == "████"
    assert bar(0.0, 4).plain == "    "
    assert bar(0.55, 10, "", "▒").plain == "▒▒▒▒▒▒    "
    assert bar(0.01, 10, "", "▒").plain == "▒         "


def test_stacked_parts_never_go_beyond_the_width_and_small_ones_are_seen() -> None:
    parts = (Part(90, "█"), Part(1, "░"), Part(9, "▒"))
    drawn = stacked(parts, 20).plain
    assert len(drawn) == 20
    assert "░" in drawn
    assert drawn.count("█") == 18
    assert stacked((), 5).plain == "     "
    assert len(stacked((Part(200),), 10, whole=100).plain) == 10


def test_columns_stand_on_the_ground() -> None:
    drawn = [line.plain for line in columns([0, 1, 2], 2, lambda _: "")]
    assert drawn == ["  █", " ██"]


async def test_a_gantt_shows_when_parts_ran_and_their_usual_beneath() -> None:
    rows = [
        GanttRow("Source"),
        GanttRow("Fetch", 0, (Part(10),), None, "10s", depth=1),
        GanttRow("Build", 10, (Part(10, "░"), Part(80, "█")), 45, "1m 30s", Tone.FAILED, 1, critical=True),
    ]
    view = Gantt()
    async with showing(view, 80, 12) as (pilot, _):
        view.show(rows, [("░", "", "queue"), ("‖", "", "approval")], "execution 1")
        await pilot.pause()
        shown = lines(pilot.app)
        assert shown[0].strip() == "execution 1"
        assert "queue" in shown[1]
        assert "approval" not in shown[1]  # it is not drawn
        assert shown[2].split() == ["╷0", "╷60", "s"]
        fetch, build, usual = shown[4], shown[5], shown[6]
        assert fetch.index("█") < build.index("░") < build.index("█")
        assert "✗ Build" in build
        assert build.rstrip().endswith("1m 30s")
        assert 0.4 < usual.count("╌") / (build.count("█") + build.count("░")) < 0.6
        assert "usually" in usual
        await pilot.resize_terminal(40, 12)
        await pilot.pause()
        assert all(len(line) <= 40 for line in lines(pilot.app))


async def test_a_long_wait_is_drawn_shorter_so_that_the_rest_shows() -> None:
    wait = 90_000.0
    rows = [
        GanttRow("Build", 0, (Part(600, "█"),), None, "10m", depth=1),
        GanttRow("Approve", 600, (Part(wait, "‖"),), None, "1d", depth=1),
        GanttRow("Ship", 600 + wait, (Part(300, "▓"),), None, "5m", depth=1),
    ]
    view = Gantt()
    async with showing(view, 110, 8) as (pilot, _):
        view.show(rows)
        await pilot.pause()
        assert "".join(lines(pilot.app)).count("█") == 0  # less than a cell
        view.show(rows, squeezed=(600, 600 + wait))
        await pilot.pause()
        scale, build, approve, ship = lines(pilot.app)[:4]
        assert "≈ 90000 s cut short" in scale
        assert build.count("█") > approve.count("‖") > 15
        assert ship.count("▓") == pytest.approx(build.count("█") / 2, abs=1)
        assert approve.index("‖") == len(build.rstrip().rpartition("█")[0]) + 1
        assert ship.index("▓") == approve.rindex("‖") + 1


async def test_a_histogram_marks_the_median_and_a_strip_how_runs_went() -> None:
    chart = Histogram("durations")
    async with showing(chart, 40, 8) as (pilot, _):
        assert "nothing to show yet" in text(pilot.app)
        chart.show([10.0] * 9 + [50.0], [("M", 10.0), ("L", 50.0)])
        await pilot.pause()
        shown = lines(pilot.app)
        assert shown[1].startswith("█")
        assert shown[-2].startswith("M")
        assert shown[-2].endswith("L")
        assert shown[-1].endswith("50 s")
    strip = RunStrip("runs")
    async with showing(strip, 30, 5) as (pilot, _):
        strip.show([RunBar(10, Tone.OK), RunBar(20, Tone.FAILED)], chosen=1)
        await pilot.pause()
        assert lines(pilot.app)[-1].split() == ["✓", "✗"]
        strip.show([RunBar(10, Tone.OK)] * 40)
        await pilot.pause()
        assert lines(pilot.app)[-1] == "✓" * 30


async def test_hostile_words_in_charts_reach_no_terminal() -> None:
    view = Gantt()
    async with showing(view, 120, 8) as (pilot, _):
        view.show([GanttRow(HOSTILE, 0, (Part(5),), 3, HOSTILE, depth=1)], [("x", "", HOSTILE)], HOSTILE)
        await pilot.pause()
        assert "[/foo]" in text(pilot.app)
        assert not {"\x1b", "\x07", "\u202e"} & set(text(pilot.app))
