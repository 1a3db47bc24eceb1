"""What a person does with the menu of actions, the forms and the wizard."""

from __future__ import annotations

from tests.tui.walk import Walk
from tui.screens.actions import ActionsScreen
from tui.screens.ask import AskScreen
from tui.screens.fix import FixScreen

__all__ = ["answer", "apply", "choose", "go_to", "menu", "outcome"]

# Several demo accounts and programs run beside each other on a slow machine (s).
_PATIENCE_S = 40.0


async def go_to(walk: Walk, name: str) -> None:
    """Put the cursor of the list on a pipeline; after a first key it stays where it was put."""
    await walk.until(lambda: name in walk.names, _PATIENCE_S)
    await walk.press("down")
    await walk.pilot.pause()
    key = next(row.key for row in walk.fleet.rows if row.key.rpartition("|")[2] == name)
    walk.fleet.move_to(key)
    await walk.until(lambda: walk.fleet.cursor_key == key)
    await walk.pilot.pause()


async def menu(walk: Walk) -> list[str]:
    """Open the menu of actions and return the ids in it."""
    await walk.press("x")
    await walk.on("ActionsScreen")
    await walk.until(lambda: bool(_menu(walk).actions), _PATIENCE_S)
    return list(_menu(walk).actions)


def _menu(walk: Walk) -> ActionsScreen:
    screen = walk.app.screen
    assert isinstance(screen, ActionsScreen)
    return screen


async def choose(walk: Walk, action: str) -> None:
    """Go to an action by the arrow keys and open it."""
    keys = [row.key for row in _menu(walk).table.rows]
    assert action in keys, keys
    for _ in range(keys.index(action) - keys.index(_menu(walk).table.cursor_key or "")):
        await walk.press("down")
    assert _menu(walk).table.cursor_key == action
    await walk.press("enter")
    await walk.until(lambda: walk.screen_name in ("AskScreen", "FixScreen") and walk.app.screen.is_mounted)
    await walk.pilot.pause()


async def answer(walk: Walk, *texts: str) -> None:
    """Type the answers one after another, enter after each."""
    assert isinstance(walk.app.screen, AskScreen)
    for text in texts:
        await walk.press(*(_KEYS.get(letter, letter) for letter in text), "enter")
    await walk.on("FixScreen")


_KEYS = {" ": "space", "/": "slash", "-": "minus", ".": "full_stop", ":": "colon"}


async def apply(walk: Walk, typed: str = "") -> None:
    """Go on card by card, type the name where one is asked for, and apply."""
    screen = walk.app.screen
    assert isinstance(screen, FixScreen)
    assert screen.plan.typed == typed
    while screen.wizard.at < 3:
        await _next_card(walk, screen)
    await walk.pilot.pause()
    await walk.press(*(_KEYS.get(letter, letter) for letter in typed), "enter")
    await walk.until(lambda: screen.change is not None and screen.change.outcome is not None, _PATIENCE_S)
    await walk.until(lambda: screen.wizard.at == 5)


async def _next_card(walk: Walk, screen: FixScreen) -> None:
    before = screen.wizard.at
    await walk.press("enter")
    await walk.until(lambda: screen.wizard.at > before)


def outcome(walk: Walk) -> str:
    """How the change on the screen ended."""
    screen = walk.app.screen
    assert isinstance(screen, FixScreen)
    assert screen.change
    return screen.change.outcome.value if screen.change.outcome else ""
