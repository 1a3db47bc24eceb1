"""States as glyph + word + colour: the word and the glyph carry the meaning, the colour only speeds the eye."""

from dataclasses import dataclass
from enum import StrEnum

from rich.text import Text
from textual.content import Content

from widgets.ink import join, visible


class Tone(StrEnum):
    """What a state means to the reader. The value is the token that style sheets and view rows use."""

    FAILED = "failed"
    STUCK = "stuck"
    WAITING = "waiting"
    RUNNING = "running"
    QUEUED = "queued"
    OFF = "off"
    STOPPED = "stopped"
    SUPERSEDED = "superseded"
    SKIPPED = "skipped"
    OK = "ok"
    WARNING = "warning"
    DENIED = "denied"
    UNKNOWN = "unknown"
    IDLE = "idle"


@dataclass(frozen=True, slots=True)
class Mark:
    """How a tone looks.

    Attributes:
        glyph: One cell wide.
        style: Style expression that the theme resolves.
    """

    glyph: str
    style: str


MARKS: dict[Tone, Mark] = {
    Tone.FAILED: Mark("✗", "bold $text-error"),
    Tone.STUCK: Mark("✗", "bold $text-warning"),
    Tone.WAITING: Mark("‖", "$text-warning"),
    Tone.RUNNING: Mark("◐", "$text-primary"),
    Tone.QUEUED: Mark("◌", "$text-primary"),
    Tone.OFF: Mark("⊘", "$text-accent"),
    Tone.STOPPED: Mark("■", "$text-accent"),
    Tone.SUPERSEDED: Mark("»", "$foreground-muted"),
    Tone.SKIPPED: Mark("→", "$foreground-muted"),
    Tone.OK: Mark("✓", "$text-success"),
    Tone.WARNING: Mark("!", "$text-warning"),
    Tone.DENIED: Mark("⊖", "$text-warning"),
    Tone.UNKNOWN: Mark("?", "$foreground-muted"),
    Tone.IDLE: Mark("·", "$foreground-muted"),
}
SPINNER = "◐◓◑◒"
"""What a running glyph turns through where animations are on."""


def status(tone: Tone, word: str = "") -> Content:
    """Give glyph and word in the tone's colour, for Textual widgets. An empty word leaves the glyph alone."""
    mark = MARKS[tone]
    label = f"{mark.glyph} {visible(word)}" if word else mark.glyph
    return Content.styled(label, mark.style, strip_control_codes=False)


def status_text(tone: Tone, word: str = "") -> Text:
    """Give the same as `status` as a rich Text whose style is resolved against the theme when drawn."""
    mark = MARKS[tone]
    label = f"{mark.glyph} {visible(word)}" if word else mark.glyph
    return Text(label, style=mark.style, no_wrap=True, end="")


def count(tone: Tone, number: int, word: str) -> Content:
    """Give a counter such as `✗ 4 failed`; muted where the number is 0, so that what is there stands out."""
    mark = MARKS[tone]
    return join(Content.styled(f"{mark.glyph} {number} {visible(word)}", mark.style if number else "$foreground-muted"))
