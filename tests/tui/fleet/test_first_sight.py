"""The list as the last run left it stands in the first frame, before anything large is imported."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from dataclasses import replace
from pathlib import Path

import pytest

from core.place import PipelineRef
from demo.process import DemoAccount
from tests.builders import HERE, HOSTILE, NOW, THERE, action, execution, ref, revision, snapshot, stage
from tests.tui.pseudo import in_terminal
from tests.tui.walk import EU, walking
from tui.app import PipemedicApp
from tui.config import Config, ListConfig
from tui.config_places import Context
from tui.desk import Desk
from tui.first_sight import FirstSight, asked_key, first_sight
from tui.fleet_cache import FleetCache
from tui.fleet_sight import sight_of
from tui.options import Options
from tui.paths import cache_dir
from widgets.ink import as_content
from widgets.keyed_table import KeyedTable

# Notes what is loaded when a row of the list first reaches the terminal.
WATCHED = """
import json, os, sys
from pathlib import Path
from textual.drivers.linux_driver import LinuxDriver
from tui.__main__ import main
really_write, told = LinuxDriver.write, Path(os.environ["HOME"], "told.json")
def write(self, data):
    really_write(self, data)
    if "billing" in data and not told.exists():
        told.write_text(json.dumps({"screen": type(self._app.screen).__name__, "modules": sorted(sys.modules)}))
        self._app.exit(0)
LinuxDriver.write = write
sys.argv = ["pipemedic", "--region", "eu-west-1"]
main()
"""


@pytest.fixture(autouse=True)
def nowhere(bare_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An AWS that cannot be reached, and a cache that counts all the same."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("PIPEMEDIC_CACHE", "1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")


def desk_of(*names: str, at: float = NOW, config: Config | None = None, message: str = "Raise it") -> Desk:
    desk = Desk(EU, clock=lambda: at, config=config)
    red = stage("Build", "Failed", action("Build", "Failed", ago_s=60, error_message=message))
    latest = replace(execution("Failed", revisions=(replace(revision(), summary=message),)), updated_at=at - 600)
    desk.book.list(HERE, [ref(name) for name in names])
    for name in names:
        desk.book.read(replace(snapshot(red, latest=latest), ref=PipelineRef(HERE, name), read_at=at - 60), at)
    return desk


def cache() -> FleetCache:
    return FleetCache(cache_dir() / "fleet.sqlite")


def keep(desk: Desk, at: float = NOW) -> FirstSight:
    sight = sight_of(desk, at)
    cache().write_sight(asked_key(desk.options), sight)
    return sight


def test_what_stood_in_the_list_comes_back_and_its_ages_have_grown() -> None:
    keep(desk_of("billing", "web"))
    found = first_sight(EU, NOW + 7200)
    assert found
    assert (found.kept_at, found.counts[0]) == (NOW, ("failed", 2, "failed"))
    at = [column[0] for column in found.columns].index("age")
    rows = dict(found.cells(NOW + 7200))
    assert [key.rpartition("|")[2] for key in rows] == ["billing", "web"]
    assert {cells[at] for cells in rows.values()} == {"2h"}
    assert {cells[at] for _, cells in found.cells(NOW)} == {"10m"}


def test_it_counts_only_for_a_start_that_asks_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    keep(desk_of("billing"))
    assert first_sight(EU, NOW)
    for other in (Options(), Options(regions=("us-east-1",)), Options(regions=EU.regions, contexts=("prod",))):
        assert first_sight(other, NOW) is None
    for name, value in (("AWS_PROFILE", "other"), ("AWS_ACCESS_KEY_ID", "AKIAOTHEREXAMPLE")):
        with monkeypatch.context() as changed:
            changed.setenv(name, value)
            assert first_sight(EU, NOW) is None
    monkeypatch.delenv("PIPEMEDIC_CACHE")
    assert first_sight(EU, NOW) is None


def test_no_key_and_no_secret_lies_in_the_file() -> None:
    keep(desk_of("billing"))
    written = (cache_dir() / "fleet.sqlite").read_bytes()
    assert b"AKIAIOSFODNN7EXAMPLE" not in written
    assert (cache_dir() / "fleet.sqlite").stat().st_mode & 0o777 == 0o600


def test_what_is_old_broken_or_of_another_version_is_left_out() -> None:
    keep(desk_of("billing"))
    path = cache_dir() / "fleet.sqlite"
    assert first_sight(EU, NOW + 15 * 86_400) is None
    for change in ("UPDATE first_sight SET body = '{\"rows\": 3}'", "PRAGMA user_version = 99"):
        with sqlite3.connect(path) as base:
            base.execute(change)
        base.close()
        assert first_sight(EU, NOW) is None
    path.write_bytes(b"no database at all, but long enough to be read as one" * 40)
    assert first_sight(EU, NOW) is None


def test_lists_of_eight_ways_to_start_are_kept_and_eighty_rows_of_each() -> None:
    sight = sight_of(desk_of(*(f"p{number:03d}" for number in range(100))), NOW)
    assert len(sight.rows) == 80
    for number in range(12):
        cache().write_sight(f"way {number}", replace(sight, kept_at=NOW + number))
    with sqlite3.connect(cache_dir() / "fleet.sqlite") as base:
        kept = [asked for (asked,) in base.execute("SELECT asked FROM first_sight ORDER BY kept_at")]
    base.close()
    assert kept == [f"way {number}" for number in range(4, 12)]


def test_the_list_is_kept_as_the_configuration_begins_it() -> None:
    config = Config(list=ListConfig(columns=("pipeline", "read"), filter="web"))
    sight = sight_of(desk_of("billing", "web", config=config), NOW)
    assert [column[0] for column in sight.columns] == ["pipeline", "read"]
    assert [cells for _, cells in sight.cells(NOW)] == [("web", "1m")]


async def test_the_first_frame_shows_it_dim_with_its_age(monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    keep(desk_of("billing", "web", at=now - 7200, message=HOSTILE), now - 7200)
    monkeypatch.setattr(PipemedicApp, "_move_in", lambda _: None)
    app = PipemedicApp(EU)
    async with app.run_test(size=(160, 45)) as pilot:
        await pilot.pause()
        table = app.screen.query_one(KeyedTable)
        assert [row.key.rpartition("|")[2] for row in table.rows] == ["billing", "web"]
        assert all(row.dim for row in table.rows)
        shown = "\n".join(strip.text for strip in app.screen._compositor.render_strips())
        assert "last known, 2h ago" in shown
        assert "\x1b" not in shown
        assert as_content(table.rows[0].cells[0]).plain == "✗ failed"


def test_the_rows_come_before_what_is_large_is_imported(bare_home: Path) -> None:
    keep(desk_of("billing", at=time.time()), time.time())
    ended = in_terminal(WATCHED, os.environ)
    assert ended.code == 0, ended.written[-2000:]
    told = json.loads((bare_home / "told.json").read_text())
    assert told["screen"] == "StartScreen"
    large = {"core.pipeline", "core.attention", "tui.rows", "tui.desk", "tui.screens.pipelines", "aws.cloud", "aiohttp"}
    assert not large & set(told["modules"])


async def test_a_run_leaves_it_for_the_next(demo_account: DemoAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in demo_account.environment.items():
        monkeypatch.setenv(name, value)
    async with walking() as walk:
        await walk.read()
        shown = walk.names
    found = first_sight(EU, time.time())
    assert found
    assert {key.rpartition("|")[2] for key, _ in found.rows} == set(shown)
    assert {word: number for _, number, word in found.counts}["failed"] > 0


def test_named_contexts_stand_in_a_column_of_their_own_where_there_are_several() -> None:
    def columns(*contexts: Context) -> list[str]:
        desk = desk_of("billing")
        desk.contexts = {each.place: each for each in contexts}
        return [column[0] for column in sight_of(desk, NOW).columns]

    prod, test = Context("prod", HERE), Context("test", THERE)
    assert "context" in columns(prod, test)
    assert "context" in columns(replace(prod, color="error"))
    assert "context" not in columns(prod)
    assert "context" not in columns(Context(str(HERE), HERE), Context(str(THERE), THERE))
