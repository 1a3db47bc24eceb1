"""Opens the interactive program and sees to it that the terminal is left as it was, also after a crash."""

from __future__ import annotations

import gc
import sys

from tui.options import Options

__all__ = ["CRASHED", "launch"]

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
    app.run()
    if app.crash is None:
        return app.return_code or 0
    from tui.crash import write_crash  # noqa: PLC0415

    path = write_crash(app.crash)
    sys.stderr.write(f"pipemedic stopped on a fault of its own: {type(app.crash).__name__}\n")
    sys.stderr.write(f"The traceback is in {path}\n")
    return CRASHED
