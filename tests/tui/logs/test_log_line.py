from __future__ import annotations

import pytest

from tui.screens.log_line import pretty


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ('{"a": [1]}', ('{\n  "a": [\n    1\n  ]\n}', "json")),
        ('2026 WARN {"a": 1} ', ('2026 WARN\n{\n  "a": 1\n}', "json")),
        ("[INFO] no json {here}", ("[INFO] no json {here}", "")),
        ("[]", ("[]", "")),
        ('{"a": 1} and more', ('{"a": 1} and more', "")),
        ("[" * 100_000, ("[" * 100_000, "")),
    ],
    ids=["json", "prefix", "words", "empty", "rest", "deep"],
)
def test_json_is_laid_out_and_all_else_left_alone(line: str, shown: tuple[str, str]) -> None:
    assert pretty(line) == shown
