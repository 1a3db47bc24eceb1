"""What a new pane is to show: the log of another action of the pipeline, any stream or group, a file."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from textual import on, work
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from core.logs import LogGroup
from core.place import Place
from core.text import sanitize
from tui.logs.source import LogSource, SourceKind
from tui.screens.log_finder import LogFinderScreen, local_file
from widgets.ink import inked, join

__all__ = ["PaneFinderScreen"]


class PaneFinderScreen(LogFinderScreen):
    """The finder, which hands over what was chosen instead of opening it."""

    def __init__(
        self,
        place: Place,
        take: Callable[[LogSource], None],
        offered: Sequence[LogSource] = (),
        more: Callable[[], Awaitable[Sequence[LogSource]]] | None = None,
    ) -> None:
        """Make a screen.

        Args:
            place: Whose groups are listed.
            take: Is given the choice once this screen has gone.
            offered: Sources that come before all groups.
            more: Further ones of that kind, for which AWS is asked.
        """
        super().__init__(place)
        self.take = take
        self.offered = tuple(offered)
        self._more = more

    def on_mount(self) -> None:
        """Ask for what else is offered."""
        if self._more is not None:
            self.look_for_more()

    @work(group="pane-finder", exclusive=True, exit_on_error=False, description="find an action's logs")
    async def look_for_more(self) -> None:
        """Offer all logs of the action."""
        if self._more is not None:
            self.offered = tuple(dict.fromkeys((*self.offered, *await self._more())))
            self._show()

    def _show(self) -> None:
        super()._show()
        typed = self.typed.value.strip().lower()
        if self.group:
            return
        fitting = [number for number, each in enumerate(self.offered) if typed in each.name.lower()]
        kept = [self.names.get_option_at_index(at) for at in range(self.names.option_count)]
        before = [Option(_offer(self.offered[number]), id=f"offer-{number}") for number in fitting]
        again = [Option(each.prompt, id=each.id) for each in kept]
        self.names.set_options([*before, *again])
        self.names.highlighted = 0 if before or again else None

    @on(OptionList.OptionSelected, "#names")
    def chosen(self, event: OptionList.OptionSelected) -> None:
        """Hand over, or go on to a group's streams."""
        event.prevent_default()
        event.stop()
        told = event.option_id or ""
        path = local_file(self.typed.value.strip())
        if told.startswith("offer-"):
            self._hand_over(self.offered[int(told.removeprefix("offer-"))])
        elif told == "file" and path is not None:
            self._hand_over(LogSource.of_file(path))
        elif told == "group":
            self._hand_over(LogSource.of_group(self.place, LogGroup(self.group, self.place.region)))
        else:
            before = sum(self.names.get_option_at_index(at).id is not None for at in range(event.option_index))
            entry = self.shown[event.option_index - before]
            if not self.group:
                self._enter(entry.name)
            elif self.catalogue is not None:
                where = self.catalogue.location(self.group, entry.name)
                self._hand_over(LogSource.of_location(self.place, where))

    def _hand_over(self, source: LogSource) -> None:
        self.dismiss()
        self.app.call_later(self.take, source)


def _offer(source: LogSource) -> Content:
    """A source in a line: an action by its name, anything else by what it is."""
    said = "log of " if source.kind is SourceKind.ACTION else ""
    return join(inked(said, "$text-accent"), inked(sanitize(source.name), "" if said else "$text-accent"))
