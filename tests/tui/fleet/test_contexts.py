"""Contexts: chosen, remembered, protected; who we are in them."""

from __future__ import annotations

import json
import time

import pytest

from core.errors import CredentialsExpired, CredentialsMissing, Denied, PipemedicError, Throttled, Unreachable
from core.features import FEATURES, abilities
from core.place import Place
from demo.process import DemoAccount
from tests.tui.walk import EU, walking
from tui.config import Config, ContextConfig
from tui.config_places import Context
from tui.context_mark import context_mark
from tui.fleet_memory import chosen_places
from tui.fleet_sight import start_look
from tui.options import Options
from tui.screens.contexts import state_of
from widgets.ink import as_content
from widgets.keyed_table import KeyedTable


async def test_places_are_chosen_with_space_and_the_list_follows(
    on_demo: DemoAccount, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    config = f"{tmp_path}/aws-config"
    with open(config, "w", encoding="utf-8") as file:  # noqa: PTH123, ASYNC230 (a few bytes)
        file.write("[profile other]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = example\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", config)
    async with walking(EU) as walk:
        await walk.read()
        await walk.press("C")
        await walk.on("ContextsScreen")
        await walk.shows("connected", "not asked", "other/eu-west-1")
        await walk.press("slash", *"other", "enter", "A", "escape")
        await walk.shows("eu-west-1 ✓ connected")
        await walk.press("enter")
        await walk.on("PipelinesScreen")
        await walk.until(lambda: walk.names.count("billing") == 2)
        assert chosen_places() == (Place("", "eu-west-1"), Place("other", "eu-west-1"))
        await walk.press("C")
        await walk.on("ContextsScreen")
        await walk.press("A", "N", "enter")
        await walk.on("ContextsScreen")
        await walk.press("space", "enter")
        await walk.on("PipelinesScreen")
        await walk.until(lambda: walk.names.count("billing") == 1)


async def test_i_says_who_and_what_may_be_used_and_asks_again_by_a_key(on_demo: DemoAccount) -> None:
    async with walking(Options(regions=("eu-west-1", "us-east-1"))) as walk:
        await walk.read()
        await walk.press("i")
        await walk.on("WhoScreen")
        await walk.shows(
            "Account 111122223333", "Identity arn:aws:iam::111122223333:user/oncall", "policy simulator, for"
        )
        table = walk.app.screen.query_one(KeyedTable)
        await walk.until(lambda: [row.key for row in table.rows] == [feature.name for feature in FEATURES])
        assert all("yes" in as_content(row.cells[0]).plain for row in table.rows)
        place, asked = walk.app.screen.place, on_demo.calls()["by_operation"]["sts:GetCallerIdentity"]  # type: ignore[attr-defined]
        await walk.press("r")
        await walk.until(lambda: on_demo.calls()["by_operation"]["sts:GetCallerIdentity"] == asked + 1)
        await walk.press("n")
        await walk.until(lambda: walk.app.screen.place != place)  # type: ignore[attr-defined]
        await walk.press("escape")
        await walk.on("PipelinesScreen")


async def test_where_iams_simulator_cannot_be_asked_what_was_seen_counts(
    on_demo: DemoAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with walking(EU) as walk:
        await walk.read()

        async def refused(*_: object) -> dict[str, bool]:
            raise Denied("no", action="iam:SimulatePrincipalPolicy", service="iam", operation="SimulatePrincipalPolicy")

        monkeypatch.setattr(walk.app.desk.cloud, "allowed", refused)
        seen = {**walk.app.desk.cloud.witnessed(Place("", "eu-west-1")), "codepipeline:GetPipeline": False}
        monkeypatch.setattr(walk.app.desk.cloud, "witnessed", lambda _: seen)
        await walk.press("i")
        await walk.on("WhoScreen")
        await walk.shows("what AWS allowed or denied in this run", "iam:SimulatePrincipalPolicy")
        await walk.shows("✓ yes See pipelines and how they stand", "no See definitions codepipeline:GetPipeline")
        await walk.shows("? unknown Answer approvals not tried yet: codepipeline:PutApprovalResult")
        table = walk.app.screen.query_one(KeyedTable)
        table.move_to("See definitions")
        await walk.press("y")
        assert json.loads(walk.app.clipboard)["Action"] == ["codepipeline:GetPipeline"]


async def test_in_read_only_mode_what_changes_something_is_off(on_demo: DemoAccount) -> None:
    async with walking(Options(regions=("eu-west-1",), read_only=True)) as walk:
        await walk.read()
        await walk.open("billing")
        await walk.press("i")
        await walk.on("WhoScreen")
        await walk.shows("Changes none: read-only", "off Answer approvals read-only here", "✓ yes See definitions")


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (CredentialsExpired(""), "expired"),
        (CredentialsMissing(""), "no login"),
        (Denied(""), "denied"),
        (Throttled(""), "throttled"),
        (Unreachable(""), "unreachable"),
    ],
)
def test_each_trouble_has_its_word(error: PipemedicError, word: str) -> None:
    assert state_of(error, asked=True, listed=True)[1] == word


def test_a_feature_lacks_what_was_not_allowed() -> None:
    everything = {action: True for feature in FEATURES for action in feature.actions}
    assert not any(ability.missing for ability in abilities(everything))
    found = abilities({**everything, "codepipeline:PutApprovalResult": False})
    assert [ability.feature.name for ability in found if ability.missing] == ["Answer approvals"]


async def test_tags_are_read_when_the_filter_first_asks(on_demo: DemoAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    async with walking(EU) as walk:
        await walk.read()

        async def tags(place: Place) -> dict[str, dict[str, str]]:
            assert place.region == "eu-west-1"
            return {"billing": {"team": "payments"}}

        monkeypatch.setattr(walk.app.desk.cloud, "tags", tags)
        await walk.press("slash")
        await walk.until(lambda: walk.app.screen.query_one("#filter").has_focus)
        await walk.press(*"tag:team=payments")
        await walk.until(lambda: walk.screen_name == "PipelinesScreen" and walk.names == ["billing"])


async def test_more_regions_are_offered_and_what_was_chosen_there_stays_chosen(on_demo: DemoAccount) -> None:
    async with walking(EU) as walk:
        await walk.read()
        await walk.press("C")
        await walk.on("ContextsScreen")
        table = walk.app.screen.query_one(KeyedTable)
        await walk.until(lambda: [row.key for row in table.rows] == ["|eu-west-1"])
        await walk.press("plus")
        await walk.until(lambda: "|us-east-1" in [row.key for row in table.rows] and len(table.rows) > 10)
        table.move_to("|us-east-1")
        await walk.press("space", "plus")
        await walk.until(lambda: [row.key for row in table.rows] == ["|eu-west-1", "|us-east-1"])
        await walk.press("enter")
        await walk.on("PipelinesScreen")
        await walk.until(lambda: "docs-site" in walk.names and "billing" in walk.names)


PROD = ContextConfig("prod", regions=("eu-west-1",), color="error", protection="typed")
TEST = ContextConfig("test", regions=("us-east-1",))


async def test_production_looks_like_production_wherever_something_can_be_done(on_demo: DemoAccount) -> None:
    async with walking(Options(contexts=("prod", "test")), config=Config(contexts=(PROD, TEST))) as walk:
        await walk.read()
        await walk.select("billing")
        await walk.until(lambda: walk.part("#glance").splitlines()[0].endswith(" prod"))
        assert " prod " not in walk.lines[0][:40]  # two contexts are watched: the list's column tells them apart
        await walk.press("enter")
        await walk.on("PipelineScreen")
        await walk.until(lambda: " prod " in walk.lines[0][:40])
        await walk.press("R")
        await walk.on("FixScreen")
        await walk.until(lambda: " prod " in walk.text and "PROTECTED" in walk.text)


def test_a_context_without_colour_and_protection_has_no_mark() -> None:
    assert not context_mark(None)
    assert not context_mark(Context("test", Place("", "us-east-1")))
    assert context_mark(Context("prod", Place("", "eu-west-1"), protection="typed")).plain == " prod "
    marked = context_mark(Context("[red]x\x1b[2J", Place("", "eu-west-1"), color="error"))
    assert marked.plain == " [red]x "
    assert "error" in str(marked.spans[0].style)


async def test_a_place_that_aws_throttles_says_so_with_its_pace(on_demo: DemoAccount) -> None:
    async with walking(EU) as walk:
        await walk.read()
        await walk.press("C")
        await walk.on("ContextsScreen")
        await walk.until(lambda: "✓ connected" in walk.text and "/s" in walk.line_with("connected"))
        lane = next(iter(walk.app.desk.cloud._budget._lanes.values()))
        lane.pace.throttled(time.monotonic(), time.monotonic())
        await walk.until(lambda: "throttled" in walk.line_with("eu-west-1"))


async def test_a_tag_that_was_read_may_be_a_column_and_stays_one(
    on_demo: DemoAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with walking(EU) as walk:
        await walk.read()
        walk.app.desk.book.tags = {"|eu-west-1|billing": {"team": "payments\x1b[2J"}}
        await walk.press("c")
        await walk.on("ColumnsScreen")
        table = walk.app.screen.query_one(KeyedTable)
        table.move_to("tag:team")
        await walk.press("space", *["left_square_bracket"] * 12, "enter")
        await walk.on("PipelinesScreen")
        await walk.until(lambda: "TEAM" in walk.text and "payments" in walk.row("billing"))
        assert "\x1b" not in walk.row("billing")
        assert "tag:team" in start_look(walk.app.desk).columns
