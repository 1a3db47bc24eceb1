"""The executions come across are kept between runs, and a broken file is no trouble."""

from __future__ import annotations

import stat
from pathlib import Path

from core.pipeline import Execution, Revision
from core.place import PipelineRef
from tests.builders import HERE, NOW, THERE
from tui.fleet_past import PastBook
from tui.fleet_past_file import PastFile

WEB = PipelineRef(HERE, "web")


def book() -> PastBook:
    made = PastBook()
    made.take(WEB, [Execution("x-1", "Failed", NOW - 100, NOW - 50, revisions=(Revision("S", "abc"),))])
    return made


def test_what_was_known_is_known_after_a_restart(tmp_path: Path) -> None:
    file, first = PastFile(tmp_path / "deep" / "past.sqlite"), book()
    file.write(first.changed(), NOW)
    assert first.changed() == []
    later = PastBook()
    later.recall(file.read(NOW))
    assert later.pasts({HERE}) == first.pasts({HERE})
    assert later.pasts({THERE}) == []
    assert stat.S_IMODE((tmp_path / "deep" / "past.sqlite").stat().st_mode) == 0o600
    assert file.read(NOW + 100 * 86_400) == []


def test_news_of_an_execution_replaces_what_was_known_and_keeps_its_revision() -> None:
    held = book()
    held.take(WEB, [Execution("x-1", "Succeeded", NOW - 100, NOW)])
    (run,) = held.pasts({HERE})[0].runs
    assert (run.status, run.ended_at, run.revision) == ("Succeeded", NOW, "abc")


def test_the_newest_hundred_of_a_pipeline_are_kept() -> None:
    held = PastBook()
    held.take(WEB, [Execution(f"x-{n}", "Succeeded", NOW - n, NOW) for n in range(150)])
    runs = held.pasts({HERE})[0].runs
    assert (len(runs), runs[0].id, runs[-1].id) == (100, "x-0", "x-99")


def test_a_broken_file_is_thrown_away(tmp_path: Path) -> None:
    path = tmp_path / "past.sqlite"
    path.write_bytes(b"no database at all, but long enough to be taken for one" * 100)
    file = PastFile(path)
    assert file.read(NOW) == []
    file.write(book().changed(), NOW)
    assert len(file.read(NOW)) == 1
