"""Which fix the key opens."""

from __future__ import annotations

from core.finding import Fix
from tests.builders import automatic, finding
from tui.app import PipemedicApp
from tui.options import Options

BY_HAND = Fix("x", "Renew the token", steps=("Open it",))


def test_it_is_the_likeliest_causes_even_where_a_lesser_one_could_be_applied_at_once() -> None:
    app = PipemedicApp(Options())
    found = (finding(proven=True, fixes=(BY_HAND,)), finding(confidence=0.4, fixes=(automatic(),)))
    assert app.fix_for(found) == BY_HAND


def test_a_guess_without_a_fix_yields_to_the_next_cause_and_a_proven_one_does_not() -> None:
    app, lesser = PipemedicApp(Options()), finding(confidence=0.4, fixes=(BY_HAND,))
    assert app.fix_for((finding(proven=False), lesser)) == BY_HAND
    assert app.fix_for((finding(proven=True), lesser)) is None


def test_without_a_finding_there_is_none_and_read_only_leaves_what_is_done_by_hand() -> None:
    app = PipemedicApp(Options(read_only=True))
    assert app.fix_for(()) is None
    assert app.fix_for((finding(fixes=(automatic(),)),)) is None
    assert app.fix_for((finding(fixes=(automatic(), BY_HAND)),)) == BY_HAND
