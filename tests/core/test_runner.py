from __future__ import annotations

import asyncio
from typing import Any

import pytest

from core.finding import Answer, Verdict
from core.playbook import Facts, Playbook, Subject
from core.runner import Run
from tests.builders import NoEvidence, answered, finding, playbook, step, subject


def run_of(book: Playbook) -> Run:
    return Run(book, subject(), NoEvidence())


async def test_a_step_is_asked_after_those_it_needs() -> None:
    run = run_of(playbook(step("c", after=("b",)), step("b", after=("a",)), step("a")))
    await run.ask("c")
    assert list(run.answers) == ["a", "b", "c"]
    assert run.complete


async def test_a_step_asked_again_is_asked_anew_and_its_prerequisites_are_not() -> None:
    asked: list[str] = []

    def told(name: str) -> Any:
        def judge(_subject: Subject, _facts: Facts) -> Answer:
            asked.append(name)
            return answered()

        return judge

    run = run_of(playbook(step("a", judge=told("a")), step("b", after=("a",), judge=told("b"))))
    await run.ask("b")
    await run.ask("b")
    assert asked == ["a", "b", "b"]


async def test_a_step_that_does_not_apply_says_so_and_reads_nothing() -> None:
    def refuse(*_: object) -> Any:
        raise AssertionError("it was read all the same")

    run = run_of(playbook(step("a", when=lambda *_: False, gather=refuse)))
    assert (await run.ask("a")).verdict is Verdict.NOT_APPLICABLE


async def test_a_branch_sees_the_answers_before_it() -> None:
    bad = step("a", answered(Verdict.FAILED))
    only_then = step("b", after=("a",), when=lambda _, answers: answers["a"].verdict is Verdict.FAILED)
    only_else = step("c", after=("a",), when=lambda _, answers: answers["a"].verdict is Verdict.PASSED)
    run = run_of(playbook(bad, only_then, only_else))
    _ = [each async for each in run.all()]
    assert run.answers["b"].verdict is Verdict.PASSED
    assert run.answers["c"].verdict is Verdict.NOT_APPLICABLE


async def test_a_steps_own_fault_is_its_answer_and_the_others_go_on() -> None:
    def broken(_subject: Subject, _facts: Facts) -> Answer:
        raise KeyError("phases")

    run = run_of(playbook(step("a", judge=broken), step("b")))
    _ = [each async for each in run.all()]
    assert run.answers["a"].verdict is Verdict.UNKNOWN
    assert "KeyError" in run.answers["a"].detail
    assert run.answers["b"].verdict is Verdict.PASSED


async def test_steps_that_do_not_depend_on_each_other_run_side_by_side() -> None:
    both = asyncio.Barrier(2)

    async def meet(_subject: Subject, _evidence: object) -> Facts:
        async with asyncio.timeout(10):
            await both.wait()
        return {}

    run = run_of(playbook(step("a", gather=meet), step("b", gather=meet)))
    assert {each.id async for each, _ in run.all()} == {"a", "b"}
    assert [answer.verdict for answer in run.answers.values()] == [Verdict.PASSED] * 2


async def test_all_leaves_out_what_has_been_answered() -> None:
    run = run_of(playbook(step("a"), step("b")))
    await run.ask("a")
    assert [each.id async for each, _ in run.all()] == ["b"]


async def test_leaving_a_run_cancels_what_is_under_way() -> None:
    cancelled = asyncio.Event()

    async def wait(_subject: Subject, _evidence: object) -> Facts:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise
        return {}

    run = run_of(playbook(step("a"), step("slow", gather=wait)))
    whole = run.all()
    assert (await anext(whole))[0].id == "a"
    assert run.current == {"slow"}
    await whole.aclose()  # type: ignore[attr-defined]  # an async generator behind the iterator
    assert cancelled.is_set()
    assert run.current == set()
    assert "slow" not in run.answers


async def test_findings_come_in_the_order_of_the_steps() -> None:
    late, early = finding("a.late"), finding("a.early")
    run = run_of(
        playbook(
            step("1", answered(Verdict.FAILED, findings=(early,))),
            step("2", answered(Verdict.FAILED, findings=(late,))),
        )
    )
    await run.ask("2")
    await run.ask("1")
    assert run.findings == (early, late)


async def test_an_unknown_step_is_an_error_of_the_caller() -> None:
    with pytest.raises(KeyError):
        await run_of(playbook()).ask("nowhere")
