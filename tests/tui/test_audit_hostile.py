"""Whatever stands in names, patterns and errors, an audit prints and draws it harmlessly in every form."""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET

import click
import pytest

from core.audit.model import AuditFinding, Blind, Severity, Suppression
from core.fact import Fact, Outcome
from core.finding import Fix
from core.place import Identity, PipelineRef, Place
from tests.builders import HOSTILE
from tui.audit_json import audit_json
from tui.audit_junit import audit_junit
from tui.audit_run import AuditReport
from tui.audit_sarif import audit_sarif
from tui.audit_text import audit_lines
from tui.audit_view import finding_blocks, finding_rows, group_blocks, score_rows
from tui.cli.as_json import json_text
from widgets.document import lay_out
from widgets.ink import as_content

BAD = f"{HOSTILE}\x00\x0b\ud800\ufffe"
PLACE = Place("", "eu-west-1")
REF = PipelineRef(PLACE, BAD)


@pytest.fixture
def report() -> AuditReport:
    fact = Fact(1, "iam", "GetRole", {"RoleName": BAD}, Outcome.DENIED, error=BAD, action="iam:GetRole")
    fix = Fix("f", BAD, steps=(BAD,), commands=(BAD,), console_url=f"https://example.com/{BAD}")
    finding = AuditFinding(
        rule="gate",
        cause="audit.no-approval",
        severity=Severity.HIGH,
        title=BAD,
        summary=BAD,
        why=BAD,
        resource=BAD,
        account="111122223333",
        region="eu-west-1",
        pipelines=(REF,),
        link="https://example.com",
        facts=(fact,),
        lines=((1, BAD), (0, BAD)),
        fixes=(fix,),
    )
    accepted = AuditFinding(
        "monolith", "audit.monolith", Severity.LOW, BAD, BAD, BAD, BAD, "1", "r", (REF,), "l", suppressed=_entry()
    )
    blind = (Blind(fact, denied=True, rules=("role-trust",), pipelines=(REF,)),)
    who = {PLACE: Identity("111122223333", "arn")}
    return AuditReport(1.0, (finding, accepted), {REF: 80}, who, blind, (_entry(),), (_entry(),))


def _entry() -> Suppression:
    return Suppression(BAD, "2027-01-01", regex=BAD)


def harmless(text: str) -> bool:
    return not any(char in text for char in ("\x1b", "\x00", "\x07", "\x0b", "\u202e", "\ud800"))


def test_text_json_sarif_and_junit_hold_no_control_characters(report: AuditReport) -> None:
    for width in (None, 60):
        lines = audit_lines(report, {REF: ("2026-01-01", 70)}, width, verbose=True)
        assert harmless(click.unstyle("\n".join(lines)))  # colours are our own
    whole = json_text(audit_json(report, {}))
    assert harmless(whole)
    assert harmless(json.loads(whole)["findings"][0]["title"])
    assert harmless(json.loads(json_text(audit_sarif(report)))["runs"][0]["results"][0]["message"]["text"])
    xml = audit_junit(report, Severity.LOW)
    assert harmless(xml)
    assert ET.fromstring(xml).get("failures") == "1"  # noqa: S314 (our own)


def test_rows_and_documents_of_the_screen_are_literal_text(report: AuditReport) -> None:
    cells = [cell for row in (*score_rows(report, {}), *finding_rows(report.findings)) for cell in row.cells]
    blocks = [*finding_blocks(report.findings[0]), *finding_blocks(report.findings[1]), *group_blocks(report, {}, REF)]
    lines = lay_out(blocks, 78)
    drawn = [as_content(cell) for cell in cells] + lines
    assert any("[/foo]" in each.plain for each in drawn)
    assert all(harmless(each.plain) for each in drawn)
    assert not [span for each in drawn for span in each.spans if "click" in str(span.style)]
