"""An audit as JUnit XML, which every CI server reads: a suite a pipeline, a case a rule. Pure.

There is no one schema: the members are those that the strictest of the common ones asks for (Ant's JUnit.xsd).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from core.audit.model import AuditFinding, Rule, Severity
from core.audit.rules import discover
from core.place import PipelineRef
from core.text import sanitize
from tui.audit_run import AuditReport
from tui.cli.as_json import iso_time

__all__ = ["audit_junit"]

_NO_TIME = "0.000"  # pipelines are read side by side: the whole run has a time, its parts have none of their own
# What XML 1.0 does not take at all.
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def audit_junit(report: AuditReport, fail_on: Severity) -> str:
    """Return the XML text. Findings at or above `fail_on` are failures, milder ones stand in ``system-out``."""
    rules = discover()
    suites = [_suite(number, report, ref, rules, fail_on) for number, ref in enumerate(report.scores)]
    root = ET.Element("testsuites", name="pipemedic audit", time=f"{report.took_s:.3f}")
    for name in ("tests", "failures", "skipped"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in suites)))
    root.set("errors", "0")
    root.extend(suites)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _suite(number: int, report: AuditReport, ref: PipelineRef, rules: Sequence[Rule], fail_on: Severity) -> ET.Element:
    place = f"{report.account_of(ref)}.{ref.place.region}"
    suite = ET.Element("testsuite", name=_plain(ref.name), package=_plain(place), id=str(number), errors="0")
    suite.set("hostname", "localhost")
    suite.set("time", _NO_TIME)
    suite.set("timestamp", (iso_time(report.at) or "").removesuffix("Z").partition(".")[0])
    mine = [each for each in report.findings if ref in each.pipelines]
    blind = {rule: each.sentence for each in report.blind if ref in each.pipelines for rule in each.rules}
    failures = skipped = 0
    for rule in rules:
        case = ET.SubElement(
            suite, "testcase", name=f"{rule.id}: {rule.title}", classname=_plain(f"{place}.{ref.name}"), time=_NO_TIME
        )
        here = [each for each in mine if each.rule == rule.id]
        bad = [each for each in here if each.suppressed is None and each.severity.at_least(fail_on)]
        failures += bool(bad)
        for finding in bad:
            failure = ET.SubElement(case, "failure", message=_plain(finding.title), type=finding.severity.value)
            failure.text = _text(finding)
        accepted = [each for each in here if each.suppressed]
        if not bad and (accepted or rule.id in blind):
            skipped += 1
            reason = _accepted(accepted[0]) if accepted else blind[rule.id]
            ET.SubElement(case, "skipped", message=_plain(reason))
        milder = [each for each in here if each.suppressed is None and each not in bad]
        if milder:
            ET.SubElement(case, "system-out").text = "\n\n".join(_text(each) for each in milder)
    suite.set("tests", str(len(rules)))
    suite.set("failures", str(failures))
    suite.set("skipped", str(skipped))
    return suite


def _accepted(finding: AuditFinding) -> str:
    entry = finding.suppressed
    return f"accepted until {entry.until}: {entry.reason}" if entry else ""


def _text(finding: AuditFinding) -> str:
    lines = [
        f"{finding.severity.value} · {finding.cause}",
        finding.summary,
        f"resource: {finding.resource}",
        *(text for _, text in finding.lines),
        *(f"fix: {step}" for fix in finding.fixes for step in fix.steps),
        finding.link,
    ]
    return _plain("\n".join(lines))


def _plain(text: str) -> str:
    return _ILLEGAL.sub("\ufffd", sanitize(text))
