"""What every screen and every widget of ours that runs workers has in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import getters
from textual.events import Resize
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input
from textual.worker import Worker

from widgets.key_bar import KeyBar

if TYPE_CHECKING:
    from tui.app import PipemedicApp

__all__ = ["FilteredScreen", "Keys", "MedicScreen", "MedicWidget"]

# Below this width the keys stand closer together.
_ROOMY = 110


class Keys(KeyBar):
    """The keys of the screen, closer together where there is little room; before them, which protected place it is."""

    def on_mount(self) -> None:
        """Follow what is at hand: with it go its keys."""
        self.screen.bindings_updated_signal.subscribe(self, self.show_mark)
        self.show_mark(self.screen)

    def show_mark(self, screen: Screen[object]) -> None:
        """Name the protected place that the screen is about, or whose pipeline is under its cursor."""
        from tui.report_subject import place_at_hand  # noqa: PLC0415 (imported with the fleet's screen)

        if self.is_attached and screen is self.screen:
            medic: PipemedicApp = self.app  # type: ignore[assignment]
            self.mark = medic.desk.protection(place_at_hand(screen))

    def on_resize(self, event: Resize) -> None:
        """Take the width there is."""
        self.compact = event.size.width < _ROOMY


class MedicWidget(Widget):
    """A widget that knows the application by its own type and tells it of workers that failed.

    Textual sends a worker's state changes to the node that started it and no further.
    """

    @property
    def medic(self) -> PipemedicApp:
        """The application."""
        return self.app  # type: ignore[return-value]

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Have the application say what failed."""
        event.stop()
        self.medic.worker_changed(event)


class MedicScreen(Screen[None]):
    """A screen that does the same."""

    @property
    def medic(self) -> PipemedicApp:
        """The application."""
        return self.app  # type: ignore[return-value]

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Have the application say what failed."""
        event.stop()
        self.medic.worker_changed(event)


class FilteredScreen(MedicScreen):
    """A screen with a filter over its list: an `Input` with the id ``filter``, shown while it has the class ``-open``.

    The binding that opens it (action ``filter``) has priority, so that what is typed right after it lands in it.
    """

    search = getters.query_one("#filter", Input)

    def action_filter(self) -> None:
        """Open the filter; it has the keys from this moment on."""
        self.search.add_class("-open")
        self.set_focus(self.search)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """In the filter its own key is a letter."""
        del parameters
        return action != "filter" or self.focused is not self.search
