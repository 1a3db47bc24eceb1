import json

from hypothesis import given
from hypothesis import strategies as st

from tests.widgets.stage import lines, showing, text, until
from widgets import document as doc
from widgets.code_lines import code_lines, plain_lines
from widgets.code_view import CodeView
from widgets.diff_model import Kind, diff_pairs, unified
from widgets.diff_view import DiffView
from widgets.document_view import DocumentView
from widgets.gallery_data import AFTER, BEFORE, DOCUMENT
from widgets.status import Tone

LINES = st.lists(st.sampled_from(["{", "}", '"a": 1,', '"a": 2,', "x", ""]), max_size=20)

# Documents


@given(st.integers(12, 200))
def test_no_line_of_a_document_is_wider_than_its_page(width: int) -> None:
    assert all(line.cell_length <= width for line in doc.lay_out(DOCUMENT, width))


def test_a_fact_hangs_under_its_number() -> None:
    block = doc.fact(3, "elbv2 DescribeTargetHealth", "10.0.3.7:8080 unhealthy\n503 on GET /healthz")
    assert [line.plain for line in doc.lay_out([block], 80)] == [
        "  [3] elbv2 DescribeTargetHealth → 10.0.3.7:8080 unhealthy",
        "      503 on GET /healthz",
    ]


def test_a_note_stands_at_the_right_or_below_where_there_is_no_room() -> None:
    block = doc.heading("Finding ecs.health-check", "92 % sure")
    assert [line.plain for line in doc.lay_out([block], 40)] == ["Finding ecs.health-check       92 % sure"]
    assert [line.plain for line in doc.lay_out([block], 30)] == ["Finding ecs.health-check", "92 % sure"]


def test_what_was_not_allowed_reads_without_colour() -> None:
    (line,) = doc.lay_out([doc.fact(1, "ecr BatchGetImage", "not allowed to look", tone=Tone.DENIED)], 80)
    assert "→ ⊖ not allowed to look" in line.plain


async def test_a_document_breaks_for_its_width_and_keeps_its_place() -> None:
    view = DocumentView(DOCUMENT)
    async with showing(view, 50, 10) as (pilot, _):
        await pilot.press("pagedown")
        top = view.scroll_offset.y
        assert top > 0
        view.show([*DOCUMENT, doc.paragraph("more")])
        await pilot.pause()
        assert view.scroll_offset.y == top
        await pilot.resize_terminal(120, 10)
        await pilot.press("g")
        await pilot.pause()
        assert "Where they do not, it waits, replaces them," in lines(pilot.app)[1]
        view.show([doc.heading("another")], top=True)
        await pilot.pause()
        assert "another" in lines(pilot.app)[0]


# Code


@given(st.text("ab{}\":,[]\n\t\r0'é日", max_size=80))
def test_colouring_changes_no_character(code: str) -> None:
    shown = [line.plain for line in code_lines(code, "json")]
    assert shown == [line.plain for line in plain_lines(code)]
    assert len(shown) == len(code.split("\n"))


def test_an_unknown_language_is_shown_plain() -> None:
    assert [line.spans for line in code_lines("{}", "no-such-language")] == [[]]
    assert any(line.spans for line in code_lines('{"a": 1}', "json"))


async def test_a_large_definition_shows_before_it_is_coloured() -> None:
    code = json.dumps({f"key{n}": [n] for n in range(2_000)}, indent=1)
    view = CodeView(code, "json")
    async with showing(view, 80, 12) as (pilot, _):
        assert '"key0"' in text(pilot.app)
        await until(lambda: any(len(line.spans) > 1 for line in view._lines))
        await pilot.press("G")
        await pilot.pause()
        assert lines(pilot.app)[-1].split()[1] == "}"
        assert len(view.lines) == len(code.split("\n"))


async def test_marked_lines_are_brought_into_sight() -> None:
    view = CodeView("\n".join(f"line {n}" for n in range(500)))
    async with showing(view, 80, 12) as (pilot, _):
        view.mark_lines(frozenset({300}))
        await pilot.pause()
        assert "301 line 300" in text(pilot.app)


# Diffs


@given(LINES, LINES, st.integers(-1, 3))
def test_a_diff_holds_every_change_once(before: list[str], after: list[str], context: int) -> None:
    pairs = diff_pairs(before, after, context)
    assert bool(pairs) == (before != after)
    shown = list(unified(pairs))
    removed = [half.number for half, _ in shown if half.kind is Kind.REMOVED]
    added = [half.number for half, _ in shown if half.kind is Kind.ADDED]
    kept_before = [line for n, line in enumerate(before, 1) if n not in removed]
    kept_after = [line for n, line in enumerate(after, 1) if n not in added]
    assert kept_before == kept_after
    assert sorted(removed) == removed
    assert sorted(added) == added
    if context < 0 and pairs:
        same = sum(half.kind is Kind.SAME for half, _ in shown)
        assert same + len(removed) == len(before)
        assert same + len(added) == len(after)


def test_a_rewritten_line_has_its_changed_span() -> None:
    (pair,) = diff_pairs(['"Action": "s3:GetObjectVersion"'], ['"Action": "s3:GetObject"'])
    assert pair.left is not None
    assert pair.left.spans == ((23, 30),)


async def test_a_diff_reads_without_colour() -> None:
    view = DiffView(BEFORE, AFTER, language="json")
    async with showing(view, 100, 30) as (pilot, _):
        shown = text(pilot.app)
        assert '-           "Resource": "*"' in shown or '-       "Resource": "*"' in shown
        assert '"s3:GetObject",' in shown
        assert any(" + " in line and "s3:GetObject" in line for line in lines(pilot.app))
        assert "equal lines" in shown
        assert view.changes == (1, 2)
        await pilot.press("x")
        await pilot.pause()
        assert "equal lines" not in text(pilot.app)
        await pilot.press("s")
        await pilot.pause()
        assert "│" in text(pilot.app)


async def test_nothing_changed_is_said() -> None:
    view = DiffView("same", "same")
    async with showing(view, 80, 5) as (pilot, _):
        assert "no difference" in text(pilot.app)


async def test_wide_places_show_both_sides_and_narrow_ones_do_not() -> None:
    view = DiffView(BEFORE, AFTER)
    async with showing(view, 160, 30) as (pilot, _):
        assert "│" in lines(pilot.app)[0]
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert "now → after the change" in lines(pilot.app)[0]
