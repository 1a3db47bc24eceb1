"""The last known fleet: kept, shown at once with its age, disposable."""

from __future__ import annotations

import sqlite3
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from core.place import PipelineRef
from tests.builders import HERE, HOSTILE, NOW, THERE, action, execution, ref, revision, snapshot, stage
from tests.tui.walk import walking
from tui.fleet_book import FleetBook
from tui.fleet_cache import FleetCache
from tui.options import Options
from tui.paths import cache_dir

WAITING = stage("Prod", "InProgress", action("Approve", "InProgress", ago_s=60, token="c0ffee-secret"))
RED = stage("Build", "Failed", action("Build", "Failed", ago_s=60, error_message=HOSTILE), inbound=("e2",), closed="x")
SHOT = snapshot(RED, WAITING, latest=execution("Failed", revisions=(revision(),)), usual_s=12.5)


@pytest.fixture
def cache(tmp_path: Path) -> FleetCache:
    return FleetCache(tmp_path / "cache" / "fleet.sqlite")


def test_what_was_kept_comes_back_as_it_was_but_for_tokens(cache: FleetCache, tmp_path: Path) -> None:
    cache.write([SHOT])
    (found,) = cache.read(now=NOW)
    path = tmp_path / "cache" / "fleet.sqlite"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert b"c0ffee-secret" not in path.read_bytes()
    assert found.state is not None
    assert SHOT.state is not None
    assert found.state.stages[1].actions[0].token
    assert found.state.stages[0] == SHOT.state.stages[0]
    assert replace(found, state=None) == replace(SHOT, state=None)


def test_places_that_were_not_asked_stay_out_and_old_answers_too(cache: FleetCache) -> None:
    there = replace(SHOT, ref=ref("web", THERE))
    cache.write([SHOT, there])
    assert [each.ref for each in cache.read({THERE}, NOW)] == [there.ref]
    assert cache.read(now=NOW + 15 * 86_400) == ()


def test_a_pipeline_that_is_gone_goes_but_only_where_the_list_was_read(cache: FleetCache) -> None:
    there = replace(SHOT, ref=ref("web", THERE))
    cache.write([SHOT, there])
    cache.write([replace(SHOT, ref=ref("new"))], {HERE})
    assert sorted(each.ref.name for each in cache.read(now=NOW)) == ["new", "web"]


@pytest.mark.parametrize(
    "body", [b"not a database at all, but long enough to be read as one" * 40, b"", b"SQLite format 3\0"]
)
def test_a_broken_file_is_thrown_away_and_begun_anew(cache: FleetCache, tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "cache" / "fleet.sqlite"
    path.parent.mkdir()
    path.write_bytes(body)
    assert cache.read(now=NOW) == ()
    cache.write([SHOT])
    assert len(cache.read(now=NOW)) == 1


def test_another_version_or_shape_is_thrown_away(cache: FleetCache, tmp_path: Path) -> None:
    cache.write([SHOT])
    with sqlite3.connect(tmp_path / "cache" / "fleet.sqlite") as base:
        base.execute("UPDATE pipelines SET body = '{\"ref\": 1}'")
    base.close()
    assert cache.read(now=NOW) == ()
    cache.write([SHOT])
    with sqlite3.connect(tmp_path / "cache" / "fleet.sqlite") as base:
        base.execute("PRAGMA user_version = 99")
    base.close()
    assert cache.read(now=NOW) == ()


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache = FleetCache(tmp_path / "file" / "fleet.sqlite")
    cache.write([SHOT])
    assert cache.read(now=NOW) == ()


def test_what_is_recalled_gives_way_to_what_is_read() -> None:
    book = FleetBook()
    book.recall([SHOT, replace(SHOT, ref=ref("gone"))], NOW + 600)
    assert not book.listed
    book.list(HERE, [SHOT.ref])
    assert len(book) == 1
    book.read(replace(SHOT, read_at=NOW + 600), NOW + 600)
    entry = book.entry(SHOT.ref.key, NOW + 600)
    assert entry is not None
    assert entry.snapshot is not None
    assert entry.snapshot.read_at == NOW + 600


async def test_the_last_known_fleet_stands_there_dim_while_aws_gives_no_answer(
    bare_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("PIPEMEDIC_CACHE", "1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")
    FleetCache(cache_dir() / "fleet.sqlite").write([replace(SHOT, ref=PipelineRef(HERE, "billing"))])
    async with walking(Options(regions=("eu-west-1",)), clock=lambda: NOW + 7200) as walk:
        await walk.until(lambda: walk.names == ["billing"])
        assert walk.fleet.rows[0].dim
        await walk.shows("read 2h ago")
