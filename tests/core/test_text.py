"""External text can never drive the terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text import clip, sanitize, sanitize_ansi

HOSTILE = [
    ("\x1b]52;c;ZXZpbA==\x07after", "after"),
    ("\x1b]0;title\x1b\\after", "after"),
    ("\x1b[2J\x1b[Hhome", "home"),
    ("\x1bPq#0\x1b\\x", "x"),
    ("\x9b31mred", "red"),
    ("a\x00b\x07c\x7f", "abc"),
    ("10%\r50%\r100%", "100%"),
    ("windows\r\nline\r\n", "windows\nline\n"),
    ("abc\u202edef", "abc⟨RLO⟩def"),
    ("\ud800x", "\ufffdx"),
    ("unended \x1b]0;evil", "unended "),
]


@pytest.mark.parametrize(("raw", "clean"), HOSTILE)
def test_control_sequences_are_gone(raw: str, clean: str) -> None:
    assert sanitize(raw) == clean


def test_colour_stays_where_it_is_wanted() -> None:
    raw = "\x1b[31mred\x1b[0m \x1b[2Kgone \x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\"
    assert sanitize_ansi(raw) == "\x1b[31mred\x1b[0m gone link"
    assert sanitize(raw) == "red gone link"


@given(st.text())
def test_nothing_but_colour_is_left(text: str) -> None:
    allowed = {"\n", "\t"}
    assert all(char in allowed or (ord(char) >= 0x20 and not 0x7F <= ord(char) < 0xA0) for char in sanitize(text))
    left = sanitize_ansi(text)
    assert sanitize_ansi(left) == left


def test_a_cut_is_marked() -> None:
    assert clip("abcdef", 4) == "abc…"
    assert clip("abc", 4) == "abc"
