"""Two engineers at once: the second one sees what the first one made of it, and writes nothing."""

from __future__ import annotations

import asyncio

from core.place import PipelineRef
from core.plan import ApplyOutcome
from core.plans.definition import set_run_order
from core.plans.setting import Where
from demo.process import DemoAccount
from tests.tui.actions.person import apply, outcome
from tests.tui.walk import walking
from tui import navigation


async def test_a_structure_edited_meanwhile_is_shown_as_a_difference(on_own: DemoAccount) -> None:
    async with walking() as walk:
        await walk.read()
        cloud, place = walk.app.desk.cloud, walk.app.desk.places[0]
        ref, where = PipelineRef(place, "mailer"), Where(place, "111122223333", "mailer")
        current = await cloud.evidence(place).read("codepipeline", "GetPipeline", {"name": "mailer"})
        build = current.get("pipeline", "stages", 1)
        names = (build["name"], build["actions"][0]["name"])
        mine, theirs = (set_run_order(where, current, *names, order) for order in (7, 9))
        assert mine
        assert theirs
        navigation.open_plan(walk.app, ref, mine)
        await walk.on("FixScreen")
        steps = [step async for step in cloud.apply(theirs)]
        assert steps[-1].outcome is ApplyOutcome.VERIFIED
        await apply(walk)
        assert outcome(walk) == "conflict"
        await walk.until(lambda: bool(walk.app.screen.query("#conflict")))
        await walk.shows('"runOrder": 9')
        now = await cloud.evidence(place).read("codepipeline", "GetPipeline", {"name": "mailer"})
        assert now.get("pipeline", "stages", 1, "actions", 0, "runOrder") == 9
    told = await asyncio.to_thread(on_own.calls)
    assert told["by_operation"]["codepipeline:UpdatePipeline"] == 1
