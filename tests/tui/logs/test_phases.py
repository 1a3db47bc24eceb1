from __future__ import annotations

from core.build import BuildPhase
from tui.logs.phases import PhaseFinder, PhaseLine, outline
from widgets.log_store import LogStore

LINES = [
    "[Container] 2026/11/23 07:00:00.123456 Entering phase INSTALL",
    "work says: Entering phase BUILD of something",
    "[Container] 2026/11/23 07:00:10.123456 Phase complete: INSTALL State: SUCCEEDED",
    "[Container] 2026/11/23 07:00:10.223456 Entering phase BUILD",
    "boom",
    "[Container] 2026/11/23 07:01:10.123456 Phase complete: BUILD State: FAILED",
]


def test_phases_are_found_once_wherever_the_log_was_cut() -> None:
    for cut in range(len(LINES) + 1):
        store, finder = LogStore(), PhaseFinder()
        for part in (LINES[:cut], LINES[cut:]):
            store.append(part)
            finder.look(store)
        assert finder.entered == {"INSTALL": 0, "BUILD": 3}
        assert finder.ended == {"INSTALL": "SUCCEEDED", "BUILD": "FAILED"}
        assert not finder.look(store)


def test_a_log_with_times_says_how_long_a_phase_took() -> None:
    store, finder = LogStore(), PhaseFinder()
    store.append(LINES, [5, 6, 10_005, 10_100, 11_000, 70_100])
    finder.look(store)
    assert [(phase.name, phase.duration_s) for phase in outline(finder, ())] == [("INSTALL", 10.0), ("BUILD", 60.0)]


def test_the_build_knows_phases_the_log_does_not_name_and_how_long_all_took() -> None:
    store, finder = LogStore(), PhaseFinder()
    store.append(LINES)
    finder.look(store)
    known = (
        BuildPhase("QUEUED", "SUCCEEDED", duration_s=1.0),
        BuildPhase("INSTALL", "SUCCEEDED", duration_s=10.0),
        BuildPhase("BUILD"),
        BuildPhase("COMPLETED"),
    )
    assert outline(finder, known) == (
        PhaseLine("QUEUED", None, "SUCCEEDED", 1.0),
        PhaseLine("INSTALL", 0, "SUCCEEDED", 10.0),
        PhaseLine("BUILD", 3, "FAILED", None),
    )


def test_a_log_alone_has_an_outline_too() -> None:
    store, finder = LogStore(), PhaseFinder()
    store.append(LINES[:4])
    finder.look(store)
    assert outline(finder, ()) == (PhaseLine("INSTALL", 0, "SUCCEEDED"), PhaseLine("BUILD", 3))
