"""All logs of one action: builds of a batch, attempts before and after retries, containers, functions, events."""

from __future__ import annotations

from typing import ClassVar

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from core.attention import FocusPoint
from core.errors import PipemedicError
from core.place import PipelineRef, Place
from core.playbook import Subject
from core.text import sanitize
from tui import navigation
from tui.logs.found import LogSource, sources_of
from tui.medic import Keys, MedicScreen
from widgets.ink import fit, inked, join

__all__ = ["LogSourcesScreen"]


class LogSourcesScreen(MedicScreen):
    """A list to choose from; what is chosen opens in a log screen of its own."""

    CSS_PATH = "log_sources.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="log-sources.back", tooltip="Back to where you were"),
        Binding("L", "find", "Other log", id="log-sources.find", tooltip="Open any log group, stream or file"),
    ]

    head = getters.query_one("#head", Static)
    names = getters.query_one("#names", OptionList)

    def __init__(self, ref: PipelineRef, point: FocusPoint | None, execution_id: str = "") -> None:
        super().__init__()
        self.ref = ref
        self.point = point
        self.execution_id = execution_id
        self.sources: list[LogSource] = []
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
            run = self.execution_id or (subject.execution.id if subject.execution else "")
            reader = cloud.pipelines(self.ref.place)
            runs = await reader.action_executions(self.ref.name, run) if run else ()
            self.subject = subject
            self.sources = await sources_of(subject, cloud.evidence(self.ref.place), runs)
        except PipemedicError as error:
            self._tell(navigation.told(error), bad=True)
            return
        count = len(self.sources)
        self._tell(f"{count} log{'s' if count != 1 else ''}" if count else "no log of its own; L finds any other")
        self._show()

    def _tell(self, text: str, *, bad: bool = False) -> None:
        parts = [self.ref.name]
        if self.subject:
            parts.append(f"{self.subject.stage.name} / {self.subject.action.name}")
        elif self.point:
            parts.append(" / ".join(filter(None, (self.point.stage, self.point.action))))
        style = "$text-error" if bad else "$foreground-muted"
        self.head.update(join(inked(sanitize(" ▸ ".join(parts)), "bold"), inked(sanitize(f"  {text}"), style)))

    def _show(self) -> None:
        width = min(max((len(each.title) for each in self.sources), default=0), max(self.size.width // 2, 20)) + 2
        options = []
        for each in self.sources:
            style = "bold $text-error" if each.failed else "bold" if each.shown else "$foreground-muted"
            title = fit(inked(sanitize(("✗ " if each.failed else "  ") + each.title), style), width + 2)
            options.append(Option(join(title, inked(sanitize(each.detail), "$foreground-muted"))))
        self.names.set_options(options)
        failed = next((n for n, each in enumerate(self.sources) if each.failed), 0)
        self.names.highlighted = failed if options else None

    @on(OptionList.OptionSelected, "#names")
    def chosen(self, event: OptionList.OptionSelected) -> None:
        """Open it."""
        event.stop()
        source = self.sources[event.option_index]
        place = Place(self.ref.place.profile, self.subject.region if self.subject else self.ref.place.region)
        if source.where is not None:
            navigation.open_stream_log(self.medic, place, source.where)
        elif source.group is not None:
            navigation.open_group_log(self.medic, place, source.group)
        elif source.reader is not None:
            navigation.open_log(self.medic, self.ref, self.point, self.execution_id)
        else:
            self.notify(sanitize(f"{source.title}: {source.detail}"), severity="warning", markup=False)

    def action_find(self) -> None:
        """Look for any other log."""
        navigation.open_log_finder(self.medic, self.ref.place)

    def action_back(self) -> None:
        """Back to where we came from."""
        self.dismiss()
