"""The audit on the screen: scores, findings by severity, the wizard, accepted findings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.place import PipelineRef, Place
from demo.process import DemoAccount
from tests.tui.walk import EU, WIDE, Walk, walking
from tui.audit_run import AuditReport
from tui.audit_view import group_blocks, score_rows
from tui.options import Options
from widgets.document import lay_out
from widgets.ink import as_content
from widgets.keyed_table import KeyedTable

SMALL = (80, 24)


def rows(walk: Walk, table: str) -> list[str]:
    found = walk.app.screen.query_one(table, KeyedTable).rows
    return [" | ".join(as_content(cell).plain for cell in row.cells) for row in found]


async def audited(walk: Walk) -> None:
    """Open the screen from the list and wait for what it finds."""
    await walk.until(lambda: walk.app.desk.is_open)
    await walk.press("P")
    await walk.on("AuditScreen")
    await walk.until(lambda: rows(walk, "#findings"))


async def to(walk: Walk, word: str) -> None:
    """Put the cursor on the finding that has a word."""
    table = walk.app.screen.query_one("#findings", KeyedTable)
    key = next(row.key for row in table.rows if any(word in as_content(cell).plain for cell in row.cells))
    table.move_to(key)
    await walk.until(lambda: table.cursor_key == key)
    await walk.pilot.pause()


@pytest.mark.parametrize("size", [WIDE, SMALL])
async def test_findings_stand_by_severity_with_evidence_and_what_to_do(
    on_demo: DemoAccount, size: tuple[int, int]
) -> None:
    async with walking(size=size) as walk:
        await audited(walk)
        heads = [row for row in rows(walk, "#findings") if row.startswith(("✗", "!", "·"))]
        assert [head.split("  ")[0] for head in heads] == ["✗ high", "✗ medium", "! low"]
        await to(walk, "SMTP_PASSWORD")
        assert "m" in walk.keys or size == SMALL  # a report on the finding's pipeline
        await walk.shows("secret-variable · audit.plaintext-secret", "its name says so")
        assert "not-a-real-one" not in walk.text
        assert "f" not in walk.keys  # done by hand
        walk.app.screen.query_one("#about").scroll_end(animate=False)
        await walk.shows("secretsmanager create-secret")


async def test_on_a_small_screen_p_goes_to_the_scores_and_enter_back(on_demo: DemoAccount) -> None:
    async with walking(size=SMALL) as walk:
        await audited(walk)
        assert not walk.app.screen.query_one("#scores").display
        await walk.press("p")
        await walk.until(lambda: walk.app.screen.query_one("#scores").display)
        assert not walk.app.screen.query_one("#right").display
        assert not {"f", "s"} & walk.keys
        await walk.press("down", "enter")
        await walk.until(lambda: walk.app.screen.query_one("#right").display)
        assert all(
            "data-platform" in row for row in rows(walk, "#findings") if "|  |" not in row and row.startswith(" ")
        )


async def test_scores_narrow_the_findings_to_one_pipeline(on_demo: DemoAccount) -> None:
    async with walking() as walk:
        await audited(walk)
        scores = rows(walk, "#scores")
        numbers = [int(row.split(" | ")[0]) for row in scores[1:]]
        assert round(sum(numbers) / len(numbers)) == int(scores[0].split(" | ")[0])
        assert " | all pipelines | " in scores[0]
        assert numbers == sorted(numbers)
        assert numbers[-1] == 100
        await walk.press("p")
        table = walk.app.screen.query_one("#scores", KeyedTable)
        table.move_to(next(row.key for row in table.rows if row.key.endswith("|mailer")))
        await walk.shows("Nothing was found.", "100 of 100")
        table.move_to(next(row.key for row in table.rows if row.key.endswith("|search-prod")))
        await walk.until(lambda: any("privileged" in row for row in rows(walk, "#findings")))
        assert not any("reporting" in row for row in rows(walk, "#findings"))


async def test_f_opens_the_wizard_and_read_only_has_no_such_key(on_demo: DemoAccount) -> None:
    async with walking() as walk:
        await audited(walk)
        await to(walk, "runs privileged")
        assert "f" in walk.keys
        await walk.press("f")
        await walk.on("FixScreen")
        await walk.shows("privilegedMode")
    async with walking(Options(regions=EU.regions, read_only=True)) as walk:
        await audited(walk)
        await to(walk, "runs privileged")
        assert "f" not in walk.keys


async def test_a_finding_is_accepted_only_after_the_yes(on_demo: DemoAccount, bare_home: Path) -> None:
    written = bare_home / ".config" / "pipemedic" / "audit.toml"
    before = on_demo.calls()["mutating"]
    async with walking() as walk:
        await audited(walk)
        await to(walk, "Nobody is told when web fails")
        await walk.press("s")
        await walk.on("AskScreen")
        await walk.press(*"chat bot", "enter", "enter")
        await walk.on("AcceptScreen")
        await walk.shows('rule = "notification"', 'reason = "chat bot"', "audit.toml")
        await walk.press("escape")
        await walk.on("AuditScreen")
        assert not written.exists()
        await walk.press("s")
        await walk.on("AskScreen")
        await walk.press(*"chat bot", "enter", "enter")
        await walk.on("AcceptScreen")
        await walk.press("enter")
        await walk.until(written.exists)
        await walk.on("AuditScreen")
        await walk.until(lambda: not any("when web fails" in row for row in rows(walk, "#findings")))
        await walk.press("v")
        await walk.until(lambda: any("accepted" in row for row in rows(walk, "#findings")))
        await to(walk, "when web fails")
        await walk.shows("chat bot")
        assert "s" not in walk.keys
    assert written.stat().st_mode & 0o777 == 0o600
    assert on_demo.calls()["mutating"] == before


async def test_a_wrong_day_is_told_and_nothing_is_written(on_demo: DemoAccount, bare_home: Path) -> None:
    async with walking() as walk:
        await audited(walk)
        await to(walk, "Nobody is told when web fails")
        await walk.press("s")
        await walk.on("AskScreen")
        await walk.press("x", "enter", "ctrl+u", *"tomorrow", "enter")
        await walk.on("AuditScreen")
        await walk.until(lambda: len(walk.app._notifications))
        assert not (bare_home / ".config" / "pipemedic" / "audit.toml").exists()


async def test_what_may_not_be_looked_at_stands_on_the_screen(on_demo: DemoAccount) -> None:
    for operation in ("GetRole", "ListRoles", "GetAccountAuthorizationDetails"):
        on_demo.add_fault(service="iam", operation=operation, code="AccessDenied", message="no", status=403)
    async with walking() as walk:
        await audited(walk)
        await walk.press("p")
        await walk.shows("Not looked at", "Add iam:GetRole to your own policy.")


async def test_the_palette_knows_the_audit_and_the_last_one_is_shown_again(on_demo: DemoAccount) -> None:
    async with walking() as walk:
        await walk.until(lambda: walk.app.desk.is_open)
        commands = {command.title: command.callback for command in walk.app.get_system_commands(walk.app.screen)}
        commands["Audit"]()
        await walk.on("AuditScreen")
        await walk.until(lambda: rows(walk, "#findings"))
        calls = walk.app.posture.calls if walk.app.posture else 0
        await walk.press("escape", "P")
        await walk.on("AuditScreen")
        await walk.until(lambda: rows(walk, "#findings"))
        assert walk.app.posture
        assert walk.app.posture.calls == calls


async def test_what_roles_have_used_is_asked_of_iam_after_a_yes_alone(on_own: DemoAccount) -> None:
    on_own.set_speed(50)
    job = "iam:GenerateServiceLastAccessedDetails"
    async with walking() as walk:
        await audited(walk)
        await walk.press("u")
        await walk.shows("Ask IAM what each role has used?", "it is a job and no read")
        await walk.press("escape")
        await walk.on("AuditScreen")
        assert job not in on_own.calls()["by_operation"]
        await walk.press("u", "enter")
        await walk.until(lambda: any("has not used sns for 90 days" in row for row in rows(walk, "#findings")))
        assert on_own.calls()["by_operation"][job] > 3


async def test_a_read_only_program_does_not_offer_to_ask_iam(on_demo: DemoAccount) -> None:
    async with walking(replace(EU, read_only=True)) as walk:
        await audited(walk)
        assert "u" not in walk.keys


def test_the_course_of_scores_is_drawn_and_the_mean_moves_with_those_known() -> None:
    place = Place("", "eu-west-1")
    one, new = PipelineRef(place, "one"), PipelineRef(place, "new")
    report = AuditReport(1.0, (), {one: 80, new: 60}, {})
    past = {one: [("2026-11-01", 20), ("2026-11-09", 50)]}
    cells = [[as_content(cell).plain for cell in row.cells] for row in score_rows(report, past)]
    assert [(row[0], row[3]) for row in cells] == [("70", "▲ +15"), ("60", ""), ("80", "▲ +30")]
    words = "\n".join(line.plain for line in lay_out(group_blocks(report, past, one), 78))
    assert "+30 since 2026-11-09" in words
    assert "▂▄▇  20 → 80 since 2026-11-01" in words
    assert as_content(score_rows(report, {})[0].cells[3]).plain == ""
