"""Opens the interactive program and sees to it that the terminal is left as it was, also after a crash."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import UsageError
from tui.options import Options

if TYPE_CHECKING:
    from tui.app import PipemedicApp

__all__ = ["CRASHED", "launch", "open_file"]

CRASHED = 70
# A thread gives way to the screen after this time (s); Python's own 5 ms add up over the hand-overs of one repaint.
_SWITCH_S = 0.001


def launch(options: Options) -> int:
    """Run the program until the user quits; return the exit code (0, or 70 after a crash, told on stderr).

    Raises:
        UsageError: the configuration has mistakes.
    """
    sys.setswitchinterval(_SWITCH_S)
    gc.disable()  # imports make no garbage; the app turns it on again once its screen stands
    from tui.app import PipemedicApp  # noqa: PLC0415 (Textual is imported only for the interactive program)
    from tui.config_places import load_config, merged  # noqa: PLC0415

    config = load_config()
    app = PipemedicApp(merged(options, config), config=config)
    app.stays = True
    return _run(app)


def open_file(path: str, *, follow: bool = False) -> int:
    """Open the log workspace on a local file or, for `-`, on standard input; return the exit code as `launch` does.

    Keys then come from the terminal itself, because standard input holds the log.

    Raises:
        UsageError: there is no terminal, or the configuration has mistakes.
    """
    sys.setswitchinterval(_SWITCH_S)
    gc.disable()
    from tui.config_places import load_config  # noqa: PLC0415
    from tui.log_app import LogApp  # noqa: PLC0415 (Textual is imported only for the interactive program)
    from tui.logs.source import LogSource  # noqa: PLC0415

    shown = Path(f"/dev/fd/{_keys_from_the_terminal()}") if path == "-" else Path(path).expanduser().absolute()
    app = LogApp(LogSource.of_file(shown, follow=follow and path != "-"), load_config())
    app.stays = True
    return _run(app)


def _keys_from_the_terminal() -> int:
    """Put the terminal in the place of standard input; return where that is now."""
    try:
        terminal = os.open("/dev/tty", os.O_RDWR)
    except OSError as error:
        raise UsageError("--open - needs a terminal for its keys.") from error
    given = os.dup(0)
    os.dup2(terminal, 0)
    os.close(terminal)
    return given


def _run(app: PipemedicApp) -> int:
    app.run()
    if app.crash is None:
        return app.return_code or 0
    from tui.crash import write_crash  # noqa: PLC0415

    path = write_crash(app.crash)
    sys.stderr.write(f"pipemedic stopped on a fault of its own: {type(app.crash).__name__}\n")
    sys.stderr.write(f"The traceback is in {path}\n")
    return CRASHED
