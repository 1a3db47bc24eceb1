"""The build's test reports: which cases failed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from core.fact import Evidence, Fact
from core.finding import Answer
from core.playbook import Facts, Step, Subject
from core.text import clip, first_line
from playbooks._answers import failed, finding, not_applicable, passed, plural, unknown, unseen
from playbooks._ask import ask
from playbooks._fixes import manual, retry_hint

from ._reads import BUILD_READS, build_of, failed_phase, read_build, spoken

__all__ = ["REPORTS", "REPORT_READS", "failed_cases", "judge_reports", "read_reports", "reports_step"]

REPORT_READS = (*BUILD_READS, "codebuild:BatchGetReports", "codebuild:DescribeTestCases")
_MOST_REPORTS = 5
_SHOWN = 8
_Map = Mapping[str, Any]


async def read_reports(subject: Subject, evidence: Evidence) -> dict[str, Fact]:
    """Read the build's reports and the cases of each that failed or broke. Facts: ``reports``, ``cases:ARN…``."""
    facts = await read_build(subject, evidence)
    arns = [str(each) for each in build_of(facts).get("reportArns") or ()][:_MOST_REPORTS]
    if not arns:
        return facts

    def cases(report: str, status: str) -> Any:
        params = {"reportArn": report, "filter": {"status": status}}
        return ask(subject, evidence, "codebuild", "DescribeTestCases", params, pages=3)

    reports = ask(subject, evidence, "codebuild", "BatchGetReports", {"reportArns": arns})
    read = await asyncio.gather(reports, *(cases(arn, "FAILED") for arn in arns))
    facts |= {"reports": read[0], **{f"cases:{arn}": fact for arn, fact in zip(arns, read[1:], strict=True)}}
    broken = [arn for arn in arns if _count(read[0], arn, "ERROR")]
    found = await asyncio.gather(*(cases(arn, "ERROR") for arn in broken))
    return {**facts, **{f"cases:{arn}:error": fact for arn, fact in zip(broken, found, strict=True)}}


def _count(reports: Fact, arn: str, status: str) -> int:
    """How many cases of a report have a status, by the report's own summary."""
    found: Sequence[_Map] = reports.get("reports", default=())
    mine: _Map = next((each for each in found if each.get("arn") == arn), {})
    return int(((mine.get("testSummary") or {}).get("statusCounts") or {}).get(status) or 0)


def failed_cases(facts: Facts) -> list[tuple[Fact, _Map]]:
    """The failed cases of all reports, each with its fact."""
    named: Sequence[Fact] = [fact for name, fact in facts.items() if name.startswith("cases:")]
    return [(fact, case) for fact in named for case in fact.get("testCases", default=())]


def _totals(reports: Fact) -> tuple[int, int]:
    """(all cases, failed ones) over the reports' summaries."""
    total = wrong = 0
    for report in reports.get("reports", default=()):
        summary = report.get("testSummary") or {}
        counts = summary.get("statusCounts") or {}
        total += int(summary.get("total") or 0)
        wrong += int(counts.get("FAILED") or 0) + int(counts.get("ERROR") or 0)
    return total, wrong


def judge_reports(playbook: str, subject: Subject, facts: Facts) -> Answer:
    if cannot := unseen(facts.get("build")):
        return cannot
    reports = facts.get("reports")
    if reports is None:
        return not_applicable("The build made no test report.", *spoken(facts))
    if cannot := unseen(reports):
        return cannot
    total, wrong = _totals(reports)
    cases = failed_cases(facts)
    cited = [*spoken(facts), reports, *(fact for name, fact in facts.items() if name.startswith("cases:"))]
    if not wrong and not cases:
        return passed(f"{plural(total, 'test')} in the reports, none failed.", *cited)
    wrong = max(wrong, len(cases))
    lines = [(fact.n, f"{case.get('name', '?')}: {first_line(str(case.get('message', '')))}") for fact, case in cases]
    names = ", ".join(clip(str(case.get("name", "?")), 80) for _, case in cases[:3])
    more = f" and {wrong - 3} more" if wrong > 3 and len(cases) >= 3 else ""
    title = (
        f"{plural(wrong, 'test')} of {total or wrong} failed: {names}{more}"
        if names
        else f"{plural(wrong, 'test')} failed"
    )
    build = build_of(facts)
    if build.get("buildStatus") == "SUCCEEDED":
        return unknown(f"{title}; the build succeeded all the same.", *cited, lines=lines[:_SHOWN])
    in_commands = failed_phase(build).get("phaseType") in ("INSTALL", "PRE_BUILD", "BUILD", "POST_BUILD")
    message = first_line(str(cases[0][1].get("message", ""))) if cases else ""
    fix = manual(
        "codebuild.tests",
        "Correct the code or the test",
        [f"{case.get('name')}: {first_line(str(case.get('message', '')))}" for _, case in cases[:_SHOWN]]
        + [f"Push the correction; if the test is flaky: {retry_hint(subject)[5:]}"],
    )
    one = finding(
        subject,
        playbook,
        "build.test-failed",
        0.95 if in_commands else 0.6,
        title,
        f"The report of the build counts {plural(wrong, 'failed test')} of {total or wrong}. {message}".strip(),
        cited,
        fixes=[fix],
        disproved_by="a report of the same build without failed cases",
        proven=in_commands,
    )
    return failed(f"{title}.", *cited, findings=[one], lines=lines[:_SHOWN])


def reports_step(playbook: str, step_id: str = "reports") -> Step:
    """The step that names the failed cases of the build's reports."""
    return Step(
        id=step_id,
        question="Which tests failed, according to the build's reports?",
        why="A report names the failed cases with their messages; the log only ends with an exit code.",
        reads=REPORT_READS,
        gather=read_reports,
        judge=partial(judge_reports, playbook),
    )


REPORTS = reports_step("codebuild")
