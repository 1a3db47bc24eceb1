import pytest
from rich.cells import cell_len

from widgets.stage_strip import stage_strip
from widgets.status import MARKS, SPINNER, Tone, count, status, status_text


@pytest.mark.parametrize("tone", list(Tone))
def test_every_tone_reads_without_colour(tone: Tone) -> None:
    assert status(tone, tone.value).plain == f"{MARKS[tone].glyph} {tone.value}"
    assert status_text(tone, tone.value).plain == status(tone, tone.value).plain
    assert cell_len(MARKS[tone].glyph) == 1


def test_running_turns_through_glyphs_of_one_cell() -> None:
    assert {cell_len(glyph) for glyph in SPINNER} == {1}
    assert MARKS[Tone.RUNNING].glyph in SPINNER


def test_hostile_words_are_literal() -> None:
    assert status(Tone.OK, "[/foo]\x1b]52;c;x\x07").plain == "✓ [/foo]␛]52;c;x␇"


def test_a_count_of_nothing_is_quiet() -> None:
    assert count(Tone.FAILED, 0, "failed").spans[0].style != count(Tone.FAILED, 4, "failed").spans[0].style
    assert count(Tone.FAILED, 4, "failed").plain == "✗ 4 failed"


def test_the_failing_stage_stands_out_without_colour() -> None:
    strip = stage_strip([Tone.OK, Tone.OK, Tone.FAILED, Tone.IDLE])
    assert strip.plain == "✓✓✗·"
    assert ["reverse" in str(span.style) for span in strip.spans] == [False, False, True, False]


@pytest.mark.parametrize("loud_at", [0, 7, 15, 29])
def test_a_long_strip_keeps_the_failing_stage_and_marks_the_cut(loud_at: int) -> None:
    tones = [Tone.OK] * 30
    tones[loud_at] = Tone.FAILED
    strip = stage_strip(tones, 12)
    assert "✗" in strip.plain
    assert "…" in strip.plain
    assert len(strip.plain) <= 12
