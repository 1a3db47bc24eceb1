import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style as RichStyle
from rich.text import Text
from textual.content import Content

from widgets.ink import as_content, fit, inked, join, visible

CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


@given(st.text(st.characters(codec=None, exclude_categories=()), max_size=60))
def test_nothing_visible_can_drive_a_terminal(raw: str) -> None:
    assert not CONTROL.search(visible(raw))
    assert not CONTROL.search(as_content(raw).plain)
    assert not CONTROL.search(as_content(Text(raw)).plain)
    assert not CONTROL.search(as_content(Content(raw, strip_control_codes=False)).plain)


@pytest.mark.parametrize("markup", ["[/foo]", "[@click=app.quit]x[/]", "[INFO]", "[stage-1 3/5]", "[/", "$text"])
def test_a_string_is_never_markup(markup: str) -> None:
    content = as_content(markup)
    assert content.plain == markup
    assert not content.spans


def test_a_text_keeps_its_colours_and_loses_links_and_actions() -> None:
    text = Text("go", RichStyle(bold=True, link="https://example.com", meta={"@click": "app.quit"}))
    (span,) = as_content(text).spans
    assert not isinstance(span.style, str)
    assert span.style.bold
    assert span.style.link is None
    assert not span.style.meta


def test_offsets_of_spans_hold_when_control_characters_are_replaced() -> None:
    content = as_content(Text.assemble("a\x1bb", ("red", "$text-error")))
    assert [content.plain[s.start : s.end] for s in content.spans] == ["red"]


@given(st.text(max_size=30), st.integers(0, 40), st.sampled_from(["left", "right", "center"]))
def test_fit_gives_exactly_the_width(raw: str, width: int, align: str) -> None:
    assert fit(raw, width, align).cell_length == width  # type: ignore[arg-type]


def test_what_is_cut_is_marked() -> None:
    assert fit("checkout-api", 8).plain == "checkou…"
    assert fit("日本語日本語", 8).plain.endswith("…")


def test_joined_strings_stay_literal() -> None:
    assert join("[b]", inked("[/b]", "bold"), Text("[i]")).plain == "[b][/b][i]"
