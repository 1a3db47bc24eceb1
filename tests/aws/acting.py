"""Actions of the menu done by a test: the situation is read, the action chosen by its id, its questions answered."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from aws.cloud import Cloud
from core.actions import Action, Situation, actions_of
from core.attention import FocusPoint
from core.fact import Fact
from core.place import PipelineRef, Place
from core.plan import Call, Plan
from demo.process import DemoAccount
from tests.aws.changing import ACCOUNT, EU

__all__ = ["choose", "come_to", "menu"]

_STEP_S = 10.0


async def menu(cloud: Cloud, name: str, point: FocusPoint | None = None, place: Place = EU) -> dict[str, Action]:
    """Return what can be done to a pipeline now, by id."""
    reader = cloud.pipelines(place)
    state, definition, page = await asyncio.gather(
        reader.state(name), reader.definition(name), reader.executions(name, limit=25)
    )
    found = actions_of(Situation(PipelineRef(place, name), ACCOUNT, state, definition, page.items, point))
    return {each.id: each for each in found}


async def choose(
    cloud: Cloud,
    name: str,
    begins: str,
    point: FocusPoint | None = None,
    place: Place = EU,
    given: Mapping[str, str] | None = None,
    **answers: str,
) -> Plan:
    """Return the plan of the first action whose id begins so; answers go over its questions' defaults."""
    found = await menu(cloud, name, point, place)
    action = next((each for key, each in found.items() if key.startswith(begins) and each.possible), None)
    assert action is not None, list(found)
    assert action.make
    evidence = cloud.evidence(place)

    async def read(calls: Sequence[Call]) -> tuple[Fact, ...]:
        return tuple(
            [
                await evidence.read(each.service, each.operation, each.params, region=each.region, pages=1)
                for each in calls
            ]
        )

    first = await read(action.reads)
    facts = (*first, *await read(action.more(first)))
    asks = action.asks(facts)
    typed = {each.name: each.default or (each.choices[0].value if each.choices else "") for each in asks}
    plan = action.make({**typed, **(given or {}), **answers}, facts)
    assert plan is not None
    return plan


async def come_to(
    cloud: Cloud, account: DemoAccount, name: str, stage: str, status: str, place: Place = EU, *, within_s: float = 7200
) -> None:
    """Let the account's time pass in small steps until a stage stands as wanted."""
    for _ in range(int(within_s / _STEP_S)):
        state = await cloud.pipelines(place).state(name)
        found = state.stage(stage)
        if (
            found
            and found.status == status
            and all(each.external_id for each in found.actions if each.status == status)
        ):
            return
        await asyncio.to_thread(account.advance, _STEP_S)
    raise AssertionError(f"{stage} of {name} did not come to {status}")
