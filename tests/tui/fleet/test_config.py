"""The configuration: checked with lines, one schema for editors and the program, never needed."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import UsageError
from tui.config import Config
from tui.config_check import mistakes
from tui.config_example import EXAMPLE
from tui.config_load import check_text, parse, read
from tui.config_schema import SCHEMA

FULL = """\
theme = "pipemedic-day"
start = ["oncall"]

[contexts.prod]
profile = "prod"
regions = ["eu-west-1", "us-east-1"]
color = "error"
protection = "typed"

[contexts."eu staging"]
regions = ["eu-west-1"]

[groups]
oncall = ["prod", "eu staging"]

[refresh]
idle = 300

[list]
columns = ["status", "pipeline", "tag:team"]
sort = "-age"

[views.2]
name = "Red"
filter = "status:failed"
attention = true

[keys]
"pipelines.filter" = "f3"

[notices]
on = ["failed"]
command = ["notify-send", "pipemedic"]
"""


def test_every_setting_arrives() -> None:
    config = parse(tomllib.loads(FULL))
    assert check_text(FULL) == ()
    prod, staging = config.contexts
    assert (prod.profile, prod.regions, prod.protection) == ("prod", ("eu-west-1", "us-east-1"), "typed")
    assert staging.name == "eu staging"
    assert config.groups["oncall"] == ("prod", "eu staging")
    assert (config.refresh.idle_s, config.refresh.moving_s) == (300.0, 2.5)
    assert config.views[0].look.filter == "status:failed"
    assert config.keys["pipelines.filter"] == "f3"
    assert config.notices.command == ("notify-send", "pipemedic")


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("\n\ntheme = 3\n", 3, "theme: must be a text"),
        ("[contexts.prod]\nprofil = 'x'\n", 2, "is profile meant?"),
        ("[contexts.prod]\n\nprotection = 'typd'\n", 3, "is typed meant?"),
        ("read_only = true\n[refresh]\nidle = 0\n", 3, "must be from 1 to 86400"),
        ("[list]\ncolumns = ['status', 'nonsense']\n", 2, "list.columns.1"),
        ("[views.12]\nname = 'x'\n", 1, "there is no such setting"),
        ("[views.1]\nfilter = 'x'\n", 1, "name is missing"),
        ("[views.1]\nname = 'x'\nfilter = '/(/'\n", 3, "not a regular expression"),
        ("start = ['nowhere']\n", 1, "no context or group 'nowhere'"),
        ("[groups]\na = ['b']\n", 2, "no context 'b'"),
        ("theme = \n", 1, "nvalid value"),
        ("a = 1\na = 2\n", 2, "overwrite"),
        ("[notices]\ncommand = []\n", 2, "names no program"),
        ("[[notices.rules]]\non = ['stuck']\n[[notices.rules]]\nfilter = 'x'\n", 3, "rules.1: on is missing"),
        ("[[notices.rules]]\non = ['stuck']\n\n[[notices.rules]]\non = ['fail']\n", 5, "is failed meant?"),
        ("[[notices.rules]]\non = ['stuck']\nfilter = '/(/'\n", 3, "not a regular expression"),
        ("[notices]\nrules = [{on = ['stuck'], filter = '/(/'}]\n", 2, "not a regular expression"),
    ],
)
def test_a_mistake_is_named_with_its_line(text: str, line: int, said: str) -> None:
    found = check_text(text)
    assert [mistake.line for mistake in found] == [line]
    assert said in str(found[0])


def test_what_has_mistakes_is_refused_whole_and_says_the_way_round(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("read_only = 'yes'\n")
    with pytest.raises(UsageError, match=r"line 1: read_only: must be true or false[\s\S]*PIPEMEDIC_CONFIG=none"):
        read(path)


def test_the_example_sets_nothing_and_is_right_with_every_line_switched_on() -> None:
    assert parse(tomllib.loads(EXAMPLE)) == Config()
    switched = [
        line[2:] if line.startswith("# ") and ("=" in line.split("#")[1] or line[2] == "[") else line
        for line in EXAMPLE.splitlines()
    ]
    text = "\n".join(line for line in switched if "Seconds" not in line)
    assert check_text(text) == ()
    assert set(tomllib.loads(text)) == set(SCHEMA["properties"])


def test_editors_read_the_schema_that_the_program_checks_by() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    published = Path(__file__).parents[3] / "docs" / "config.schema.json"
    assert json.loads(published.read_text()) == SCHEMA


_scalars = st.one_of(st.text(max_size=6), st.booleans(), st.integers(-5, 90000), st.sampled_from(["failed", "typed"]))
_names = st.sampled_from([*SCHEMA["properties"], "1", "prod", "filter", "color", "on", "idle", "x"])
_tables = st.dictionaries(
    _names,
    st.one_of(_scalars, st.lists(_scalars, max_size=2), st.dictionaries(_names, _scalars, max_size=2)),
    max_size=3,
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(_names, st.one_of(_tables, _scalars, st.dictionaries(_names, _tables, max_size=2)), max_size=3))
def test_the_check_and_json_schema_agree(data: dict[str, Any]) -> None:
    valid = jsonschema.Draft202012Validator(SCHEMA).is_valid(data)
    assert (mistakes(data, SCHEMA, "") == ()) is valid
