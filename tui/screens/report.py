"""A small dialog: in which form and into which file the report of an incident goes."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Footer, Input, OptionList, Static
from textual.widgets.option_list import Option
from textual.worker import Worker

from core.diagnosis import Checked, Diagnosis
from core.errors import PipemedicError
from core.place import PipelineRef
from core.report.assemble import assemble
from core.report.redact import redacted
from core.text import sanitize
from tui import navigation
from tui.in_browser import in_browser
from tui.report_gather import gather
from tui.report_write import FORMS, default_name, rendered, write_report
from widgets.ink import inked, join

if TYPE_CHECKING:
    from tui.app import PipemedicApp

__all__ = ["ReportScreen"]

_WORDS = {
    "markdown": "Markdown   for an issue or a chat",
    "html": "HTML       one page to read and print",
    "json": "JSON       for programs",
}


class ReportScreen(ModalScreen[None]):
    """Asks, reads, writes, and says where the report is. It changes nothing in AWS."""

    CSS_PATH = "report.tcss"
    AUTO_FOCUS = "#forms"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Back", id="report.back", tooltip="Back; nothing is written"),
        Binding("ctrl+s", "write", "Write", id="report.write", tooltip="Write the report"),
    ]

    forms = getters.query_one("#forms", OptionList)
    file = getters.query_one("#file", Input)
    accounts = getters.query_one("#accounts", OptionList)
    said = getters.query_one("#said", Static)

    def __init__(self, ref: PipelineRef, execution_id: str = "") -> None:
        super().__init__()
        self.ref = ref
        self.execution_id = execution_id
        self._may_replace = ""
        self._checked = 0
        self._busy = False

    @property
    def medic(self) -> PipemedicApp:
        """The application."""
        return self.app  # type: ignore[return-value]

    def compose(self) -> ComposeResult:
        """What it is about, the form, the file, account ids, what is to say, keys."""
        about = f"execution {self.execution_id[:8]}" if self.execution_id else "what is wrong now, or was last"
        with Vertical(id="dialog"):
            yield Static(_label(f"Report on {sanitize(self.ref.name)}", about))
            yield Static(_label("Form"), classes="label")
            yield OptionList(*(Option(Content(_WORDS[form]), id=form) for form in FORMS), id="forms", compact=True)
            yield Static(_label("Account ids", "secrets are masked always"), classes="label")
            yield OptionList("stay", "are left out", id="accounts", compact=True, markup=False)
            yield Static(self._where(), classes="label")
            yield Input(default_name(self.ref.name, "markdown", self.medic.desk.clock()), id="file", compact=True)
            yield Static(id="said")
            yield Footer(compact=True)

    def _where(self) -> Content:
        return _label("File", "your browser saves it" if in_browser() else f"in {Path.cwd()}")

    def on_mount(self) -> None:
        """Begin with the form."""
        self.forms.highlighted = self.accounts.highlighted = 0
        self._say("enter goes on; nothing is changed in AWS by a report")

    @property
    def form(self) -> str:
        """The form chosen."""
        return list(FORMS)[self.forms.highlighted or 0]

    def _say(self, text: str, style: str = "$foreground-muted") -> None:
        self.said.update(inked(sanitize(text), style))

    @on(OptionList.OptionHighlighted, "#forms")
    def form_chosen(self) -> None:
        """Have the file's name end as its form does."""
        name = Path(self.file.value)
        if name.suffix in FORMS.values():
            self.file.value = str(name.with_suffix(FORMS[self.form]))

    @on(OptionList.OptionSelected)
    def taken(self, event: OptionList.OptionSelected) -> None:
        """On to the next question."""
        (self.accounts if event.option_list is self.forms else self.file).focus()

    @on(Input.Changed, "#file")
    def name_changed(self) -> None:
        """Another name has to be confirmed anew."""
        if self.file.value != self._may_replace:
            self._may_replace = ""

    @on(Input.Submitted, "#file")
    def name_taken(self) -> None:
        """Write."""
        self.action_write()

    def action_write(self) -> None:
        """Read and write, unless the file is there and was not confirmed."""
        name = self.file.value.strip()
        if self._busy:
            return
        if not name:
            self._say("The file needs a name.", "$text-warning")
            self.file.focus()
            return
        if not in_browser() and self._may_replace != self.file.value and _path(name).exists():
            self._ask_to_replace()
            return
        self._busy = True
        self._checked = 0
        self._say("reading …")
        self.run_worker(
            self._write(name, self.form, accounts=self.accounts.highlighted == 1),
            name="report",
            group="report",
            description=f"write the report on {self.ref.name}",
            exclusive=True,
            exit_on_error=False,
        )

    def _ask_to_replace(self) -> None:
        self._may_replace = self.file.value
        self._say(f"{self.file.value} is there already. Enter again replaces it; or change the name.", "$text-warning")
        self.file.focus()

    async def _write(self, name: str, form: str, *, accounts: bool) -> None:
        try:
            incident = await gather(
                self.medic.desk.cloud,
                self.ref,
                execution_id=self.execution_id,
                earlier=self._earlier,
                progress=self._progress,
                clock=self.medic.desk.clock,
            )
            report = redacted(assemble(incident), accounts=accounts)
            text = await asyncio.to_thread(rendered, report, form)
            if in_browser():
                self._deliver(name, text)
            else:
                await asyncio.to_thread(write_report, _path(name), text, replace=bool(self._may_replace))
        except FileExistsError:
            self._ask_to_replace()
        except PipemedicError as error:
            self._say(navigation.told(error), "$text-error")
        except OSError as error:
            self._say(f"Not written: {error}", "$text-error")
        else:
            self.dismiss()
            told = name if in_browser() else str(_path(name))
            self.app.notify(sanitize(told), title=f"Report on {sanitize(self.ref.name)}", markup=False)
        finally:
            self._busy = False

    def _deliver(self, name: str, text: str) -> None:
        """Hand the file to the browser; nothing is written on this machine."""
        self.app.deliver_text(io.StringIO(text), save_filename=Path(name).name, encoding="utf-8")

    def _earlier(self, execution_id: str) -> Diagnosis | None:
        return self.medic.desk.incident(self.ref, execution_id)

    def _progress(self, checked: Checked) -> None:
        self._checked += 1
        self._say(f"{self._checked} checked · {checked.step.question}")

    def action_leave(self) -> None:
        """Leave; what is being read is dropped."""
        self.dismiss()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Have the application say what failed."""
        event.stop()
        self.medic.worker_changed(event)


def _label(name: str, note: str = "") -> Content:
    return join(inked(name, "bold"), inked(sanitize(f"   {note}") if note else "", "$foreground-muted"))


def _path(name: str) -> Path:
    return Path(name).expanduser().absolute()
