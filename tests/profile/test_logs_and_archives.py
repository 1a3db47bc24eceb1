from __future__ import annotations

import io
import zipfile

from core.fact import Fact, Outcome
from core.profile.build_log import read_log
from core.profile.extras import extras_of
from core.zip_list import entries_of, folders_of, list_place

LOG = [
    "[Container] 2026/01/15 03:12:00.000000 Entering phase INSTALL",
    "[Container] 2026/01/15 03:12:00.100000 Running command npm ci",
    "npm http fetch GET 200 https://npm.example.com/x 9ms (cache miss)",
    "[Container] 2026/01/15 03:13:10.100000 Phase complete: INSTALL State: SUCCEEDED",
    "[Container] 2026/01/15 03:13:10.200000 Entering phase BUILD",
    "[Container] 2026/01/15 03:13:10.200000 Running command npm test",
    "[Container] 2026/01/15 03:13:40.200000 Running command echo done",
    "[Container] 2026/01/15 03:13:40.300000 Phase complete: BUILD State: SUCCEEDED",
    "[Container] 2026/01/15 03:13:41.000000 Skip cache due to: no paths specified to be cached",
]


def test_commands_last_until_the_agent_speaks_again() -> None:
    found = read_log(LOG, 4)
    assert [(each.text, round(each.seconds, 1), each.phase) for each in found.commands] == [
        ("npm ci", 70.0, "INSTALL"),
        ("npm test", 30.0, "BUILD"),
        ("echo done", 0.1, "BUILD"),
    ]
    assert round(found.fetch_s, 1) == 70.0
    assert (found.off, found.hits, found.misses, found.fact) == (1, 0, 1, 4)


def test_a_secret_in_a_command_is_masked() -> None:
    line = "[Container] 2026/01/15 03:12:00.1 Running command pip install --index-url https://ci:hunter2@example.com x"
    found = read_log([line, "[Container] 2026/01/15 03:13:00.1 Phase complete: INSTALL State: SUCCEEDED"])
    assert found.commands[0].fetches
    assert "hunter2" not in found.commands[0].text


def test_a_log_without_times_or_commands_tells_nothing() -> None:
    assert read_log(["hello", "[Container] no time Running command x"]).commands == ()
    assert read_log([]).fetch_s == 0.0


def _archive(**files: int) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, size in files.items():
            archive.writestr(name.replace("__", "/"), b"x" * size)
    return held.getvalue()


def test_the_folders_of_an_archive_are_read_from_its_end_alone() -> None:
    body = _archive(**{"app__node_modules__a.js": 5000, "app__node_modules__b__c.js": 3000, "app__dist__main.js": 700})
    tail = body[-600:]
    place = list_place(tail)
    assert place
    at = place[0] - (len(body) - len(tail))
    found = folders_of(entries_of(tail[at : at + place[1]]))
    assert [(each.name, each.size, each.files) for each in found] == [
        ("app/node_modules", 8000, 2),
        ("app/dist", 700, 1),
    ]


def test_what_is_no_archive_has_no_list() -> None:
    assert list_place(b"") is None
    assert list_place(b"PK\x05\x06 short") is None
    assert list_place(bytes(1000)) is None
    assert list(entries_of(b"PK\x01\x02 cut off")) == []


def test_what_lies_in_an_artifact_is_known_where_it_was_read() -> None:
    size = Fact(1, "s3", "HeadObject", {}, Outcome.OK, {"ContentLength": 9000})
    inside = Fact(2, "s3", "GetObject", {}, Outcome.OK, {"folders": [["node_modules", 8000, 2], ["dist", 700, 1]]})
    held = extras_of({"size:App": size, "inside:App": inside}).artifacts["App"]
    assert [each.name for each in held.folders] == ["node_modules", "dist"]
    assert held.facts == (1, 2)
    denied = Fact(2, "s3", "GetObject", {}, Outcome.DENIED)
    assert extras_of({"size:App": size, "inside:App": denied}).artifacts["App"].folders == ()
