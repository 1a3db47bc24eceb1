"""How a pane is looked at, kept and put back."""

from __future__ import annotations

from tests.widgets.stage import showing
from tui.logs.layouts import apply_look, look_of
from widgets.log_filter import LogFilter, Severity
from widgets.log_pane import LogPane
from widgets.log_search import compile_query
from widgets.log_stamps import Stamps


async def test_every_switch_of_a_pane_is_kept_and_put_back() -> None:
    one, other = LogPane("one"), LogPane("other")
    async with showing(one), showing(other):
        assert look_of(one) == {}
        one.set_filter(LogFilter((compile_query("a"),), severity=Severity.ERROR, context=2, inverted=True))
        one.view.wrap = one.view.laid_out = True
        one.view.folding = one.view.numbers = False
        one.view.stamps = Stamps.UTC
        apply_look(other, look_of(one))
        assert look_of(other) == look_of(one)
        assert other.filter == one.filter
        assert (other.view.wrap, other.view.laid_out, other.view.folding) == (True, True, False)
        apply_look(other, {})
        assert (other.view.laid_out, other.view.folding) == (False, True)
