from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.logs import EventPage, LogEvent
from core.text import sanitize
from tui.logs.printer import LinePrinter, Shape

ANY = st.text(st.characters(codec=None, exclude_categories=()), max_size=30)


@given(st.lists(st.lists(ANY, min_size=1, max_size=4), max_size=4))
def test_pages_are_printed_as_their_lines_cleaned(pages: list[list[str]]) -> None:
    out: list[str] = []
    printer = LinePrinter(Shape(secrets=True), out.append)
    for page in pages:
        printer.write(EventPage([0] * len(page), page))
    assert "".join(out) == "".join(f"{sanitize(text)}\n" for page in pages for text in page)


def test_what_no_page_needs_is_not_written() -> None:
    out: list[str] = []
    LinePrinter(Shape(), out.append).write(())
    assert out == []


def test_an_event_of_several_lines_has_its_time_on_each() -> None:
    out: list[str] = []
    LinePrinter(Shape(as_json=True), out.append).write((LogEvent(1_500, "a\nb"), LogEvent(2_000, "c")))
    assert "".join(out).splitlines() == [
        '{"line": 1, "time": "1970-01-01T00:00:01.500Z", "at_ms": 1500, "message": "a"}',
        '{"line": 2, "time": "1970-01-01T00:00:01.500Z", "at_ms": 1500, "message": "b"}',
        '{"line": 3, "time": "1970-01-01T00:00:02.000Z", "at_ms": 2000, "message": "c"}',
    ]
