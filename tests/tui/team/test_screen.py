"""Team playbooks on the playbook screen."""

from __future__ import annotations

from demo.process import DemoAccount
from tests.tui.team.conftest import EXAMPLE, Put
from tests.tui.walk import walking
from widgets.keyed_table import KeyedTable


async def test_team_playbook_is_walked_like_any_other_and_a_bad_file_is_told(on_demo: DemoAccount, put: Put) -> None:
    put("example.yaml", EXAMPLE.read_text("utf-8").replace("fit: 0.6", "fit: 1").replace("id: house-", "id: a-house-"))
    put("bad.yaml", "id: }")
    async with walking() as walk:
        await walk.read()
        await walk.select("billing")
        await walk.press("d")
        await walk.on("PlaybookScreen")
        await walk.shows("House rules for builds", "Does the project keep to our rules?")
        await walk.until(lambda: any("bad.yaml:1:5" in note.message for note in walk.app._notifications))
        await walk.press("A")
        await walk.shows("The role of billing may not s3:GetObject", "Apply the role's module again")


ASKS = """
id: a-freeze
title: Freeze
summary: Asks whether a freeze is on.
applies: {fit: 1}
steps:
  - id: freeze
    question: Is the calendar free of a freeze?
    why: A release in a freeze is stopped by hand.
    ask: {text: "Is no freeze on for {pipeline.name}?"}
    findings:
      - cause: flow.transition-disabled
        title: A freeze is on
        summary: The calendar says so.
        fixes: [{title: Wait, steps: [Wait for its end]}]
"""


async def test_a_question_for_a_person_is_answered_by_a_key(on_demo: DemoAccount, put: Put) -> None:
    put("asks.yaml", ASKS)
    async with walking() as walk:
        await walk.read()
        await walk.select("billing")
        await walk.press("d")
        await walk.on("PlaybookScreen")
        await walk.shows("Is the calendar free of a freeze?")
        await walk.press("N")
        await walk.shows("You looked, and it is not well: Is no freeze on for billing?", "A freeze is on")
        await walk.press("y")
        await walk.shows("You looked, and it is well: Is no freeze on for billing?")


async def test_any_playbook_is_opened_by_hand_on_any_action(on_demo: DemoAccount) -> None:
    async with walking() as walk:
        await walk.read()
        await walk.select("billing")
        await walk.press("d")
        await walk.on("PlaybookScreen")
        await walk.shows("CodeBuild build")
        assert "Triggers and schedules" not in walk.text
        await walk.press("B")
        await walk.on("BooksScreen")
        await walk.shows("Open a playbook on Build / Build", "Triggers and schedules", "well", "no")
        walk.app.screen.query_one(KeyedTable).move_to("triggers")
        await walk.press("enter")
        await walk.on("PlaybookScreen")
        await walk.shows("billing ▸ Build / Build ▸ Triggers and schedules", "What started the last executions?")
        await walk.press("A")
        await walk.shows("4 of 4 steps")
        await walk.press("home")
        await walk.shows("The last start was")
        calls = walk.app.screen.query_one("#steps", KeyedTable)
        assert calls.cursor_key == "starts"
