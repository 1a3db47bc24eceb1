"""A real terminal: a tmux server of its own, driven by keys and read by what stands on its screen."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

__all__ = ["Terminal"]

PATIENCE_S = 60.0


class Terminal:
    """A shell in a pane of a given size; its tmux server ends with it."""

    def __init__(self, folder: Path, width: int, height: int, environment: dict[str, str]) -> None:
        self._folder = folder
        self._socket = str(folder / "tmux")
        words = [f"{name}={value}" for name, value in environment.items()]
        self._tmux(
            "-f", "/dev/null", "new-session", "-d", "-s", "t", "-x", str(width), "-y", str(height),
            "env", "-i", *words, "sh", "-i",
        )  # fmt: skip
        self._tmux("set-option", "-g", "status", "off")
        self._tmux("resize-window", "-t", "t", "-x", str(width), "-y", str(height))
        self.until(lambda: "$" in self.screen or "#" in self.screen)

    def _tmux(self, *words: str) -> str:
        done = subprocess.run(["tmux", "-S", self._socket, *words], capture_output=True, text=True, check=True)
        return done.stdout

    @property
    def screen(self) -> str:
        """What stands on the screen."""
        return self._tmux("capture-pane", "-p", "-t", "t")

    @property
    def words(self) -> str:
        """The same with borders and line breaks taken out."""
        return " ".join(self.screen.replace("│", " ").split())

    def state(self, *names: str) -> list[str]:
        """Values of tmux's own variables of the pane, such as ``cursor_flag`` and ``alternate_on``."""
        return self._tmux("display-message", "-p", "-t", "t", " ".join(f"#{{{name}}}" for name in names)).split()

    def write(self, text: str) -> None:
        """Type text, letter by letter."""
        self._tmux("send-keys", "-t", "t", "-l", text)

    def type(self, text: str) -> None:
        """Type a line and enter."""
        self.write(text)
        self.press("Enter")

    def press(self, *keys: str) -> None:
        """Press keys, named as tmux names them."""
        self._tmux("send-keys", "-t", "t", *keys)

    def until(self, predicate: Callable[[], object], timeout_s: float = PATIENCE_S) -> None:
        """Wait for something to hold; the screen is in the failure's message."""
        end = time.monotonic() + timeout_s
        while not predicate():
            if time.monotonic() > end:
                raise AssertionError(f"did not hold within {timeout_s:.0f} s:\n{self.screen}")
            time.sleep(0.05)  # between two looks of a wait on a condition

    def shows(self, *words: str, timeout_s: float = PATIENCE_S) -> None:
        """Wait until all of these stand on the screen."""
        self.until(lambda: all(word in self.words for word in words), timeout_s)

    def run(self, command: str) -> str:
        """Run a command in the shell and return what it printed."""
        told = self._folder / "told"
        told.unlink(missing_ok=True)
        self.type(f"{command} > {told}.part; mv {told}.part {told}")
        self.until(told.exists)
        return told.read_text().strip()

    def end(self) -> None:
        """End the server with all that runs in it."""
        subprocess.run(["tmux", "-S", self._socket, "kill-server"], capture_output=True, check=False)
