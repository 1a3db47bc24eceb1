"""What later keys need, made ready once the fleet stands: in a thread or in small pieces, so that nothing stands still.

The first log or playbook would otherwise import its screen, parse its style sheet and read the knowledge base while the
reader waits: 0.3 s in pieces of up to 70 ms.
"""

from __future__ import annotations

import asyncio
import gc
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.app import App

__all__ = ["warm_up"]

_MODULES = (
    "tui.screens.pipeline",
    "tui.screens.log",
    "core.signatures",
    "tui.screens.log_line",
    "tui.screens.stream_log",
    "tui.screens.playbook",
    "pygments.lexers.data",
    "pygments.formatters",
)
_PAUSE_S = 0.02


async def warm_up(app: App[int]) -> None:
    """Import, read and parse; between two pieces whatever else waits has its turn."""
    for module in _MODULES:
        await asyncio.to_thread(import_module, module)
        await asyncio.sleep(_PAUSE_S)
    await asyncio.to_thread(_read_knowledge)
    for sheet in sorted(Path(__file__).with_name("screens").glob("*.tcss")):
        if not app.stylesheet.has_source(str(sheet), ""):
            app.stylesheet.read(sheet)
            _ = app.stylesheet.rules  # parsed here, one sheet at a time
            await asyncio.sleep(_PAUSE_S)
    # Modules, service models and style rules stay for good: to look through them for garbage took 60 ms at a time.
    gc.freeze()


def _read_knowledge() -> None:
    from core.signatures.base import knowledge  # noqa: PLC0415 (in a thread, after the first paint)

    knowledge().candidates("")  # reads the files and makes the index
