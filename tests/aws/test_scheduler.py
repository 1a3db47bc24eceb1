"""The scheduler of reads: states first, what is looked at before the rest, the same read once, rates kept."""

from __future__ import annotations

import asyncio
from typing import Any

from aws.budget import Budget, Pace, PlaceCalls
from aws.clock import SystemClock
from aws.cloud import Cloud
from aws.watch import PollPolicy
from aws.watch_policy import Read
from core.place import PipelineRef
from tests.aws.conftest import HERE, THERE
from tests.aws.stub import Refused, StubAws
from tests.aws.test_budget import drive
from tests.aws.test_watch import executions, state, watching

STATES = PollPolicy(state_first=True, in_flight=4, idle_s=60, listing_s=60)
MANY = [f"pipe-{number:03d}" for number in range(60)]


def account_of(stub: StubAws, names: list[str] = MANY, **statuses: str) -> StubAws:
    stub.on("ListPipelines", {"pipelines": [{"name": name} for name in names]})
    stub.on(
        "GetPipelineState", lambda asked: state(asked.params["name"], statuses.get(asked.params["name"], "Succeeded"))
    )
    stub.on("ListPipelineExecutions", executions)
    return stub


async def test_all_states_come_before_the_executions_of_what_rests(stub: StubAws, cloud: Cloud) -> None:
    account_of(stub)
    async with watching(cloud.fleet(poll=STATES)) as seen:
        await seen.until(lambda: len(seen.reads) == 2 * len(MANY))
    order = [one.operation for one in stub.asked if one.operation in {"GetPipelineState", "ListPipelineExecutions"}]
    last_state = max(at for at, name in enumerate(order) if name == "GetPipelineState")
    assert order.count("GetPipelineState") == order.count("ListPipelineExecutions") == len(MANY)
    assert order[:last_state].count("ListPipelineExecutions") <= STATES.in_flight
    latest = {read.snapshot.ref.name: read.snapshot for read in seen.reads}
    assert all(each.execution and each.usual_s == 60.0 for each in latest.values())


async def test_what_is_on_the_screen_is_read_first_with_its_executions(stub: StubAws, cloud: Cloud) -> None:
    account_of(stub)
    fleet = cloud.fleet(poll=STATES)
    wanted = [PipelineRef(HERE, name) for name in MANY[-3:]]
    async with watching(fleet) as seen:
        await seen.until(lambda: len(seen.events) == 1)
        fleet.focus(wanted)
        await seen.until(lambda: {read.snapshot.ref for read in seen.reads if read.snapshot.execution} >= set(wanted))
        before = len(seen.reads)
    assert before <= 3 + 3 * STATES.in_flight


async def test_what_the_user_asks_for_goes_before_all(stub: StubAws, cloud: Cloud) -> None:
    account_of(stub)
    fleet = cloud.fleet(poll=STATES)
    async with watching(fleet) as seen:
        await seen.until(lambda: len(seen.reads) == 2 * len(MANY))
        stub.asked.clear()
        fleet.poke(PipelineRef(HERE, MANY[7]))
        await seen.until(lambda: bool(stub.asked))
    assert stub.asked[0].params == {"name": MANY[7]}


async def test_the_same_read_asked_twice_at_once_is_made_once(stub: StubAws, cloud: Cloud) -> None:
    account_of(stub, ["web"])
    reader = cloud.pipelines(HERE)
    found = await asyncio.gather(*(reader.state("web") for _ in range(5)))
    assert stub.count("GetPipelineState") == 1
    assert len(set(map(id, found))) == 5
    await reader.state("web")
    assert stub.count("GetPipelineState") == 2


async def test_who_leaves_a_shared_read_takes_it_from_nobody(stub: StubAws, cloud: Cloud) -> None:
    release, started = asyncio.Event(), asyncio.Event()

    async def slow(_: Any) -> dict[str, Any]:
        started.set()
        await release.wait()
        return state("web")

    stub.on("GetPipelineState", slow)
    reader = cloud.pipelines(HERE)
    first, second = (asyncio.create_task(reader.state("web")) for _ in range(2))
    async with asyncio.timeout(10):
        await started.wait()
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    release.set()
    assert (await second).stages[0].status == "Succeeded"
    assert stub.count("GetPipelineState") == 1


async def test_rates_that_were_learnt_are_where_the_next_run_begins(stub: StubAws, cloud: Cloud) -> None:
    answers = iter([Refused("ThrottlingException"), *[state("web")] * 9])
    stub.on("GetPipelineState", lambda _: next(answers))
    await cloud.pipelines(HERE).state("web")
    rates = cloud.learnt_rates()
    assert list(rates) == ["|eu-west-1|codepipeline|GetPipelineState|"]
    async with Cloud([HERE]) as later:
        later.begin_with(rates)
        assert later.learnt_rates() == rates
        await later.pipelines(HERE).state("web")
        assert abs(next(iter(later.learnt_rates().values())) - rates["|eu-west-1|codepipeline|GetPipelineState|"]) < 0.1


def test_a_limit_is_nearly_reached_and_seldom_overrun() -> None:
    seconds, late, _ = drive(rate=20, calls=1000)
    assert seconds <= 1.05 * 1000 / 20
    assert late <= 30


def test_a_rate_that_is_known_costs_no_burst_of_refusals() -> None:
    pace = Pace()
    pace.begin_at(20)
    went = 0
    while pace.wait_s(0.0) <= 0:
        pace.take(0.0)
        went += 1
    assert went == 2
    budget = Budget(SystemClock())
    budget.begin_with({("p", "r"): 20.0})
    assert budget.learnt() == {("p", "r"): 20.0}


def test_watching_a_thousand_of_which_ten_run_costs_two_calls_a_second() -> None:
    paced = PollPolicy().paced(moving=10, visible=40, idle=990)
    per_second = 10 / paced.moving_s + 40 / paced.visible_s + 950 / paced.idle_s
    assert per_second <= 2.0
    assert paced.moving_s <= 10
    few = PollPolicy().paced(moving=1, visible=4, idle=20)
    assert (few.moving_s, few.visible_s, few.idle_s) == (2.5, 10.0, 45.0)


async def test_each_of_many_is_read_once_and_then_left_alone(stub: StubAws, cloud: Cloud) -> None:
    account_of(stub, [f"p{number}" for number in range(400)])
    async with watching(cloud.fleet(poll=PollPolicy(state_first=True))) as seen:
        await seen.until(lambda: len([one for one in seen.events if isinstance(one, Read)]) >= 800)
    assert stub.count("GetPipelineState") == 400


async def test_how_the_calls_of_a_place_stand_is_told(stub: StubAws, cloud: Cloud) -> None:
    assert cloud.calls_of(HERE) == PlaceCalls()
    release, begun = asyncio.Event(), asyncio.Event()
    answers = iter([Refused("ThrottlingException"), state("web")])

    async def slow(_: Any) -> dict[str, Any]:
        begun.set()
        await release.wait()
        return state("web")

    stub.on("GetPipelineState", lambda _: next(answers))
    await cloud.pipelines(HERE).state("web")
    told = cloud.calls_of(HERE)
    assert told.learnt
    assert 0 < told.rate < 100
    assert told.throttled_s is not None
    assert 0 <= told.throttled_s < 10
    assert cloud.calls_of(THERE) == PlaceCalls()
    stub.on("GetPipelineState", slow)
    asking = [asyncio.create_task(cloud.pipelines(HERE).state(f"web-{number}")) for number in range(80)]
    async with asyncio.timeout(10):
        await begun.wait()
    assert 0 < cloud.calls_of(HERE).waiting < 80
    release.set()
    for task in asking:
        task.cancel()
    await asyncio.gather(*asking, return_exceptions=True)


async def test_a_place_begins_with_few_reads_side_by_side_and_takes_one_more_with_each_answer(
    stub: StubAws, cloud: Cloud
) -> None:
    account_of(stub)
    full = {8: asyncio.Event(), 16: asyncio.Event()}
    first, rest = asyncio.Event(), asyncio.Event()
    asked_for: list[str] = []

    async def slow(asked: Any) -> dict[str, Any]:
        asked_for.append(asked.params["name"])
        gate = first if len(asked_for) <= 8 else rest
        if held := full.get(stub.in_flight):
            held.set()
        await gate.wait()
        return state(asked.params["name"])

    stub.on("GetPipelineState", slow)
    async with watching(cloud.fleet(poll=PollPolicy(state_first=True, idle_s=60, listing_s=60))) as seen:
        async with asyncio.timeout(20):
            await full[8].wait()
            assert (cloud.stats.in_flight, cloud.stats.waiting) == (8, 0)
            first.set()
            await full[16].wait()
        assert (cloud.stats.in_flight, cloud.stats.waiting) == (16, 0)
        rest.set()
        await seen.until(lambda: len(seen.reads) >= len(MANY))
