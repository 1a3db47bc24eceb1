"""What a report written from a screen is about."""

from __future__ import annotations

from textual.screen import Screen

from core.journal import Entry
from core.place import PipelineRef
from tests.builders import HERE
from tests.core.report.night import change
from tui.report_subject import at_hand


class Stand(Screen[object]):
    """A screen that stands, with something under its cursor."""

    selected: Entry | None = None
    is_mounted = True


def test_a_change_in_the_journal_is_of_its_pipeline() -> None:
    screen = Stand()
    assert at_hand(screen) is None
    screen.selected = change()
    assert at_hand(screen) == (PipelineRef(HERE, "billing"), "")
    screen.selected = change(pipeline="")
    assert at_hand(screen) is None
