"""Where the time of a pipeline goes: past executions, durations, what they are spent on, and advice with figures."""

from __future__ import annotations

from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from core.age import duration
from core.errors import PipemedicError
from core.finding import Fix
from core.place import PipelineRef
from core.profile.case import Advice
from core.profile.profile import Profile
from core.text import sanitize
from tui import navigation
from tui.medic import Keys, MedicScreen
from tui.profile_figures import figure_blocks
from tui.profile_read import read_profile
from tui.profile_view import ADVICE_COLUMNS, advice_blocks, advice_row, run_bars
from widgets.document import paragraph
from widgets.document_view import DocumentView
from widgets.histogram import Histogram, RunStrip
from widgets.ink import inked, join
from widgets.keyed_table import KeyedTable

__all__ = ["ProfileScreen"]

_NOTHING = "Nothing that its executions show would make it clearly shorter."


class ProfileScreen(MedicScreen):
    """A pipeline's profile."""

    CSS_PATH = "profile.tcss"
    AUTO_FOCUS = "#advice"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="profile.back", tooltip="Back to where you came from"),
        Binding("f", "fix", "Fix", id="profile.fix", tooltip="Open the wizard for the advice under the cursor"),
        Binding("w", "where", "Where time goes", id="profile.where", tooltip="Where the time goes, or the advice"),
        Binding("d", "diagnose", "Playbook", id="profile.playbook", tooltip="Walk the playbook of bottlenecks"),
        Binding("r", "reload", "Refresh", show=False, id="profile.refresh", tooltip="Read everything again now"),
    ]

    head = getters.query_one("#head", Static)
    strip = getters.query_one("#strip", RunStrip)
    histogram = getters.query_one("#histogram", Histogram)
    breakdown = getters.query_one("#breakdown", DocumentView)
    table = getters.query_one("#advice", KeyedTable)
    about = getters.query_one("#about", DocumentView)

    def __init__(self, ref: PipelineRef) -> None:
        super().__init__()
        self.ref = ref
        self.profile: Profile | None = None

    def compose(self) -> ComposeResult:
        """Head line, charts, breakdown beside advice, keys."""
        yield Static(id="head")
        with Horizontal(id="charts"):
            yield RunStrip("Executions, the newest at the right", words=duration, id="strip")
            yield Histogram("Durations: M median, 9 one in ten over, L latest", words=duration, id="histogram")
        with Horizontal(id="body"):
            yield DocumentView(id="breakdown")
            with Vertical(id="advice-side"):
                yield KeyedTable(ADVICE_COLUMNS, id="advice")
                yield DocumentView(id="about")
        yield Keys()

    def on_mount(self) -> None:
        """Read the past."""
        self.action_reload()

    def action_reload(self) -> None:
        """Read everything again."""
        self._say("reading …")
        self.run_worker(
            self._read(),
            name="profile",
            group="profile",
            description=f"read the profile of {self.ref.name}",
            exclusive=True,
            exit_on_error=False,
        )

    def _say(self, words: str, style: str = "$foreground-muted") -> None:
        name = inked(sanitize(f"{self.ref.name} ▸ profile"), "bold")
        self.head.update(join(name, "   ", inked(sanitize(words), style)))

    async def _read(self) -> None:
        desk = self.medic.desk
        try:
            self.profile = await read_profile(desk.cloud, self.ref, clock=desk.clock, progress=self._say)
        except PipemedicError as error:
            self._say(navigation.told(error), "$text-error")
            return
        self._show(self.profile)

    def _show(self, profile: Profile) -> None:
        history, whole = profile.case.history, profile.whole
        words = f"{len(history.runs)} executions in {profile.delivery.days:.0f} days"
        if whole:
            words += f" · usually {duration(whole.median_s)}, one in ten over {duration(whole.p90_s)}"
        if whole and abs(whole.growth_s_a_week) >= 1:
            words += f", {'+' if whole.growth_s_a_week > 0 else '−'}{duration(abs(whole.growth_s_a_week))} a week"
        if profile.delivery.failure_rate is not None:
            words += f" · {profile.delivery.failure_rate * 100:.0f} % fail"
        self._say(words, "")
        self.strip.show(run_bars(history.runs))
        marks = [("M", whole.median_s), ("9", whole.p90_s), ("L", whole.latest_s)] if whole else []
        self.histogram.show([run.took_s for run in history.good], marks)
        self._show_breakdown()
        self.table.sync([advice_row(number, each) for number, each in enumerate(profile.advice)])
        self.table.styles.height = (
            len(profile.advice) + 2
        )  # the head and the line beneath; the style sheet has the most
        if profile.advice:
            self.show_advice()
        else:
            runs = len(profile.case.replayable)
            words = _NOTHING if runs else "No execution ran exactly the present actions once each: nothing to replay."
            self.about.show([paragraph(words, muted=True)])
        self.refresh_bindings()

    def _show_breakdown(self) -> None:
        """Draw what the time is spent on for the room there is."""
        if self.profile and (width := self.breakdown.scrollable_content_region.width):
            self.breakdown.show(figure_blocks(self.profile, width - 1))

    def on_resize(self) -> None:
        """Take the new room."""
        self.call_after_refresh(self._show_breakdown)

    @property
    def selected(self) -> Advice | None:
        """The advice under the cursor."""
        key = self.table.cursor_key
        return self.profile.advice[int(key)] if self.profile and key is not None else None

    @on(KeyedTable.Highlighted, "#advice")
    def show_advice(self) -> None:
        """Show the advice under the cursor."""
        if advice := self.selected:
            self.about.show(advice_blocks(advice), top=True)
        self.refresh_bindings()

    @on(KeyedTable.Opened, "#advice")
    def open_advice(self) -> None:
        """Open the wizard, where there is one."""
        if self._fix():
            self.action_fix()

    def _fix(self) -> Fix | None:
        advice = self.selected
        return self.medic.automatic_fix(advice.fixes) if advice else None

    def action_fix(self) -> None:
        """Open the wizard for the advice under the cursor."""
        if fix := self._fix():
            navigation.open_fix(self.medic, self.ref, fix)

    def action_where(self) -> None:
        """Show the breakdown in place of the advice, where there is no room for both, and back."""
        self.toggle_class("-where")
        self.call_after_refresh(self._show_breakdown)
        (self.breakdown if self.has_class("-where") else self.table).focus()

    def action_diagnose(self) -> None:
        """Walk the playbook of bottlenecks."""
        navigation.open_playbook(self.medic, self.ref, None, book="bottlenecks")

    def action_back(self) -> None:
        """Back to where we came from."""
        self.dismiss()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The fix shows where the advice has one that can be applied from here."""
        del parameters
        return self._fix() is not None if action == "fix" and self.is_mounted else action != "fix"
