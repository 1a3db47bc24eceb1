from __future__ import annotations

import base64
import io
import zipfile

from core.fact import Fact, Outcome
from core.profile.build_log import read_log
from core.profile.extras import extras_of
from core.profile.zip_index import folders

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
    found = folders(body[-600:], len(body))
    assert [(each.name, each.size, each.files) for each in found] == [
        ("app/node_modules", 8000, 2),
        ("app/dist", 700, 1),
    ]


def test_what_is_no_archive_has_no_folders() -> None:
    assert folders(b"", 0) == ()
    assert folders(b"PK\x05\x06 short", 100) == ()
    assert folders(bytes(1000), 1000) == ()
    body = _archive(a=10)
    assert folders(body[-40:], len(body)) == ()


def test_an_archive_read_through_evidence_is_the_same_as_text_or_base64() -> None:
    body = _archive(**{"node_modules__x.js": 3000})
    size = Fact(1, "s3", "HeadObject", {}, Outcome.OK, {"ContentLength": len(body)})
    for given in (body.decode("utf-8", "surrogateescape"), base64.b64encode(body).decode()):
        if any("\ud800" <= char <= "\udfff" for char in given):
            continue
        inside = Fact(2, "s3", "GetObject", {}, Outcome.OK, {"Body": given})
        held = extras_of({"size:App": size, "inside:App": inside}).artifacts["App"]
        assert held.folders[0].name == "node_modules"
        assert held.facts == (1, 2)
