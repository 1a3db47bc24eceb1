"""The keys of a screen in one line, drawn by one widget: a widget a key costs a third of every opening of a screen."""

from dataclasses import dataclass
from itertools import groupby
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual import events
from textual.content import Content
from textual.reactive import reactive
from textual.screen import Screen
from textual.widget import Widget

from widgets.ink import visible

_CUT = "›"


@dataclass(frozen=True, slots=True)
class KeyItem:
    """One key or the name of a group of keys.

    Attributes:
        key: What to press; empty for a group's name.
        shown: The key as people know it.
        words: What it does.
        enabled: Whether it does something now.
        tooltip: More words.
        grouped: Whether it stands in a group, which has a name of its own.
    """

    key: str
    shown: str
    words: str
    enabled: bool = True
    tooltip: str = ""
    grouped: bool = False


class KeyBar(Widget, can_focus=False):
    """Keys that do something here; a click presses one."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"key-bar--key", "key-bar--mark", "key-bar--words"}
    DEFAULT_CSS = """
    KeyBar {
        dock: bottom;
        height: 1;
        text-wrap: nowrap;
        background: $panel;
        color: $footer-foreground;
        pointer: pointer;
        & > .key-bar--key { color: $footer-key-foreground; background: $footer-key-background; text-style: bold; }
        & > .key-bar--mark { color: $text-warning; background: $warning-muted; text-style: bold; }
        & > .key-bar--words { color: $footer-description-foreground; background: $footer-description-background; }
    }
    """

    compact: reactive[bool] = reactive(False)
    mark: reactive[str] = reactive("")
    """A word before all keys: what must not be overlooked here."""

    def __init__(self) -> None:
        super().__init__()
        self.items: tuple[KeyItem, ...] = ()
        self._ends: list[tuple[int, KeyItem]] = []  # where on the line each item ends

    def on_mount(self) -> None:
        """Follow what the screen's keys are."""
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_changed)

    def _bindings_changed(self, screen: Screen[object]) -> None:
        if not screen.app.app_focus or not self.is_attached or screen is not self.screen:
            return
        items = tuple(self._items(screen))
        if items != self.items:
            self.items = items
            self.refresh()

    def _items(self, screen: Screen[object]) -> list[KeyItem]:
        by_action: dict[str, KeyItem] = {}
        groups = {}
        for _, binding, enabled, tooltip in screen.active_bindings.values():
            if binding.show and binding.action not in by_action:
                shown = self.app.get_key_display(binding)
                by_action[binding.action] = KeyItem(binding.key, shown, binding.description, enabled, tooltip)
                groups[binding.action] = binding.group
        found: list[KeyItem] = []
        for group, actions in groupby(by_action, groups.__getitem__):
            items = [by_action[action] for action in actions]
            if group is None or len(items) == 1:
                found += items
                continue
            found += [
                KeyItem(each.key, each.shown, "", each.enabled, each.tooltip or each.words, grouped=True)
                for each in items
            ]
            found.append(KeyItem("", "", group.description, grouped=True))
        return found

    def render(self) -> Text:
        """Draw as many as fit; a sign at the right says that there are more."""
        over = self.rich_style
        key, words = over + self._style("key"), over + self._style("words")
        line = Text(no_wrap=True, end="")
        self._ends.clear()
        if self.mark:
            line.append(f" {visible(self.mark)} ", over + self._style("mark"))
            self._ends.append((line.cell_len, KeyItem("", "", self.mark)))
        before = False
        for item in self.items:
            dim = Style.null() if item.enabled else Style(dim=True)
            if item.grouped and item.key:
                line.append(("" if before or self.compact else " ") + item.shown, key + dim)
            elif item.grouped:
                line.append(f" {item.words} ", words)
            elif self.compact:
                line.append(item.shown, key + dim).append(f" {item.words} ", words + dim)
            else:
                line.append(f" {item.shown} ", key + dim).append(f"{item.words} ", words + dim)
            before = item.grouped and bool(item.key)
            self._ends.append((line.cell_len, item))
        width = self.size.width
        if line.cell_len > width > 0:
            line.truncate(width - 1)
            line.append(_CUT, words)
        line.stylize_before(over)
        return line

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"key-bar--{name}")

    def _at(self, x: int) -> KeyItem | None:
        return next((item for end, item in self._ends if x < end), None)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Say more of the key under the pointer."""
        item = self._at(event.x)
        self.tooltip = Content(visible(item.tooltip or item.words)) if item else None

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Press the key that was clicked."""
        item = self._at(event.x)
        if item is None or not item.key:
            return
        event.stop()
        if item.enabled:
            self.app.simulate_key(item.key)
        else:
            self.app.bell()
