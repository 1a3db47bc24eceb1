"""Tests of a build: which failed, which are slow, which are new, and which fail now and then."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from core.age import age, duration
from core.fact import Evidence, Fact
from core.finding import Answer
from core.playbook import Facts, Playbook, Step, Subject

from ._answers import failed, finding, healthy, not_applicable, passed, plural, unknown, unseen
from ._ask import ask
from ._fixes import manual, retry_hint
from .codebuild._reads import build_of
from .codebuild._reports import REPORT_READS, failed_cases, read_reports, reports_step

__all__ = ["PLAYBOOK"]

_ID = "tests"
_Map = Mapping[str, Any]
_HISTORY = 6  # reports looked back at
_SLOW_S = 10.0


# --- slow ones


async def _gather_slow(subject: Subject, evidence: Evidence) -> Facts:
    facts = await read_reports(subject, evidence)
    arns = [str(each) for each in build_of(facts).get("reportArns") or ()][:2]

    def cases(arn: str) -> Any:
        return ask(subject, evidence, "codebuild", "DescribeTestCases", {"reportArn": arn}, pages=5)

    read = await asyncio.gather(*(cases(arn) for arn in arns))
    return {**facts, **{f"all:{arn}": fact for arn, fact in zip(arns, read, strict=True)}}


def _seconds(case: _Map) -> float:
    return float(case.get("durationInNanoSeconds") or 0) / 1e9


def _judge_slow(subject: Subject, facts: Facts) -> Answer:
    del subject
    everything = [fact for name, fact in facts.items() if name.startswith("all:")]
    if not everything:
        return unseen(facts.get("build"), facts.get("reports")) or not_applicable("The build made no test report.")
    if cannot := unseen(*everything):
        return cannot
    cases = [(fact, case) for fact in everything for case in fact.get("testCases", default=())]
    slowest = sorted(cases, key=lambda pair: -_seconds(pair[1]))[:5]
    total = sum(_seconds(case) for _, case in cases)
    lines = [
        (fact.n, f"{duration(_seconds(case))} {case.get('name', '?')}") for fact, case in slowest if _seconds(case)
    ]
    slow = [case for _, case in cases if _seconds(case) >= _SLOW_S]
    detail = f"{plural(len(cases), 'test')} took {duration(total)}; {len(slow)} of them over {duration(_SLOW_S)} each."
    return passed(detail, *everything, lines=lines)


_SLOW = Step(
    id="slow",
    question="Which tests take the most time?",
    why="A few slow tests often make up most of a build, and time out first.",
    reads=REPORT_READS,
    gather=_gather_slow,
    judge=_judge_slow,
)


# --- history


def _group(facts: Facts) -> str:
    """The report group in which a case failed, else the first report's."""
    reports = facts.get("reports")
    found: Sequence[_Map] = reports.get("reports", default=()) if reports else ()
    red = {str(fact.params.get("reportArn")) for fact, _ in failed_cases(facts)}
    chosen = next((each for each in found if each.get("arn") in red), found[0] if found else {})
    return str(chosen.get("reportGroupArn", ""))


async def _gather_history(subject: Subject, evidence: Evidence) -> Facts:
    facts = await read_reports(subject, evidence)
    group = _group(facts)
    if not group or not failed_cases(facts):
        return facts
    params = {"reportGroupArn": group, "sortOrder": "DESCENDING", "maxResults": 20}
    listed = await ask(subject, evidence, "codebuild", "ListReportsForReportGroup", params, pages=1)
    mine = set(build_of(facts).get("reportArns") or ())
    earlier = [str(each) for each in listed.get("reports", default=()) if each not in mine][:_HISTORY]
    facts["history"] = listed
    if not earlier:
        return facts

    def cases(arn: str) -> Any:
        return ask(
            subject, evidence, "codebuild", "DescribeTestCases", {"reportArn": arn, "filter": {"status": "FAILED"}}
        )

    described = ask(subject, evidence, "codebuild", "BatchGetReports", {"reportArns": earlier})
    read = await asyncio.gather(described, *(cases(arn) for arn in earlier))
    facts["earlier"] = read[0]
    return {**facts, **{f"past:{arn}": fact for arn, fact in zip(earlier, read[1:], strict=True)}}


def _past(facts: Facts) -> list[tuple[str, Fact]]:
    """(report, its failed cases), the newest report first."""
    return [(name.partition(":")[2], fact) for name, fact in facts.items() if name.startswith("past:")]


def _names(fact: Fact) -> set[str]:
    return {str(case.get("name")) for case in fact.get("testCases", default=())}


def _in_a_row(name: str, past: Sequence[tuple[str, Fact]]) -> int:
    """In how many of the reports right before this one the test failed too, without a pass in between."""
    return next((count for count, (_, fact) in enumerate(past) if name not in _names(fact)), len(past))


def _last_green(subject: Subject, reports: Sequence[_Map]) -> str:
    """The last report in which nothing failed, in words; empty for none."""
    green = [each for each in reports if each.get("status") == "SUCCEEDED"]
    if not green:
        return ""
    last = max(green, key=lambda each: float(each.get("created") or 0))
    at = last.get("created")
    ago = f" {age(at, subject.now)} ago" if isinstance(at, (int, float)) else ""
    made = str(last.get("executionId", "")).rpartition("/")[2]
    return f"the last green report came{ago}{f' from build {made}' if made else ''}"


def _judge_new(subject: Subject, facts: Facts) -> Answer:
    if cannot := unseen(facts.get("build"), facts.get("reports"), facts.get("history"), facts.get("earlier")):
        return cannot
    if "earlier" not in facts:
        return not_applicable("No test failed, or there is no earlier report to compare with.")
    past, earlier = _past(facts), facts["earlier"]
    if cannot := unseen(*(fact for _, fact in past)):
        return cannot
    rows = {str(case.get("name")): _in_a_row(str(case.get("name")), past) for _, case in failed_cases(facts)}
    new = sorted(name for name, count in rows.items() if not count)
    old = sorted((name for name, count in rows.items() if count), key=lambda name: -rows[name])
    lines = [(earlier.n, f"new: {name}") for name in new[:6]]
    lines += [(earlier.n, f"failed in the {plural(rows[name], 'report')} before too: {name}") for name in old[:6]]
    green = _last_green(subject, earlier.get("reports", default=()))
    since = f"; {green}" if green else f"; none of the last {len(past)} reports was green"
    if not new:
        none = "The failed test is not new" if len(old) == 1 else f"None of the {len(old)} failed tests is new"
        return unknown(f"{none}{since}.", earlier, lines=lines)
    more = f"; {len(old)} failed before" if old else ""
    detail = f"{plural(len(new), 'test')} passed in the report before and {'fails' if len(new) == 1 else 'fail'} now: "
    return passed(f"{detail}{', '.join(new[:4])}{more}{since}.", earlier, lines=lines)


_NEW = Step(
    id="new",
    question="Which failures are new since the last green run?",
    why="A test that was green with the revision before points at the change in between.",
    reads=(*REPORT_READS, "codebuild:ListReportsForReportGroup"),
    gather=_gather_history,
    judge=_judge_new,
)


def _judge_flaky(subject: Subject, facts: Facts) -> Answer:
    past = _past(facts)
    if cannot := unseen(facts.get("build"), facts.get("reports"), facts.get("history"), *(fact for _, fact in past)):
        return cannot
    if not past:
        return not_applicable("No test failed, or there is no earlier report to compare with.")
    counts = Counter(name for _, fact in past for name in _names(fact))
    now = {str(case.get("name")) for _, case in failed_cases(facts)}
    flaky = {name: counts[name] for name in now if 0 < counts[name] < len(past)}
    always = [name for name in now if counts[name] == len(past)]
    cited = [fact for _, fact in past]
    if not flaky:
        kept = f" {', '.join(always[:3])} failed in all of them." if always else ""
        return passed(
            f"None of the failed tests failed now and then in the last {plural(len(past), 'report')}.{kept}", *cited
        )
    listed = ", ".join(f"{name} ({count} of {len(past)})" for name, count in sorted(flaky.items())[:4])
    detail = f"Failed before and passed in between: {listed}."
    if healthy(subject):
        return unknown(detail, *cited)
    fix = manual(
        "tests.flaky",
        "Retry once, then make the test steady",
        [f"{detail} A retry of the same revision may pass.", retry_hint(subject), "Quarantine or correct the test."],
    )
    one = finding(
        subject,
        _ID,
        "perf.flaky",
        0.5,
        f"Flaky: {listed}",
        f"{detail} Tests that come and go with the same code depend on time, order or the network.",
        cited,
        fixes=[fix],
        disproved_by="a failure in every report since one revision",
    )
    return failed(detail, *cited, findings=[one])


_FLAKY = Step(
    id="flaky",
    question="Do the failed tests fail now and then?",
    why="A flaky test is put right by a retry tonight, and in the code tomorrow.",
    reads=(*REPORT_READS, "codebuild:ListReportsForReportGroup"),
    gather=_gather_history,
    judge=_judge_flaky,
)


def _applies(subject: Subject) -> float:
    if subject.action.provider != "CodeBuild":
        return 0.0
    if any(each.cause == "build.test-failed" for each in subject.hypotheses):
        return 0.9
    return 0.6 if subject.action.category == "Test" else 0.3


PLAYBOOK = Playbook(
    id=_ID,
    title="Tests",
    summary="Names the failed tests with their messages, and tells new failures from old and flaky ones.",
    steps=(reports_step(_ID, "failed"), _NEW, _FLAKY, _SLOW),
    applies=_applies,
    causes=("build.test-failed", "perf.flaky"),
)
