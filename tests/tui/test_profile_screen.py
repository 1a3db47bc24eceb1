"""Where the time goes, on the screen: figures, advice, its fix through the wizard, and the timeline."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import boto3
import pytest

from core.place import PipelineRef
from demo.process import DemoAccount
from tests.tui.actions.person import apply, outcome
from tests.tui.walk import Walk, walking
from tui.profile_timeline import Timeline
from tui.screens.profile import ProfileScreen


async def profiled(walk: Walk, name: str) -> ProfileScreen:
    await walk.read()
    await walk.select(name)
    await walk.press("p")
    await walk.on("ProfileScreen")
    screen = walk.app.screen
    assert isinstance(screen, ProfileScreen)
    await walk.until(lambda: screen.profile is not None)
    return screen


async def test_the_advice_is_read_and_its_fix_makes_the_pipeline_quicker(on_own: DemoAccount) -> None:
    async with walking() as walk:
        screen = await profiled(walk, "storefront")
        await walk.shows("usually 12m", "Where the time goes", "side by side", "f opens the wizard")
        assert screen.selected
        assert screen.selected.cause == "perf.sequential-actions"
        assert "f" in walk.keys
        await walk.press("down")
        await walk.shows("node_modules")
        await walk.press("up", "f")
        await walk.on("FixScreen")
        await walk.shows("Run Unit, Contract, Lint, Browser as early as what they need allows")
        await apply(walk)
        assert outcome(walk) == "verified"
        ref = PipelineRef(walk.app.desk.places[0], "storefront")
        definition = await walk.app.desk.cloud.pipelines(ref.place).definition("storefront")
        build = definition.stage("Build")
        assert build
        assert {(each.name, each.run_order) for each in build.actions} == {
            ("Bundle", 1), ("Unit", 1), ("Contract", 1), ("Lint", 1),
        }  # fmt: skip
        await asyncio.to_thread(on_own.push, "example-shop/storefront", "Quicker")
        await asyncio.to_thread(on_own.advance, 3600)
        newest = (await walk.app.desk.cloud.pipelines(ref.place).executions("storefront", limit=1)).items[0]
        assert newest.status == "Succeeded"
        assert newest.updated_at is not None
        assert newest.started_at is not None
        assert newest.updated_at - newest.started_at < 9 * 60


async def test_a_machine_that_cloudwatch_shows_used_up_is_to_be_replaced_through_the_wizard(
    on_own: DemoAccount,
) -> None:
    def published() -> None:
        """Give the project's builds what CodeBuild publishes of them."""
        at = datetime.now(UTC) - timedelta(hours=5)
        names = {"CPUUtilizedPercent": 94.0, "MemoryUtilizedPercent": 61.0}
        data = [
            {
                "MetricName": name,
                "Dimensions": [{"Name": "ProjectName", "Value": "storefront"}],
                "Timestamp": at,
                "Value": each,
            }
            for name, each in names.items()
        ]
        boto3.client("cloudwatch", region_name="eu-west-1").put_metric_data(Namespace="AWS/CodeBuild", MetricData=data)

    await asyncio.to_thread(published)
    async with walking() as walk:
        screen = await profiled(walk, "storefront")
        assert screen.profile
        found = next(each for each in screen.profile.advice if each.cause == "perf.compute-small")
        assert found.title.startswith("Give storefront general1.large, not general1.medium: ")
        assert "94 % of its processors on average, memory up to 61 %" in found.summary
        assert found.cost_before is not None
        assert found.cost_after is not None
        assert found.fixes[0].plan
        assert found.fixes[0].plan.call.params["environment"]["computeType"] == "BUILD_GENERAL1_LARGE"


@pytest.mark.parametrize("size", [(160, 45), (80, 24)])
async def test_every_size_shows_advice_and_where_time_goes(on_demo: DemoAccount, size: tuple[int, int]) -> None:
    async with walking(size=size) as walk:
        await profiled(walk, "storefront")
        await walk.shows("side by side")
        if size[0] < 110:
            await walk.press("w")
        await walk.shows("Where the time goes", "provisioning", "Delivery" if size[1] > 30 else "Actions")
        assert all(len(line) <= size[0] for line in walk.lines)
        await walk.press("escape")
        await walk.on("PipelinesScreen")


async def test_the_timeline_shows_one_execution_against_the_usual(on_demo: DemoAccount) -> None:
    async with walking() as walk:
        await walk.read()
        await walk.open("storefront")
        await walk.press("3")
        timeline = walk.app.screen.query_one(Timeline)
        await walk.until(lambda: timeline.run is not None)
        await walk.shows("1 of 30", "Bundle", "usually 3m", "on the critical path")
        newest = timeline.run
        await walk.press("left_square_bracket")
        await walk.shows("2 of 30")
        assert timeline.run != newest
        await walk.press("right_square_bracket", "right_square_bracket")
        await walk.shows("1 of 30", "30 runs, tallest")
        await walk.pilot.resize_terminal(80, 24)
        await walk.until(lambda: not timeline.past.display)
        await walk.shows("1 of 30")


async def test_the_playbook_of_bottlenecks_opens_by_hand(on_demo: DemoAccount) -> None:
    async with walking() as walk:
        await profiled(walk, "storefront")
        await walk.press("d")
        await walk.on("PlaybookScreen")
        await walk.shows("Bottlenecks", "Do actions that need nothing of each other")
        await walk.press("A")
        await walk.shows("What came of it", "Give them the same runOrder")
        await walk.press("escape")
        await walk.on("ProfileScreen")


async def test_a_profile_that_may_not_be_read_says_what_to_ask_for(on_demo: DemoAccount) -> None:
    on_demo.add_fault(
        service="codepipeline",
        operation="ListPipelineExecutions",
        code="AccessDeniedException",
        message="not authorized",
    )
    async with walking() as walk:
        await walk.read()
        await walk.select("storefront")
        await walk.press("p")
        await walk.on("ProfileScreen")
        await walk.shows("codepipeline:ListPipelineExecutions")
