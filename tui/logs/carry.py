"""Keys with which a log is taken away: copied, saved, opened in a pager or an editor, linked to."""

from __future__ import annotations

import asyncio
import io
import shutil
import subprocess
import time
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual import getters, on
from textual.app import SuspendNotSupported
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from core.build import LogLocation
from core.console import log_url
from core.log_links import links_in
from core.log_mask import LogMask, mask_line
from core.redact import MASK
from core.secret_values import NO_VALUES, SecretValues
from core.text import sanitize
from tui.in_browser import in_browser
from tui.logs.take import editor_command, export_name, pager_command, write_lines, written_for_a_program
from tui.medic import MedicWidget
from widgets.log_pane import LogPane
from widgets.log_pretty import language_of

__all__ = ["CarryPart"]

# So many lines are copied or laid out at once at the most; a save takes any number.
_MOST_LINES = 20_000
_MOST_CHARS = 2_000_000
_SELECTED = "the selected"


@dataclass(frozen=True, slots=True)
class _Taken:
    """Lines to take away: by number, or text as it was selected by mouse."""

    kind: str
    numbers: Sequence[int] = ()
    text: Sequence[str] = ()

    @property
    def count(self) -> int:
        return len(self.text or self.numbers)


class CarryPart(Vertical, MedicWidget):
    """The part of a log's widget that hands lines out."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "whole_line", "Whole line", show=False, id="log.line",
                tooltip="The current line whole, or the selected ones: JSON laid out, in colours"),
        Binding("U", "links", "Links", show=False, id="log.links",
                tooltip="Addresses in the current line, or on the screen: shown whole before one is opened"),
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

    def _offers(self) -> list[_Taken]:
        """What there is to take, the nearest first: what is selected, what the filter shows, everything."""
        offers = []
        if picked := self.pane.view.picked_lines:
            offers.append(_Taken(_SELECTED, picked))
        elif text := self.screen.get_selected_text():
            offers.append(_Taken(_SELECTED, text=text.split("\n")))
        if not self.pane.filter.shows_all:
            offers.append(_Taken("the filtered", self.pane.shown_lines))
        return [*offers, _Taken("all", range(len(self.pane.store)))]

    def _raw(self, taken: _Taken, *, secrets: bool = False) -> Iterator[str]:
        """Lines as they came, bodies of private keys masked. Safe in a thread: the store only grows."""
        if taken.text:
            return iter(taken.text)
        store = self.pane.store
        return (MASK if not secrets and store.in_key(number) else store[number] for number in taken.numbers)

    def tell(self, text: str, *, bad: bool = False) -> None:
        """Say what was done."""
        self.app.notify(sanitize(text), severity="error" if bad else "information", markup=False)

    def action_whole_line(self) -> None:
        """Show the line that the reader stands on, however long it is, or the lines that are selected."""
        if self.pane.line_count:
            self.run_worker(
                self._whole(), name="whole", group="log-whole", description="lay out a line", exclusive=True,
                exit_on_error=False,
            )  # fmt: skip

    async def _whole(self) -> None:
        from tui.screens.log_line import LogLineScreen  # noqa: PLC0415 (imported when first needed)

        view = self.pane.view
        picked = view.picked_lines[:_MOST_LINES]
        if picked:
            text = await asyncio.to_thread(lambda: "\n".join(view.all_of(line) for line in picked))
            where, language = f"Lines {picked[0] + 1:,}–{picked[-1] + 1:,}", language_of(text)
        else:
            text, language = await asyncio.to_thread(view.whole, view.here)
            where = f"Line {view.here + 1:,}"
        self.app.push_screen(LogLineScreen(where, text[:_MOST_CHARS], language))

    def action_links(self) -> None:
        """Show the addresses of the current line; where it has none, those on the screen."""
        if not self.pane.line_count:
            return
        from tui.screens.log_links import LogLinksScreen  # noqa: PLC0415 (imported when first needed)

        view = self.pane.view
        where = f"line {view.here + 1:,}"
        links = links_in(view.raw(view.here), self._shown)
        if not links:
            where = "the lines on the screen"
            every = (link for line in view.on_screen for link in links_in(view.raw(line), self._shown))
            links = tuple({link.url: link for link in every}.values())
        if links:
            self.app.push_screen(LogLinksScreen(links, where))
        else:
            self.tell("No address of the web in the lines on the screen.")

    def _shown(self, text: str) -> str:
        return mask_line(text, self.hidden) if self.pane.view.masked else text

    def action_copy(self) -> None:
        """Copy what is selected, or the line that the reader stands on."""
        if self.pane.line_count:
            self.run_worker(
                self._copy(), name="copy", group="log-copy", description="copy lines", exclusive=True,
                exit_on_error=False,
            )  # fmt: skip

    async def _copy(self) -> None:
        view, taken = self.pane.view, self._offers()[0]
        if taken.kind != _SELECTED:
            taken = _Taken("", [view.here])
        numbers = taken.numbers[:_MOST_LINES]
        lines = taken.text or await asyncio.to_thread(lambda: [view.all_of(number) for number in numbers])
        more = f" of {taken.count:,}; S saves them all" if len(lines) < taken.count else ""
        self.app.copy_to_clipboard("\n".join(lines))
        self.tell(f"Copied {len(lines):,} line{'s' if len(lines) != 1 else ''}{more}")

    def action_permalink(self) -> None:
        """Copy the console's address of this line's moment."""
        where = self.where
        if not where.group and not where.url:
            self.tell("This log has no page in the console.", bad=True)
            return
        at_ms = self.pane.store.time_of(self.pane.view.here)
        self.app.copy_to_clipboard(log_url(where, at_ms=at_ms) if where.group else where.url)
        self.tell("Copied the address in the console")

    def action_save(self) -> None:
        """Ask where to, and what: tab goes through what there is."""
        secrets = "" if self.pane.view.masked else ", SECRETS SHOWN,"
        name = export_name(self.where.stream or self.where.group or "log", time.time())
        offers = self._offers()
        if in_browser():
            self._deliver(name, self._raw(offers[0]))
            return
        leads = [f"save {each.kind} {each.count:,} lines{secrets} to" for each in offers]
        self.pane.prompt.ask("save", leads, "a file", name)

    def _deliver(self, name: str, lines: Iterator[str]) -> None:
        """Hand lines to the browser; secrets stay masked, whatever the screen shows."""
        text = LogMask(self.hidden).lines(sanitize("\n".join(lines)))
        self.app.deliver_text(io.StringIO(text + "\n"), save_filename=name, encoding="utf-8")

    @on(LogPane.SaveAsked)
    async def _save(self, event: LogPane.SaveAsked) -> None:
        event.stop()
        path = _path(event.path)
        offers = self._offers()
        secrets = not self.pane.view.masked
        lines = self._raw(offers[min(event.turn, len(offers) - 1)], secrets=secrets)
        try:
            count = await asyncio.to_thread(write_lines, path, lines, secrets=secrets, hidden=self.hidden)
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
        offers = [each for each in self._offers() if each.kind != _SELECTED]
        numbers = offers[0].numbers
        row = bisect_left(numbers, self.pane.view.here) + 1
        name = export_name(self.where.stream or "log", time.time())
        path = await asyncio.to_thread(written_for_a_program, name, self._raw(offers[0]), hidden=self.hidden)
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
