from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widgets.code_lines import code_lines
from widgets.log_pretty import is_json, laid_out, language_of


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ('{"a": [1]}', ('{\n  "a": [\n    1\n  ]\n}', "json")),
        ('2026 WARN {"a": 1.50, "a": 2, "b": {}} ', ('2026 WARN\n{\n  "a": 1.50,\n  "a": 2,\n  "b": {}\n}', "json")),
        (r'{"at": "x\n  y\\n z\n"}', ('{\n  "at": "x\\n\n      y\\\\n z\\n"\n}', "json")),
        ("[INFO] no json {here}", ("[INFO] no json {here}", "")),
        ("[]", ("[]", "")),
        ('{"a": 1} and more', ('{"a": 1} and more', "")),
        ("[" * 100_000 + "]", ("[" * 100_000 + "]", "")),
        ("10%\r20%\r\r30%", ("10%\n20%\n30%", "")),
    ],
    ids=["json", "prefix", "line ends", "words", "empty", "rest", "deep", "overwrites"],
)
def test_json_is_laid_out_and_all_else_left_alone(line: str, shown: tuple[str, str]) -> None:
    assert laid_out(line) == shown


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(st.dictionaries(st.text(), JSON, min_size=1, max_size=4))
def test_laid_out_json_says_what_the_line_said(value: dict[str, object]) -> None:
    line = json.dumps(value)
    assert is_json(line)
    text, language = laid_out(line)
    assert language == "json"
    if "\\n" not in line:
        assert json.loads(text) == value
    assert "".join(text.split()) == "".join(line.split())


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Resources:\n  Web:\n    Type: AWS::ECS::Service\n", "yaml"),
        ("select a, b\nfrom t\nwhere c = 1", "sql"),
        ('Traceback (most recent call last):\n  File "a.py", line 1, in <module>\nValueError', "pytb"),
        ('{"a":\n 1}', "json"),
        ("error: one line", ""),
        ("two\nlines", ""),
    ],
)
def test_what_a_text_is_written_in_is_seen(text: str, language: str) -> None:
    assert language_of(text) == language


def test_what_stands_before_json_is_not_coloured_as_json() -> None:
    before, brace, *_ = code_lines('2026-11-23T07:14:32Z\n{\n  "a": 1\n}', "json")
    assert (before.plain, before.spans) == ("2026-11-23T07:14:32Z", [])
    assert brace.plain == "{"
