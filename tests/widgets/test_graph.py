import pytest
from textual.content import Content

from tests.widgets.stage import lines, of, showing, text, until
from widgets.gallery_data import STAGES
from widgets.graph_layout import Look, draw_across, draw_down
from widgets.graph_model import GraphAction, GraphStage, Spot, across, along, ordered, spots, start_spot
from widgets.stage_graph import StageGraph
from widgets.status import Tone

LOOK = Look(lambda content, _: content)


def plain(contents: list[Content]) -> str:
    return "\n".join(content.plain for content in contents)


def test_every_line_of_the_picture_has_one_width() -> None:
    drawing = draw_across(STAGES, 200, LOOK)
    assert {line.cell_length for line in drawing.lines} == {drawing.width}


def test_the_picture_fits_where_narrower_boxes_can_bring_that_about() -> None:
    assert draw_across(STAGES, 150, LOOK).width <= 150


def test_transitions_show_whether_they_are_open() -> None:
    picture = plain(draw_across(STAGES, 200, LOOK).lines)
    assert picture.count("──▶") == 3
    assert picture.count("─⊘─") == 1


def test_parallel_actions_are_joined_and_run_order_shows() -> None:
    entries = ordered(STAGES[1])
    assert [(e.order, e.joint) for e in entries] == [("1", "┬"), ("", "└"), ("2", "─")]


def test_regions_cover_what_they_name() -> None:
    drawing = draw_across(STAGES, 200, LOOK)
    assert set(drawing.regions) == set(spots(STAGES))
    for spot, region in drawing.regions.items():
        if spot.action is not None:
            assert spot.action in drawing.lines[region.y].plain[region.x : region.right]


def test_downwards_everything_fits_the_width_and_says_why_a_transition_is_off() -> None:
    drawing = draw_down(STAGES, 60, LOOK)
    assert max(line.cell_length for line in drawing.lines) <= 60
    assert "⊘ disabled · frozen by sam" in plain(drawing.lines)


def test_a_wide_name_does_not_break_the_box() -> None:
    stage = GraphStage("日本語" * 20, Tone.OK, (GraphAction("名前" * 30, "[/foo]\x1b[2J", Tone.OK),))
    drawing = draw_across((stage,), 100, LOOK)
    assert {line.cell_length for line in drawing.lines} == {drawing.width}


def test_the_walk_goes_through_transitions() -> None:
    spot = Spot("Source", "Fetch")
    walk = []
    for _ in range(20):
        spot = across(STAGES, spot, 1)
        walk.append(spot)
    assert walk[:3] == [Spot("Build"), Spot("Build", "UnitTests"), Spot("Deploy")]
    assert walk[-1] == Spot("Prod", "Approve")
    assert along(STAGES, Spot("Build", "UnitTests"), 5, whole=False) == Spot("Build", "Package")


def test_the_failed_action_is_where_one_starts() -> None:
    assert start_spot(STAGES) == Spot("Deploy", "Ship")
    assert start_spot(()) is None


async def test_keys_walk_and_open() -> None:
    graph = StageGraph(STAGES)
    async with showing(graph, 160, 20) as (pilot, told):
        await pilot.press("left", "left", "down", "enter")
        assert graph.selected == Spot("Build", "Lint")
        assert [(m.stage, m.action) for m in of(told, StageGraph.ActionOpened)] == [("Build", "Lint")]
        assert [m.stage for m in of(told, StageGraph.TransitionSelected)] == ["Deploy"]
        assert of(told, StageGraph.ActionSelected)[0].action == "Ship"


async def test_a_click_selects_what_is_under_it() -> None:
    graph = StageGraph(STAGES)
    async with showing(graph, 160, 20) as (pilot, told):
        row = next(i for i, line in enumerate(lines(pilot.app)) if "Probe" in line)
        column = lines(pilot.app)[row].index("Probe")
        await pilot.click(StageGraph, offset=(column, row), times=2)
        assert graph.selected == Spot("Smoke", "Probe")
        assert [m.action for m in of(told, StageGraph.ActionOpened)] == ["Probe"]


async def test_narrow_places_get_the_list() -> None:
    graph = StageGraph(STAGES)
    async with showing(graph, 80, 40) as (pilot, _):
        assert "╭" not in text(pilot.app)
        await pilot.press("down")
        assert graph.selected == Spot("Smoke")
        await pilot.resize_terminal(160, 40)
        await pilot.pause()
        assert "╭" in text(pilot.app)


async def test_the_selected_action_is_scrolled_into_sight() -> None:
    stages = tuple(GraphStage(f"Stage{n}", Tone.OK, (GraphAction(f"Act{n}", "CodeBuild", Tone.OK),)) for n in range(12))
    graph = StageGraph(stages, direction="across")
    async with showing(graph, 100, 12) as (pilot, _):
        assert "Act11" not in text(pilot.app)
        graph.select("Stage11", "Act11")
        await until(lambda: "Act11" in text(pilot.app))
        graph.select("Stage0", "Act0")
        await until(lambda: "Act0 " in text(pilot.app))


async def test_the_cursor_stays_when_states_change() -> None:
    graph = StageGraph(STAGES)
    async with showing(graph, 160, 20) as (pilot, told):
        graph.select("Prod", "Ship")
        await pilot.pause()
        told.clear()
        done = tuple(GraphStage(s.name, Tone.OK, s.actions, s.transition) for s in STAGES)
        graph.sync(done)
        await pilot.pause()
        assert graph.selected == Spot("Prod", "Ship")
        assert of(told, StageGraph.ActionSelected) == []
        graph.sync(done[:2])
        await pilot.pause()
        assert graph.selected is not None
        assert graph.selected.stage in {"Source", "Build"}


@pytest.mark.parametrize(("level", "pulses"), [("full", True), ("none", False)])
async def test_running_actions_pulse_only_with_animations_on(level: str, pulses: bool) -> None:
    graph = StageGraph()
    async with showing(graph, 160, 20) as (pilot, _):
        pilot.app.animation_level = level  # type: ignore[assignment]
        graph.sync(STAGES)
        assert (graph._pulse is not None) is pulses
        graph.sync(STAGES[:1])
        assert graph._pulse is None


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light", "ansi-dark"])
async def test_the_selected_action_stands_out_in_every_theme(theme: str) -> None:
    graph = StageGraph(STAGES)
    async with showing(graph, 160, 20) as (pilot, _):
        pilot.app.theme = theme
        await pilot.pause()
        graph.select("Build", "Lint")
        await pilot.pause()
        chosen = graph.render_line(3)
        graph.select("Build", "Package")
        await pilot.pause()
        assert list(graph.render_line(3)) != list(chosen)
        assert graph.render_line(3).text == chosen.text
