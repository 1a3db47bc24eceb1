"""The pace learns a limit it was never told, and the most urgent call goes first."""

from __future__ import annotations

import asyncio

from aws.budget import Budget, Pace, Urgency
from aws.clock import SystemClock


class Limit:
    """A server that lets `rate` calls a second through, with a burst of as many."""

    def __init__(self, rate: float) -> None:
        self.rate, self.tokens, self.at = rate, rate, 0.0

    def lets(self, now: float) -> bool:
        self.tokens = min(self.rate, self.tokens + (now - self.at) * self.rate)
        self.at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


def drive(rate: float, calls: int, answer_s: float = 0.05) -> tuple[float, int, int]:
    """Return seconds, throttles after ten seconds and throttles in all, until `calls` have passed."""
    pace, limit = Pace(), Limit(rate)
    now, passed, late, total = 0.0, 0, 0, 0
    coming: list[tuple[float, float, bool]] = []
    while passed < calls:
        while coming and coming[0][0] <= now:
            _, sent_at, good = coming.pop(0)
            if good:
                passed += 1
                pace.passed(now)
            else:
                total += 1
                late += now > 10
                pace.throttled(now, sent_at)
        if len(coming) < 50 and pace.wait_s(now) <= 0:
            pace.take(now)
            coming.append((now + answer_s, now, limit.lets(now)))
            continue
        now += 0.001
    return now, late, total


def test_a_limit_is_learnt_and_nearly_reached() -> None:
    seconds, late, _ = drive(rate=20, calls=1000)
    assert seconds <= 1.10 * 1000 / 20
    assert late <= 30


def test_a_low_limit_is_learnt_too() -> None:
    seconds, late, _ = drive(rate=4, calls=200)
    assert seconds <= 1.15 * 200 / 4
    assert late <= 20


def test_without_a_limit_a_thousand_calls_take_a_burst() -> None:
    seconds, _, throttles = drive(rate=100_000, calls=1000)
    assert throttles == 0
    assert seconds <= 3.5


def test_throttles_of_one_moment_cut_the_rate_once() -> None:
    pace = Pace()
    for _ in range(30):
        pace.throttled(now=1.0, sent_at=0.9)
    assert pace.rate >= 20


async def test_the_urgent_call_overtakes_those_that_wait() -> None:
    budget = Budget(SystemClock())
    order: list[str] = []
    release = asyncio.Event()

    async def call(name: str, urgency: Urgency) -> None:
        async with budget.turn(("lane",), urgency):
            order.append(name)
            await release.wait()

    tasks = [asyncio.create_task(call(f"first {n}", Urgency.ROUTINE)) for n in range(50)]
    await asyncio.sleep(0)
    assert budget.stats.in_flight == 50
    tasks += [asyncio.create_task(call(f"later {n}", Urgency.ROUTINE)) for n in range(5)]
    await asyncio.sleep(0)
    tasks.append(asyncio.create_task(call("urgent", Urgency.ACTION)))
    await asyncio.sleep(0)
    assert budget.stats.waiting == 6
    release.set()
    await asyncio.gather(*tasks)
    assert order[50] == "urgent"
    assert budget.stats.in_flight == 0


async def test_a_waiting_call_that_is_cancelled_blocks_no_one() -> None:
    budget = Budget(SystemClock())
    release = asyncio.Event()

    async def call() -> None:
        async with budget.turn(("lane",), Urgency.ROUTINE):
            await release.wait()

    tasks = [asyncio.create_task(call()) for _ in range(52)]
    await asyncio.sleep(0)
    tasks[50].cancel()
    release.set()
    done = await asyncio.gather(*tasks, return_exceptions=True)
    assert sum(isinstance(one, asyncio.CancelledError) for one in done) == 1
    assert budget.stats.in_flight == 0
    assert budget.stats.waiting == 0
