"""What the keys of a screen do, as commands of the palette: found by a word, for those who do not know the key."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from textual.app import SystemCommand
from textual.screen import Screen

__all__ = ["key_commands"]

_MOVES = {"Up", "Down", "Left", "Right", "Page up", "Page down"}
# Keys that everybody knows, and those that the palette itself is opened with.
_KNOWN = {
    "up", "down", "left", "right", "pageup", "pagedown", "home", "end", "enter", "escape", "tab", "shift+tab", "space",
    "colon", "ctrl+p", "ctrl+c", "ctrl+q",
}  # fmt: skip


def key_commands(
    screen: Screen[Any], run: Callable[..., object], shown: Callable[..., str], known: Iterable[str] = ()
) -> Iterable[SystemCommand]:
    """Give a command for each thing that a key does here, the nearest first.

    Args:
        screen: Whose keys.
        run: Runs an action of a node (`App.run_action`).
        shown: Names a binding's key for people.
        known: Names of commands that there are already.
    """
    told = {*_MOVES, *known}
    for key, (node, binding, enabled, tooltip) in screen.active_bindings.items():
        if enabled and not binding.system and key not in _KNOWN and binding.description not in told:
            told.add(binding.description)
            words = f"{shown(binding)} · {tooltip or binding.tooltip or binding.description}"
            # The palette reads markup in what it tells; these are texts of our own, and a bracket among them is a key.
            yield SystemCommand(
                binding.description, words.replace("[", "⟦").replace("]", "⟧"), partial(run, binding.action, node)
            )
