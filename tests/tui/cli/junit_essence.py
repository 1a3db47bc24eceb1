"""What consumers of JUnit XML rely on, in our own words (Ant's JUnit.xsd, and what Jenkins and GitLab read)."""

from __future__ import annotations

from xml.etree import ElementTree as ET

_SUITE = {"name", "package", "id", "hostname", "timestamp", "time", "tests", "failures", "errors", "skipped"}
_CASE = {"name", "classname", "time"}
# In this order, each at most once; a case has one outcome at most.
_INSIDE = ["skipped", "error", "failure", "system-out", "system-err"]


def complaints(text: str) -> list[str]:
    """Return what a strict reader would not take."""
    root = ET.fromstring(text)  # noqa: S314 (our own)
    wrong = [] if root.tag == "testsuites" else [f"the root is {root.tag}"]
    wrong += [
        f"{name} of all suites"
        for name in ("tests", "failures", "errors", "skipped")
        if int(root.get(name, "-1")) != sum(int(suite.get(name, "0")) for suite in root)
    ]
    ids = [suite.get("id") for suite in root]
    wrong += [] if len(ids) == len(set(ids)) else ["two suites have one id"]
    return wrong + [each for suite in root for each in _suite(suite)]


def _suite(suite: ET.Element) -> list[str]:
    name = suite.get("name")
    wrong = [] if set(suite.attrib) == _SUITE else [f"{name}: members {sorted(set(suite.attrib) ^ _SUITE)}"]
    if suite.tag != "testsuite" or "Z" in suite.get("timestamp", "") or len(suite.get("timestamp", "")) != 19:
        wrong.append(f"{name}: tag or time")
    cases = list(suite)
    for member, found in (
        ("tests", len(cases)),
        ("failures", sum(case.find("failure") is not None for case in cases)),
        ("skipped", sum(case.find("skipped") is not None for case in cases)),
    ):
        if int(suite.get(member, "-1")) != found:
            wrong.append(f"{name}: {member} is not {found}")
    keys = [(case.get("classname"), case.get("name")) for case in cases]
    wrong += [] if len(keys) == len(set(keys)) else [f"{name}: two cases of one name"]
    return wrong + [each for case in cases for each in _case(case)]


def _case(case: ET.Element) -> list[str]:
    name = case.get("name")
    wrong = [] if case.tag == "testcase" and set(case.attrib) == _CASE else [f"{name}: members {sorted(case.attrib)}"]
    inside = [child.tag for child in case]
    if inside != sorted(set(inside), key=_INSIDE.index) or {"skipped", "failure"} <= set(inside):
        wrong.append(f"{name}: {inside}")
    failure = case.find("failure")
    if failure is not None and not (failure.get("message") and failure.get("type") and failure.text):
        wrong.append(f"{name}: a failure that says nothing")
    return wrong
