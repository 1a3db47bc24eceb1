"""The whole walk of somebody on call: red pipeline, its log, why, the fix, green. Over HTTP, on the demo account."""

from __future__ import annotations

from demo.process import DemoAccount
from tests.tui.walk import Walk, walking
from widgets.wizard import Wizard

BILLING = "billing"


async def at_card(walk: Walk, number: int) -> None:
    """Wait until the wizard shows a card, with its widgets drawn."""
    await walk.until(lambda: walk.app.screen.query_one("#wizard", Wizard).at == number)
    await walk.pilot.pause()


async def test_from_a_red_pipeline_to_a_green_one(on_own: DemoAccount) -> None:
    async with walking() as walk:
        await walk.read()
        await walk.select(BILLING)
        await walk.shows("Cause", "confirmed", "s3:GetObject", "artifact.access-denied")
        await see_the_log(walk)
        await walk_the_playbook(walk)
        await fix_the_role(walk, on_own)
        await retry_the_stage(walk, on_own)
        await walk.press("escape")
        await walk.on("PipelinesScreen")
        await walk.until(lambda: "✓ ok" in walk.row(BILLING))


async def see_the_log(walk: Walk) -> None:
    await walk.open(BILLING)
    await walk.shows("✗ Build", "DOWNLOAD_SOURCE", "AccessDenied")
    await walk.press("l")
    await walk.on("LogScreen")
    await walk.shows("AccessDenied", "ended")
    await walk.press("escape")
    await walk.on("PipelineScreen")


async def walk_the_playbook(walk: Walk) -> None:
    await walk.press("d")
    await walk.on("PlaybookScreen")
    await walk.shows("billing ▸ Build / Build ▸", "Not asked yet")
    await walk.press("enter")
    await walk.shows("1 of ", "BatchGetBuilds")
    await read_a_fact_again(walk)
    await walk.press("A")
    await walk.until(lambda: "◐" not in walk.text and "Not asked yet" not in walk.text and "f" in walk.keys)
    await walk.shows("artifact.access-denied")


async def read_a_fact_again(walk: Walk) -> None:
    await walk.press("e")
    await walk.on("FactsScreen")
    await walk.shows("Facts as they were read", '"operation": "BatchGetBuilds"', "READ", "ago")
    await walk.press("r")
    await walk.until(lambda: any("Read again" in note.message for note in walk.app._notifications))
    await walk.press("y")
    await walk.until(lambda: '"builds"' in walk.app.clipboard)
    await walk.press("escape")
    await walk.on("PlaybookScreen")
    await walk.shows("2 calls")


async def fix_the_role(walk: Walk, account: DemoAccount) -> None:
    before = account.calls()["mutating"]
    await walk.press("f")
    await walk.on("FixScreen")
    await at_card(walk, 0)
    await walk.shows("codebuild-billing-service-role", "111122223333", "s3:GetObject", "low risk", "+")
    await walk.press("enter")
    await at_card(walk, 1)
    await walk.shows("account 111122223333", "region eu-west-1", "pipeline billing", "arn:aws:iam::111122223333:role/")
    await walk.press("enter")
    await at_card(walk, 2)
    await walk.shows("iam PutRolePolicy", "PolicyDocument", "aws iam put-role-policy", "iam:PutRolePolicy", "undo")
    await walk.press("backspace")
    await at_card(walk, 1)
    await walk.press("enter")
    await at_card(walk, 2)
    await walk.press("enter")
    await at_card(walk, 3)
    await walk.shows("Apply", "account 111122223333 · eu-west-1 · pipeline billing")
    assert account.calls()["mutating"] == before, "nothing may be written before the last yes"
    await walk.press("enter")
    await at_card(walk, 5)
    await walk.shows("Applied and verified.", "Retry the failed stage")
    assert account.calls()["by_operation"]["iam:PutRolePolicy"] == 1


async def retry_the_stage(walk: Walk, account: DemoAccount) -> None:
    await walk.press("enter")
    await walk.until(lambda: "Retry" in walk.lines[1])
    await walk.shows("Retry stage Build of billing")
    for card in range(walk.app.screen.query_one("#wizard", Wizard).at, 3):
        await walk.press("enter")
        await at_card(walk, card + 1)
    await walk.press("enter")
    await at_card(walk, 5)
    await walk.shows("Applied and verified.")
    assert account.calls()["by_operation"]["codepipeline:RetryStageExecution"] == 1
    account.set_speed(60)
    await walk.press("enter")
    await walk.until(lambda: walk.screen_name != "FixScreen")
    while walk.screen_name != "PipelineScreen":
        await walk.press("escape")
        await walk.pilot.pause()
    await walk.until(lambda: "✓ ok" in walk.lines[1] or "✓ succeeded" in walk.lines[1], 60)


async def test_a_running_build_is_followed_live_and_its_end_shows_in_the_title(on_own: DemoAccount) -> None:
    async with walking() as walk:
        await walk.read()
        await walk.select("ledger")
        await walk.press("l")
        await walk.on("LogScreen")
        pane = walk.app.screen.log_body.pane  # type: ignore[attr-defined]
        await walk.until(lambda: pane.line_count > 0)
        await walk.shows("live")
        assert pane.following
        seen = pane.line_count
        await walk.until(lambda: pane.line_count > seen + 3)
        on_own.set_speed(200)
        await walk.until(lambda: "ended" in walk.text and "succeeded" in walk.text)
        assert len(set(pane.store.lines())) > 20
