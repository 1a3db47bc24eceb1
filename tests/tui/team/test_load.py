"""Files of every kind: good ones become playbooks, bad ones are named with their place, and the rest goes on."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import jsonschema
import pytest
import yaml

from tests.tui.team.conftest import EXAMPLE, SMALL, Put
from tui.team.load import all_playbooks, built_in, load, read_file
from tui.team.schema import SCHEMA

DOCS = Path(__file__).parents[3] / "docs"


def test_schema_on_disk_is_the_one_in_use_and_is_valid() -> None:
    assert json.loads((DOCS / "team-playbook.schema.json").read_text("utf-8")) == SCHEMA
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_example_keeps_to_the_schema_and_can_be_used() -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(yaml.safe_load(EXAMPLE.read_text("utf-8")))
    found = read_file(EXAMPLE)
    assert found.mistakes == ()
    assert found.playbook is not None
    assert [step.id for step in found.playbook.steps] == ["project", "streak", "access", "freeze"]
    assert found.playbook.causes == ("artifact.access-denied",)
    assert found.playbook.steps[1].after == ("project",)
    assert found.playbook.steps[3].after == ("access",)


def test_team_playbooks_stand_behind_the_built_in_ones(put: Put) -> None:
    put("small.yaml", SMALL)
    assert [book.id for book in all_playbooks()] == [*(book.id for book in built_in()), "small"]


def test_bad_file_is_reported_and_the_rest_goes_on(put: Put) -> None:
    put("a.yaml", "id: }")
    put("b.yml", SMALL)
    put("notes.txt", "not read")
    found = load()
    assert [book.id for book in found.playbooks] == ["small"]
    assert [(Path(each.file).name, each.line) for each in found.mistakes] == [("a.yaml", 1)]


def test_no_folder_is_no_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.team.load.config_dir", lambda: tmp_path / "none")
    assert load().reads == ()
    assert load().mistakes == ()


def test_changed_file_is_read_again(put: Put) -> None:
    path = put("small.yaml", SMALL)
    assert load().playbooks[0].title == "Small"
    put("small.yaml", SMALL.replace("title: Small", "title: Smaller"))
    os.utime(path, (time.time(), time.time() + 5))
    assert load().playbooks[0].title == "Smaller"


def test_same_id_twice_names_the_other_file(put: Put) -> None:
    put("a.yaml", SMALL)
    put("b.yaml", SMALL)
    (mistake,) = load().mistakes
    assert "a.yaml has the id small already" in str(mistake)
    assert (mistake.line, mistake.column) == (1, 5)
    assert len(load().playbooks) == 1


CALL = "service: codebuild\n        operation: BatchGetProjects"
SECRET = CALL.replace("codebuild", "secretsmanager").replace("BatchGetProjects", "GetSecretValue")


@pytest.mark.parametrize(
    ("old", "new", "line", "column", "says"),
    [
        ("id: small", "id: codebuild", 1, 5, "built-in"),
        ("title: Small", "titel: Small", 2, 1, "do you mean title?"),
        ("title: Small", "title: 3", 2, 8, "put it in quotes"),
        ("BatchGetProjects", "UpdateProject", 11, 20, "not an operation that only reads"),
        ("BatchGetProjects", "DeleteProject", 11, 20, "not an operation that only reads"),
        (CALL, SECRET, 11, 20, "only reads"),
        ("length(project.projects)", "length(projekt.projects)", 14, 13, "projekt is not known here"),
        ("length(project.projects) > `0`", "length(", 14, 13, "no JMESPath"),
        ("{action.configuration.ProjectName}", "{action.config.ProjectName}", 12, 26, "action has no config"),
        ("{action.configuration.ProjectName}", "{action", 12, 26, "without its }"),
        ("question: Is it there?", "question: Is it there", 6, 15, "question mark"),
        ("    expect:\n      that: length(project.projects) > `0`\n", "", 5, 5, "needs expect, log or ask"),
        ("why: Else nothing is built.", "why: Because.\n    after: [later]", 8, 13, "no step later"),
        ("name: project", "name: pipeline", 9, 15, "is taken"),
        ("title: Small", "title: !!python/object:os.system Small", 2, 8, "tags"),
        ("title: Small", "title: &a Small", 2, 8, "aliases"),
        ("title: Small", "title: Small\ntitle: Other", 3, 1, "twice"),
        ("title: Small", 'title: "\\e]52;c;AAAA\\a"', 2, 8, "control characters"),
    ],
)  # fmt: skip
def test_mistake_names_line_and_column(put: Put, old: str, new: str, line: int, column: int, says: str) -> None:
    assert old in SMALL
    path = put("small.yaml", SMALL.replace(old, new, 1))
    found = read_file(path)
    assert found.playbook is None
    assert any(says in each.message and (each.line, each.column) == (line, column) for each in found.mistakes), [
        str(each) for each in found.mistakes
    ]


QUOTED = """\
    findings: [{cause: build.test-failed, title: a, summary: b, fixes: [{title: c, commands: ["echo '{region}'"]}]}]
"""


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("    log: [{id: a, pattern: '(a+)+$'}]\n", "a repeat inside a repeat"),
        ("    log: [{id: a, pattern: '('}]\n", "no regular expression"),
        ("    findings: [{cause: build.nonsense, title: a, summary: b}]\n", "no cause of the vocabulary"),
        ("    findings: [{cause: build.test-failed, title: a, summary: b, when: x}]\n", "no log pattern x"),
        ("    links: [{title: a, url: 'javascript:alert(1)'}]\n", "https://"),
        (QUOTED, "quoted by itself"),
    ],
)
def test_unsafe_or_unknown_parts_of_a_step_are_refused(put: Put, more: str, says: str) -> None:
    found = read_file(put("small.yaml", SMALL + more))
    assert [says in each.message for each in found.mistakes] == [True]
    assert found.mistakes[0].line == 15


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
HOSTILE = {
    "aliases": BOMB.encode(),
    "long line": b"id: " + b"x" * 1_000_000,
    "long line within the limit": b"id: " + b"x" * 100_000,
    "huge": b"- x\n" * 2_000_000,
    "many values": b"- x\n" * 30_000,
    "binary": bytes(range(256)) * 64,
    "zeros": b"\0" * 4096,
    "utf-16": "id: x".encode("utf-16"),
    "deep": b"[" * 60_000,
    "deep mapping": b"{a: " * 20_000,
    "empty": b"",
    "comment": b"# nothing\n",
    "two documents": b"id: a\n---\nid: b\n",
    "list": b"- a\n",
    "text": b"hello",
    "null": b"~",
    "big number": b"id: " + b"9" * 10_000,
    "merge": b"<<: {id: a}\n",
    "key is a list": b"? [a]\n: b\n",
    "steps of the wrong kind": b"id: a\ntitle: b\nsummary: c\nsteps: {a: b}\n",
    "step is a text": b"id: a\ntitle: b\nsummary: c\nsteps: [a]\n",
    "nan": b"id: .nan\n",
    "tabs": b"id:\n\t- a\n",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_file_is_refused_in_words_and_at_once(put: Put, kind: str) -> None:
    path = put("bad.yaml", HOSTILE[kind])
    began = time.monotonic()
    found = read_file(path)
    assert found.playbook is None
    assert found.mistakes
    assert all(len(str(each)) < 1000 for each in found.mistakes)
    assert time.monotonic() - began < 5


def test_pipe_and_folder_are_refused_without_waiting(put: Put) -> None:
    folder = put("small.yaml", SMALL).parent
    os.mkfifo(folder / "pipe.yaml")
    (folder / "sub.yaml").mkdir()
    (folder / "gone.yaml").symlink_to(folder / "nowhere")
    found = load()
    assert [book.id for book in found.playbooks] == ["small"]
    assert [Path(each.file).name for each in found.mistakes] == ["gone.yaml", "pipe.yaml", "sub.yaml"]
