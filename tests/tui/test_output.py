from __future__ import annotations

import click
import pytest

from core.attention import Condition
from core.finding import Verdict
from core.pipeline import ActionState, PipelineState, StageState, Transition
from tui.output import (
    LOOKS,
    Cell,
    Column,
    cell_width,
    condition_look,
    cut,
    indented,
    run_look,
    stage_look,
    sureness,
    table,
    verdict_look,
)
from tui.tones import condition_tone, confidence_word, execution_tone, stage_tones, verdict_tone
from widgets.status import MARKS

COLUMNS = [
    Column("STATUS"),
    Column("PIPELINE", least=6, shrink=2),
    Column("WHAT", least=8, shrink=1, drop=2),
    Column("TOOK", right=True, drop=1),
]
ROWS = [
    [Cell("✗ failed", LOOKS["failed"]), Cell("checkout-api"), Cell("Raise the limit of the cart"), Cell("3m 20s")],
    [Cell("✓ ok"), Cell("日本語パイプライン"), Cell(""), Cell("9s")],
]


def plain(lines: list[str]) -> list[str]:
    return [click.unstyle(line) for line in lines]


def test_table_without_a_width_cuts_nothing() -> None:
    lines = plain(table(COLUMNS, ROWS, None))
    assert lines[0].split() == ["STATUS", "PIPELINE", "WHAT", "TOOK"]
    assert "Raise the limit of the cart" in lines[1]


@pytest.mark.parametrize("width", [10, 17, 25, 33, 40, 48, 60, 100])
def test_table_never_exceeds_the_width(width: int) -> None:
    assert max(cell_width(line) for line in plain(table(COLUMNS, ROWS, width))) <= width


def test_table_shrinks_the_free_text_first_and_marks_the_cut() -> None:
    first = plain(table(COLUMNS, ROWS, 52))[1]
    assert "checkout-api" in first
    assert "…" in first
    assert first.endswith("3m 20s")


def test_table_drops_what_matters_least_before_names_vanish() -> None:
    lines = plain(table(COLUMNS, ROWS, 27))
    assert "TOOK" not in lines[0]
    assert "✗ failed" in lines[1]
    assert "checko" in lines[1] or "check…" in lines[1]


def test_columns_line_up_under_wide_characters() -> None:
    lines = plain(table(COLUMNS, ROWS, None))
    assert len({cell_width(line) for line in lines}) == 1


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("日本語", 4, "日…"), ("abc", 0, ""), ("e\u0301e\u0301e", 2, "e\u0301…")],
)
def test_cut_counts_cells(text: str, width: int, shown: str) -> None:
    assert cut(text, width) == shown
    assert cell_width(shown) <= width


def test_wrapped_text_keeps_long_names_whole() -> None:
    arn = "arn:aws:sts::111122223333:assumed-role/build-service-role/AWSCodeBuild-204f8267"
    lines = indented(f"User: {arn} is not authorized", 4, 40)
    assert f"    {arn}" in lines
    assert indented("one\ntwo " + "x " * 100, 2, None) == ["  one", "  two " + "x " * 100]


def test_glyphs_are_those_of_the_screens() -> None:
    for condition in Condition:
        assert condition_look(condition).glyph == MARKS[condition_tone(condition)].glyph
    for status in ("Failed", "InProgress", "Succeeded", "Stopped", "Superseded", "Abandoned", "Skipped", ""):
        assert run_look(status).glyph == MARKS[execution_tone(status)].glyph
    for verdict in Verdict:
        assert verdict_look(verdict).glyph == MARKS[verdict_tone(verdict)].glyph


STAGES = (
    StageState("Source", "Succeeded", "new"),
    StageState("Approve", "InProgress", "new", actions=(ActionState("Ok", "InProgress", token="t"),)),
    StageState("Test", "Failed", "new"),
    StageState("Held", "Succeeded", "old", transition=Transition(enabled=False)),
    StageState("Prod", "Succeeded", "old"),
    StageState("Never"),
)


def test_stages_look_as_on_the_screens() -> None:
    state = PipelineState("web", 1, STAGES)
    glyphs = [stage_look(state, stage).glyph for stage in STAGES]
    assert glyphs == [MARKS[tone].glyph for tone in stage_tones(state)]
    assert len(set(glyphs)) > 3


@pytest.mark.parametrize("confidence", [0.0, 0.49, 0.5, 0.74, 0.75, 0.97, 1.0])
@pytest.mark.parametrize("proven", [True, False])
def test_sureness_is_worded_as_on_the_screens(confidence: float, proven: bool) -> None:
    assert sureness(confidence, proven=proven) == confidence_word(confidence, proven=proven)
