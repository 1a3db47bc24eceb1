"""A fix that a person makes: what to do, a patch of a file, or a wait that notices when it is done."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import ClassVar

from textual import getters
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from core.actions import Ask
from core.errors import UsageError
from core.finding import Fix
from core.place import PipelineRef
from core.plan import Check
from core.repair import Corrected, unified
from core.text import sanitize
from tui import navigation
from tui.diagnosis_view import fix_blocks
from tui.in_browser import in_browser
from tui.medic import Keys, MedicScreen
from tui.patch_file import read_source, write_patch
from tui.screens.ask import AskScreen
from widgets.diff_view import DiffView
from widgets.document_view import DocumentView
from widgets.ink import inked, join
from widgets.status import Tone, status

__all__ = ["ByHandScreen"]


class ByHandScreen(MedicScreen):
    """One fix without a plan."""

    CSS_PATH = "by_hand.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="by-hand.back", tooltip="Back; a wait ends"),
        Binding("p", "patch", "Patch", id="by-hand.patch", tooltip="Name the file in your checkout and see its patch"),
        Binding("w", "write", "Write patch", id="by-hand.write", tooltip="Write the patch into a new file"),
        Binding("y", "copy", "Copy", id="by-hand.copy", tooltip="Copy the patch, or the command, or the address"),
        Binding("o", "console", "Open console", id="by-hand.console", tooltip="Open the console's page in the browser"),
        Binding("R", "retry", "Retry stage", id="by-hand.retry", tooltip="Retry the failed stage now"),
        Binding("F", "app.fixes", "All fixes", id="by-hand.fixes", tooltip="All other ways to put the pipeline right"),
    ]

    state = getters.query_one("#state", Static)

    def __init__(self, ref: PipelineRef, fix: Fix) -> None:
        super().__init__()
        self.ref = ref
        self.fix = fix
        self.patch = ""
        self.done: bool | None = None  # whether what is waited for holds; None while it was not seen yet

    def compose(self) -> ComposeResult:
        """What it is about, what to do, how the wait stands, the patch, keys."""
        yield Static(join(inked(sanitize(self.fix.title), "bold"), f"   {sanitize(self.ref.name)}"), id="head")
        yield DocumentView(tuple(fix_blocks(self.fix, "·")[1:]), id="steps")
        yield Static(id="state")
        yield Vertical(id="patch")
        yield Keys()

    def on_mount(self) -> None:
        """Begin to wait, or look whether the file is at hand."""
        self.query_one("#steps").focus()
        if self.fix.wait:
            self.run_worker(
                self._wait(self.fix.wait),
                name="wait",
                group="wait",
                description=f"wait: {self.fix.wait.describe}",
                exit_on_error=False,
            )
        elif self.fix.repair and self.fix.repair.text:
            self._correct_text(self.fix.repair.text, f"{self.fix.repair.path} as it was built")
        elif self.fix.repair and not in_browser() and Path(self.fix.repair.path).is_file():
            self._correct(self.fix.repair.path)
        elif self.fix.repair:
            self._say(f"p asks where {self.fix.repair.path} lies in your checkout, and makes the patch.")

    def _say(self, text: str, tone: Tone = Tone.IDLE) -> None:
        self.state.update(_told(text, tone))

    # The wait

    async def _wait(self, check: Check) -> None:
        """Read again and again until it holds or its time is up."""
        clock, read = self.medic.desk.clock, self.medic.desk.cloud.evidence
        began = clock()
        while True:
            evidence = read(self.ref.place)  # a fresh one: an evidence remembers what it has read
            facts = tuple(
                await asyncio.gather(
                    *(
                        evidence.read(each.service, each.operation, each.params, region=each.region)
                        for each in check.reads
                    )
                )
            )
            if check.holds(facts):
                self._noticed(check)
                return
            waited = clock() - began
            if waited >= check.deadline_s:
                self._say(
                    f"Not yet, after {waited / 60:.0f} min: {check.describe}. Open this again to wait on.", Tone.WARNING
                )
                return
            trouble = next((fact.error for fact in facts if fact.error), "")
            self.done = False
            self._say(
                f"Waiting for: {check.describe}. It looks every {check.interval_s:.0f} s; {waited:.0f} s so far. "
                f"{trouble}".strip(),
                Tone.RUNNING,
            )
            await asyncio.sleep(check.interval_s)

    def _noticed(self, check: Check) -> None:
        self.done = True
        retry = " R retries the failed stage." if self._stage_failed() else ""
        self._say(f"{check.describe}.{retry}", Tone.OK)
        self.notify(sanitize(f"{check.describe}: {self.ref.name}"), markup=False)
        self.medic.desk.forget_diagnosis(self.ref)
        self.refresh_bindings()

    # The patch

    def action_patch(self) -> None:
        """Ask where the file lies."""
        repair = self.fix.repair
        if repair is None:
            return
        ask = Ask(
            "path", f"Where is {repair.path} in your checkout?", "a path on this machine", repair.path, required=True
        )

        def given(answer: dict[str, str] | None) -> None:
            if answer:
                self._correct(answer["path"])

        self.app.push_screen(AskScreen(self.fix.title, "The file is read; nothing is written.", (ask,)), given)

    def _correct(self, path: str) -> None:
        repair = self.fix.repair
        if repair is None:
            return
        try:
            before = read_source(Path(path).expanduser())
        except UsageError as error:
            self._say(str(error), Tone.WARNING)
            return
        self._correct_text(before, path)

    def _correct_text(self, before: str, named: str) -> None:
        if (repair := self.fix.repair) is None:
            return
        corrected = repair.correct(before)
        self.patch = unified(repair.path, before, corrected.text)
        self._say_corrected(named, corrected)
        self.call_later(self._show_patch, before, corrected.text)
        self.refresh_bindings()

    def _say_corrected(self, named: str, corrected: Corrected) -> None:
        lines = [*corrected.done, *(f"By hand: {each}" for each in corrected.left)]
        if not self.patch:
            lines.insert(0, f"{named}: nothing in it can be put right by itself.")
        tone = Tone.WARNING if corrected.left or not self.patch else Tone.OK
        self.state.update(Content("\n").join([_told(each, tone) for each in lines]))

    async def _show_patch(self, before: str, after: str) -> None:
        card = self.query_one("#patch")
        await card.remove_children()
        if self.patch:
            await card.mount(DiffView(sanitize(before), sanitize(after), language=_language(self.fix), id="diff"))

    def action_write(self) -> None:
        """Ask where the patch goes."""
        name = f"{self.ref.name}-{Path(self.fix.repair.path).name}.patch" if self.fix.repair else ""
        ask = Ask("path", "Write the patch to", "a new file; none is written over", name, required=True)

        def given(answer: dict[str, str] | None) -> None:
            if not answer:
                return
            try:
                write_patch(Path(answer["path"]).expanduser(), self.patch)
            except UsageError as error:
                self.notify(sanitize(str(error)), severity="error", markup=False)
            else:
                self.notify(sanitize(f"Written: {answer['path']}. git apply takes it."), markup=False)

        about = "A unified diff, for git apply or patch -p1 at the root of the repository."
        self.app.push_screen(AskScreen("Write the patch", about, (ask,)), given)

    # The rest

    def action_copy(self) -> None:
        """Copy the patch; without one the command, without one the address."""
        text = self.patch or "\n".join(self.fix.commands) or self.fix.console_url or "\n".join(self.fix.steps)
        self.app.copy_to_clipboard(text)
        what = "the patch" if self.patch else "the command" if self.fix.commands else "the instructions"
        self.notify(f"Copied {what}", markup=False)

    def action_console(self) -> None:
        """Open the console's page; the address is copied too, for a terminal on another machine."""
        self.app.copy_to_clipboard(self.fix.console_url)
        self.app.open_url(self.fix.console_url)
        self.notify("Opened and copied the address", markup=False)

    def action_retry(self) -> None:
        """Go on with the retry of the failed stage."""
        snapshot = self.medic.snapshot(self.ref)
        if snapshot:
            self.dismiss()
            navigation.open_retry(self.medic, snapshot)

    def action_back(self) -> None:
        """Leave; the wait ends with the screen."""
        self.dismiss()

    def _stage_failed(self) -> bool:
        snapshot = self.medic.snapshot(self.ref)
        return bool(snapshot and snapshot.state and any(each.status == "Failed" for each in snapshot.state.stages))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys show where they do something."""
        del parameters
        can = {
            "patch": self.fix.repair is not None and not in_browser(),
            "write": bool(self.patch) and not in_browser(),
            "console": bool(self.fix.console_url),
            # A corrected file comes with a new revision; a retry would take the old one again.
            "retry": self.fix.repair is None
            and not self.medic.desk.read_only(self.ref.place)
            and (not self.fix.wait or bool(self.done)),
        }
        return can.get(action, True)


def _language(fix: Fix) -> str:
    """The pygments alias for the file that is corrected."""
    name = Path(fix.repair.path).name if fix.repair else ""
    return "docker" if "dockerfile" in name.lower() else "json" if name.endswith(".json") else "yaml"


def _told(text: str, tone: Tone) -> Content:
    return join(status(tone), f" {sanitize(text)}")
