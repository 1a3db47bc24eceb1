"""The figures of a profile as blocks, in every width."""

from __future__ import annotations

import pytest

from core.profile.model import History
from core.profile.profile import profile_of
from tests.profile.histories import KNOWN
from tests.profile.made import case_of
from tui.profile_figures import figure_blocks
from widgets.document import lay_out

SERIAL = next(each for each in KNOWN if each.name == "serial tests")


@pytest.mark.parametrize("width", [40, 62, 100])
def test_figures_stand_in_columns_and_never_go_beyond_the_room(width: int) -> None:
    profile = profile_of(case_of(SERIAL.definition, SERIAL.player.history(20)))
    lines = [line.plain for line in lay_out(figure_blocks(profile, width), width)]
    assert max(map(len, lines)) <= width
    head = next(line for line in lines if "median" in line and "p90" in line)
    whole = next(line for line in lines if line.startswith("pipeline"))
    assert len(head.rstrip()) == len(whole.rstrip())
    assert ("last 10" in head) == (width >= 62)
    assert ("good" in head) == (width >= 100)
    below = lines[lines.index(whole) + 1 :]
    assert [line.split()[0] for line in below[:4]] == ["Source", "Source", "Build", "Compile"]


def test_the_critical_path_is_told_with_its_waits() -> None:
    known = next(each for each in KNOWN if each.name == "queueing")
    profile = profile_of(case_of(known.definition, known.player.history(5)))
    lines = [line.plain.strip() for line in lay_out(figure_blocks(profile, 64), 64)]
    at = lines.index(next(line for line in lines if line.startswith("Critical path")))
    assert [line.split("  ")[1].split("   ")[0] for line in lines[at + 1 : at + 5]] == [
        "Source / Source",
        "Test / Unit",
        "Test / Types",
        "Deploy / Ship",
    ]
    assert "of waiting" in lines[at + 4]


def test_a_pipeline_that_never_went_through_has_no_figures_but_its_failures() -> None:
    lines = [
        line.plain for line in lay_out(figure_blocks(profile_of(case_of(SERIAL.definition, History("shop"))), 60), 60)
    ]
    assert "No execution went all the way." in lines
    assert any(line.startswith("Delivery") for line in lines)
