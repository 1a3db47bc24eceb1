"""What every playbook keeps to: its reads exist, only read, and are covered by the actions it names."""

from __future__ import annotations

import re
import sys
from functools import cache
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator

from aws.iam_actions import iam_action
from aws.reads import is_read
from core.causes import CAUSES
from core.fact import Outcome
from core.finding import Verdict
from core.plan import Call
from core.playbook import Playbook, Step
from playbooks import discover
from tests.playbooks.corpus import Case, cases
from tests.playbooks.scene import run

READS = ("Get", "List", "Describe", "BatchGet", "Simulate", "Lookup", "Head", "Filter")
BOOKS = discover()


@cache
def service(name: str) -> Any:
    return botocore.session.get_session().get_service_model(name)


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.id)
def test_playbook_is_well_formed(book: Playbook) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9-]*", book.id)
    assert book.title
    assert book.summary.endswith(".")
    ids = [step.id for step in book.steps]
    assert len(ids) == len(set(ids))
    assert set(book.causes) <= {str(each) for each in CAUSES}
    for step in book.steps:
        assert step.question.endswith("?"), step.id
        assert step.question[0].isupper()
        assert step.why.endswith("."), step.id
        assert set(step.after) <= set(ids[: ids.index(step.id)]), f"{step.id} comes after a later step"
        assert all(re.fullmatch(r"[a-z0-9-]+:[A-Za-z]+", each) for each in step.reads), step.reads


def test_ids_are_unique() -> None:
    ids = [book.id for book in BOOKS]
    assert len(ids) == len(set(ids))


def fitting(case: Case) -> list[Playbook]:
    return [book for book in BOOKS if book.applies(case.subject) > 0]


def asked(case: Case) -> list[Playbook]:
    """The playbooks that fit; for the first case of each playbook all of them, as a person may open any."""
    opened = {each.playbook: each.name for each in reversed(cases())}
    return list(BOOKS) if case.name == opened[case.playbook] else fitting(case)


def check_request(step: Step, name: str, operation: str, params: dict[str, Any]) -> None:
    if (name, operation) == ("s3", "GetObject"):  # a log in a bucket, read through `Evidence.log`
        return
    assert operation.startswith(READS) or operation == "DecodeAuthorizationMessage", f"{operation} may not only read"
    assert is_read(name, operation), f"{name} {operation} is not sent by the reading side"
    model = service(name).operation_model(operation)
    shown = {key: value for key, value in params.items() if (name, operation) != ("logs", "GetLogEvents")}
    if shown:
        report = ParamValidator().validate(shown, model.input_shape)
        assert not report.has_errors(), f"{step.id}: {name} {operation}: {report.generate_report()}"
    assert iam_action(name, operation) in step.reads, f"{step.id} reads {name} {operation} and does not say so"


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
async def test_reads_exist_and_are_declared(case: Case) -> None:
    for book in fitting(case):
        for step in book.steps:
            evidence = case.evidence()
            await step.gather(case.subject, evidence)
            for name, operation, params in evidence.requests:
                check_request(step, name, operation, dict(params))


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
@pytest.mark.parametrize("outcome", [Outcome.DENIED, Outcome.ERROR, Outcome.NO_DATA])
async def test_reads_that_give_nothing_break_no_step(case: Case, outcome: Outcome) -> None:
    for book in asked(case):
        for step in book.steps:
            evidence = case.evidence()
            evidence.everything = outcome
            given = step.judge(case.subject, await step.gather(case.subject, evidence))
            assert given.detail
            if outcome is Outcome.DENIED and evidence.requests:
                blind = given.verdict is Verdict.PASSED and given.facts
                assert not blind, f"{book.id}.{step.id} passed without having seen anything"
                named = {each.cause for each in given.findings if each.proven}
                assert not named or step.id in ("message", "repository"), f"{book.id}.{step.id} proves {named} unseen"


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
async def test_findings_are_of_the_vocabulary_and_cite_what_was_read(case: Case) -> None:
    for book in asked(case):
        evidence = case.evidence()
        for step in book.steps:
            given = step.judge(case.subject, await step.gather(case.subject, evidence))
            known = {fact.n for fact in evidence.facts} | {0}
            assert set(given.facts) <= known
            assert {number for number, _ in given.lines} <= known
            for finding in given.findings:
                assert finding.cause in {str(each) for each in CAUSES}
                assert 0 < finding.confidence <= 1
                assert set(finding.facts) <= known
                if finding.proven:
                    assert finding.cause in book.causes, f"{book.id} does not list {finding.cause}"
                    assert finding.fixes, f"{finding.cause} without a way to put it right"
                by_hand = [fix for fix in finding.fixes if not fix.plan and finding.playbook and step.id != "message"]
                for fix in by_hand:
                    assert fix.console_url.startswith("https://") or not finding.proven, f"{fix.id} without a page"
                    assert fix.commands or not finding.proven, f"{fix.id} without a command"


def test_importing_the_package_is_light() -> None:
    import subprocess  # noqa: PLC0415 (a process of its own)

    code = "import sys, playbooks; print([m for m in ('botocore', 'textual', 'asyncio') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "botocore" not in done.stdout
    assert "textual" not in done.stdout


def check_call(call: Call) -> None:
    model = service(call.service).operation_model(call.operation)
    report = ParamValidator().validate(dict(call.params), model.input_shape)
    assert not report.has_errors(), f"{call.service} {call.operation}: {report.generate_report()}"


@pytest.mark.parametrize("case", [case for case in cases() if case.automatic], ids=lambda case: case.name)
async def test_plans_are_calls_that_aws_would_take(case: Case) -> None:
    done = await run(case.playbook, case.subject, case.evidence())
    plans = [fix.plan for finding in done.findings for fix in finding.fixes if fix.plan]
    assert plans
    for plan in plans:
        check_call(plan.call)
        assert not is_read(plan.call.service, plan.call.operation)
        assert plan.permissions
        for read in (*plan.precondition.reads, *plan.verification.reads):
            check_call(read)
            assert is_read(read.service, read.operation)
        if plan.undo and plan.undo.call:
            check_call(plan.undo.call)
