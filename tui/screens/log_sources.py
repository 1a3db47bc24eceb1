"""All logs of one action: builds of a batch, attempts before and after retries, containers, functions, events.

One opens by itself, several that are marked open in one pane by time.
"""

from __future__ import annotations

from typing import ClassVar

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from core.attention import FocusPoint
from core.errors import PipemedicError
from core.place import PipelineRef
from core.playbook import Subject
from core.text import sanitize
from tui import navigation
from tui.logs.found import Offer
from tui.logs.opening import offers_of
from tui.logs.source import MOST_PARTS, LogSource
from tui.medic import Keys, MedicScreen
from widgets.ink import fit, inked, join

__all__ = ["LogSourcesScreen"]


class LogSourcesScreen(MedicScreen):
    """A list to choose from; what is chosen opens in a log screen of its own."""

    CSS_PATH = "log_sources.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="log-sources.back", tooltip="Back to where you were"),
        Binding(
            "space", "mark", "Mark", id="log-sources.mark", tooltip="Mark this log; marked ones open together, by time"
        ),
        Binding("L", "find", "Other log", id="log-sources.find", tooltip="Open any log group, stream or file"),
    ]

    head = getters.query_one("#head", Static)
    names = getters.query_one("#names", OptionList)

    def __init__(self, ref: PipelineRef, point: FocusPoint | None, execution_id: str = "") -> None:
        super().__init__()
        self.ref = ref
        self.point = point
        self.execution_id = execution_id
        self.offers: list[Offer] = []
        self.marked: set[int] = set()
        self.subject: Subject | None = None

    def compose(self) -> ComposeResult:
        """Whose logs, which there are, keys."""
        yield Static(id="head")
        yield OptionList(id="names", markup=False, compact=True)
        yield Keys()

    def on_mount(self) -> None:
        """Ask AWS."""
        self._tell("asking AWS …")
        self.names.focus()
        self.look()

    @work(group="log-sources", exclusive=True, exit_on_error=False, description="find an action's logs")
    async def look(self) -> None:
        """Find the action's logs."""
        from tui.triage import subject_of  # noqa: PLC0415 (imported by the desk in a thread)

        cloud = self.medic.desk.cloud
        stage, action = (self.point.stage, self.point.action) if self.point else ("", "")
        try:
            subject = await subject_of(cloud, self.ref, execution_id=self.execution_id, stage=stage, action=action)
            self.subject = subject
            self.offers = await offers_of(cloud, subject)
        except PipemedicError as error:
            self._tell(navigation.told(error), bad=True)
            return
        self._count()
        self._show()

    def _count(self) -> None:
        count = len(self.offers)
        said = f"{count} log{'s' if count != 1 else ''}" if count else "no log of its own; L finds any other"
        self._tell(f"{said}, {len(self.marked)} marked: enter opens them by time" if self.marked else said)

    def _tell(self, text: str, *, bad: bool = False) -> None:
        parts = [self.ref.name]
        if self.subject:
            parts.append(f"{self.subject.stage.name} / {self.subject.action.name}")
        elif self.point:
            parts.append(" / ".join(filter(None, (self.point.stage, self.point.action))))
        style = "$text-error" if bad else "$foreground-muted"
        self.head.update(join(inked(sanitize(" ▸ ".join(parts)), "bold"), inked(sanitize(f"  {text}"), style)))

    def _show(self, at: int | None = None) -> None:
        width = min(max((len(each.title) for each in self.offers), default=0), max(self.size.width // 2, 20)) + 2
        options = []
        for number, each in enumerate(self.offers):
            style = "bold $text-error" if each.failed else "bold" if each.source else "$foreground-muted"
            mark = inked("● " if number in self.marked else "  ", "$text-accent")
            title = fit(inked(sanitize(("✗ " if each.failed else "  ") + each.title), style), width + 2)
            options.append(Option(join(mark, title, inked(sanitize(each.detail), "$foreground-muted"))))
        self.names.set_options(options)
        failed = next((n for n, each in enumerate(self.offers) if each.failed), 0)
        self.names.highlighted = (failed if at is None else at) if options else None

    @on(OptionList.OptionSelected, "#names")
    def chosen(self, event: OptionList.OptionSelected) -> None:
        """Open it, or all that are marked in one pane."""
        event.stop()
        offer = self.offers[event.option_index]
        marked = [source for number in sorted(self.marked) if (source := self.offers[number].source)]
        if marked:
            navigation.open_source_log(self.medic, LogSource.merged(marked))
        elif offer.source is not None:
            navigation.open_source_log(self.medic, offer.source)
        else:
            self.notify(sanitize(f"{offer.title}: {offer.detail}"), severity="warning", markup=False)

    def action_mark(self) -> None:
        """Mark the log under the cursor, or take its mark off."""
        at = self.names.highlighted
        if at is None:
            return
        if self.offers[at].source is None:
            self.notify(
                sanitize(f"{self.offers[at].title}: {self.offers[at].detail}"), severity="warning", markup=False
            )
        elif at in self.marked:
            self.marked.discard(at)
        elif len(self.marked) >= MOST_PARTS:
            self.notify(f"{MOST_PARTS} logs at most.", severity="warning", markup=False)
        else:
            self.marked.add(at)
        self._count()
        self._show(min(at + 1, len(self.offers) - 1))

    def action_find(self) -> None:
        """Look for any other log."""
        navigation.open_log_finder(self.medic, self.ref.place)

    def action_back(self) -> None:
        """Back to where we came from."""
        self.dismiss()
