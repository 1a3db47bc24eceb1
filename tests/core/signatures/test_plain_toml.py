from __future__ import annotations

import tomllib
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.signatures import plain_toml

_FILES = [item for item in files("core").joinpath("data", "signatures").iterdir() if item.name.endswith(".toml")]


@pytest.mark.parametrize("file", _FILES, ids=lambda file: file.name)
def test_every_file_reads_as_tomllib_reads_it_and_by_the_quick_way(file: object) -> None:
    text = file.read_text("utf-8")  # type: ignore[attr-defined]
    assert plain_toml._loads(text) == tomllib.loads(text)


@pytest.mark.parametrize(
    "text",
    [
        "a = 1\nb = 0.5\nc = true\nd = 'x'\n",
        '["x.y"]\na = "b" # more\n[z]\nq = []\n',
        "[[s]]\na = [\n  'one', # first\n  \"two\",\n]\n[[s]]\na = ['three', 'four']\n",
        'a = "tab\\there"\n',
        "a = '''\nmany\nlines'''\n",
        "a = { b = 1 }\n",
        "a = 2026-05-02\n",
        "a.b = 1\n",
        "a = 'it''s'\n",
        "a = [1, 2]\n",
        "a = 1\na = 2\n",
        "a = ['x' 'y']\n",
        "a = ['x'\n",
        "= 3\n",
        "a = 'x' y\n",
        "a = 1_000\n",
        "a = 007\n",
    ],
)
def test_whatever_is_written_reads_as_tomllib_reads_it(text: str) -> None:
    assert _outcome(plain_toml.loads, text) == _outcome(tomllib.loads, text)


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="ab =[]'\"\n#,.1\\-", max_size=40))
def test_any_text_reads_as_tomllib_reads_it(text: str) -> None:
    assert _outcome(plain_toml.loads, text) == _outcome(tomllib.loads, text)


def _outcome(loads: object, text: str) -> object:
    try:
        return loads(text)  # type: ignore[operator]
    except tomllib.TOMLDecodeError:
        return "not TOML"
