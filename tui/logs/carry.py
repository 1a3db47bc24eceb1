"""Keys with which a log is taken away: copied, saved, opened in a pager or an editor, linked to."""

from __future__ import annotations

import asyncio
import io
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar

from textual import getters, on
from textual.app import SuspendNotSupported
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from core.build import LogLocation
from core.console import log_url
from core.log_mask import LogMask, mask_line
from core.secret_values import NO_VALUES, SecretValues
from core.text import sanitize
from tui.in_browser import in_browser
from tui.logs.take import editor_command, export_name, pager_command, write_lines, written_for_a_program
from tui.medic import MedicWidget
from widgets.log_pane import LogPane

__all__ = ["CarryPart"]


class CarryPart(Vertical, MedicWidget):
    """The part of a log's widget that hands lines out."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "whole_line", "Whole line", show=False, id="log.line",
                tooltip="The current line whole, JSON laid out"),
        Binding("y", "copy", "Copy", show=False, id="log.copy", tooltip="Copy what is selected, or the current line"),
        Binding("Y", "permalink", "Copy link", show=False, id="log.permalink",
                tooltip="Copy the address of this line in the CloudWatch console"),
        Binding("S", "save", "Save", show=False, id="log.save",
                tooltip="Save what is selected, what the filter shows, or everything"),
        Binding("p", "outside('pager')", "Pager", show=False, id="log.pager", tooltip="Open in $PAGER"),
        Binding("v", "outside('editor')", "Editor", show=False, id="log.editor", tooltip="Open in $VISUAL or $EDITOR"),
    ]  # fmt: skip

    pane = getters.query_one("#log-pane", LogPane)
    where: LogLocation
    hidden: SecretValues = NO_VALUES  # values of the build's own that the log must not show

    def _selected(self) -> list[str]:
        """Lines that are selected, as shown."""
        text = self.screen.get_selected_text()
        return text.split("\n") if text else []

    def _lines(self) -> tuple[str, Sequence[int]]:
        """What there is to take, in words, and the numbers of its lines."""
        if self.pane.filter.shows_all:
            return "all", range(len(self.pane.store))
        return "the filtered", self.pane.shown_lines

    def _raw(self, numbers: Sequence[int]) -> Iterator[str]:
        """Lines as they came. The store only grows, so this may go on in a thread."""
        return (self.pane.store[number] for number in numbers)

    def tell(self, text: str, *, bad: bool = False) -> None:
        """Say what was done."""
        self.app.notify(sanitize(text), severity="error" if bad else "information", markup=False)

    def action_whole_line(self) -> None:
        """Show the line that the reader stands on, however long it is."""
        if not self.pane.line_count:
            return
        from tui.screens.log_line import LogLineScreen  # noqa: PLC0415 (imported when first needed)

        line = self.pane.view.here
        text = self.pane.view.raw(line)
        clean = sanitize(text)
        self.app.push_screen(LogLineScreen(line + 1, mask_line(clean, self.hidden) if self.pane.view.masked else clean))

    def action_copy(self) -> None:
        """Copy what is selected, or the line that the reader stands on."""
        lines = self._selected()
        if not lines and self.pane.line_count:
            lines = [self.pane.view.plain(self.pane.view.here)]
        if lines:
            self.app.copy_to_clipboard("\n".join(lines))
            self.tell(f"Copied {len(lines):,} line{'s' if len(lines) != 1 else ''}")

    def action_permalink(self) -> None:
        """Copy the console's address of this line's moment."""
        if not self.where.group:
            self.tell("This log has no page in the console.", bad=True)
            return
        self.app.copy_to_clipboard(log_url(self.where, at_ms=self.pane.store.time_of(self.pane.view.here)))
        self.tell("Copied the address in the console")

    def action_save(self) -> None:
        """Ask where to."""
        selected = self._selected()
        kind, numbers = ("the selected", selected) if selected else self._lines()
        secrets = "" if self.pane.view.masked else ", SECRETS SHOWN,"
        name = export_name(self.where.stream or self.where.group or "log", time.time())
        if in_browser():
            self._deliver(name, iter(selected) if selected else self._raw(self._lines()[1]))
            return
        self.pane.prompt.ask("save", f"save {kind} {len(numbers):,} lines{secrets} to", "a file", name)

    def _deliver(self, name: str, lines: Iterator[str]) -> None:
        """Hand lines to the browser; secrets stay masked, whatever the screen shows."""
        text = LogMask(self.hidden).lines(sanitize("\n".join(lines)))
        self.app.deliver_text(io.StringIO(text + "\n"), save_filename=name, encoding="utf-8")

    @on(LogPane.SaveAsked)
    async def _save(self, event: LogPane.SaveAsked) -> None:
        event.stop()
        path = _path(event.path)
        selected = self._selected()
        lines = iter(selected) if selected else self._raw(self._lines()[1])
        try:
            count = await asyncio.to_thread(
                write_lines, path, lines, secrets=not self.pane.view.masked, hidden=self.hidden
            )
        except OSError as error:
            self.tell(f"Not saved: {error}", bad=True)
            return
        self.tell(f"Saved {count:,} lines to {path}")

    def action_outside(self, program: str) -> None:
        """Leave the screen to the pager or the editor."""
        if in_browser():
            self.tell("A browser cannot be left to another program; S saves the log.", bad=True)
            return
        self.run_worker(
            self._outside(program), name=program, group="log-outside", description=f"open the log in the {program}",
            exclusive=True, exit_on_error=False,
        )  # fmt: skip

    async def _outside(self, program: str) -> None:
        _, numbers = self._lines()
        row = self.pane.view.row_of(self.pane.view.here) + 1
        name = export_name(self.where.stream or "log", time.time())
        path = await asyncio.to_thread(written_for_a_program, name, self._raw(numbers), hidden=self.hidden)
        command = pager_command(path, row) if program == "pager" else editor_command(path, row)
        if command is None:
            variable = "PAGER" if program == "pager" else "EDITOR"
            self.tell(f"There is no {program}: set ${variable}.", bad=True)
        else:
            self._leave_to(command)
        if program == "pager" or command is None:
            await asyncio.to_thread(shutil.rmtree, path.parent, ignore_errors=True)

    def _leave_to(self, command: Sequence[str]) -> None:
        """Give the terminal to a program until it ends."""
        try:
            with self.app.suspend():
                subprocess.run(command, check=False)  # noqa: S603 (the user's own program, asked for by key)
        except SuspendNotSupported:
            self.tell("This terminal cannot be left to another program.", bad=True)


def _path(typed: str) -> Path:
    return Path(typed).expanduser().absolute()
