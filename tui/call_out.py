"""Calls out what happened in the fleet since the last look: bell, the terminal's own notice, the user's command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.text import sanitize
from tui.fleet_notices import Notice, Notices, run_command, terminal_text
from tui.fleet_sight import where_of

if TYPE_CHECKING:
    from tui.app import PipemedicApp

__all__ = ["call_out"]


def call_out(app: PipemedicApp, fresh: set[str]) -> None:
    """Call out what is worth it, in the ways that the configuration names.

    Args:
        app: whose desk is looked at.
        fresh: keys of pipelines read in this run.
    """
    desk, config = app.desk, app.config.notices
    if app.notices is None:
        app.notices = Notices(config)
    entries = desk.book.entries(desk.clock(), resort=False)
    found = app.notices.look(entries, fresh, where=where_of(desk), tags=desk.book.tags)
    if (text := terminal_text(found, config)) and app._driver is not None:  # noqa: SLF001 (Textual's bell is its only other way)
        app._driver.write(text)  # noqa: SLF001
    if found and config.command:
        app.run_worker(
            _run_commands(app, found), group="notices", description="run the notice's command", exit_on_error=False
        )


async def _run_commands(app: PipemedicApp, found: tuple[Notice, ...]) -> None:
    for notice in found:
        if failed := await run_command(app.config.notices.command, notice):
            app.notify(sanitize(failed), title="Notice command", severity="warning", markup=False)
