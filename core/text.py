"""External text made harmless: what a log, a commit message or an error says may never drive the terminal.

Two functions and no switch: `sanitize` for text of one style, `sanitize_ansi` for logs whose colours are wanted.
Control sequences follow ECMA-48 (CSI, OSC, DCS, APC, PM, SOS, two-character escapes); colour is SGR, `CSI … m`.
"""

from __future__ import annotations

import re

__all__ = ["clip", "first_line", "sanitize", "sanitize_ansi"]

# A string control (OSC, DCS, APC, PM, SOS) ends at ST or BEL; an unended one swallows the rest of its line only.
_STRING_CONTROL = r"(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?"
_CSI = r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"
_ESCAPE = r"\x1b[ -/]*[0-~]?"
_SGR = r"\x1b\[[0-9;:]*m"
_SEQUENCE = re.compile(f"{_STRING_CONTROL}|{_CSI}|{_ESCAPE}")
_SEQUENCE_BUT_SGR = re.compile(f"(?P<sgr>{_SGR})|{_STRING_CONTROL}|{_CSI}|{_ESCAPE}")
_NEEDS_WORK = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
_VISIBLE = {
    0x061C: "⟨ALM⟩",
    0x200B: "",
    0x200C: "\u200c",
    0x200D: "\u200d",
    0x200E: "⟨LRM⟩",
    0x200F: "⟨RLM⟩",
    0x2028: " ",
    0x2029: " ",
    0x202A: "⟨LRE⟩",
    0x202B: "⟨RLE⟩",
    0x202C: "⟨PDF⟩",
    0x202D: "⟨LRO⟩",
    0x202E: "⟨RLO⟩",
    0x2060: "",
    0x2066: "⟨LRI⟩",
    0x2067: "⟨RLI⟩",
    0x2068: "⟨FSI⟩",
    0x2069: "⟨PDI⟩",
    0xFEFF: "",
}
_TABLE: dict[int, str | None] = {
    **{code: None for code in (*range(0x20), 0x7F, *range(0x80, 0xA0)) if code not in {0x09, 0x0A}},
    **dict.fromkeys(range(0xD800, 0xE000), "\ufffd"),
    **_VISIBLE,
}
_TABLE_WITH_ESC = {code: to for code, to in _TABLE.items() if code != 0x1B}


def _overwritten(text: str) -> str:
    """What a terminal would show of text with bare carriage returns: the last overwrite of each line."""
    lines = []
    for line in text.split("\n"):
        bare = line.rstrip("\r")
        lines.append(bare.rpartition("\r")[2])
    return "\n".join(lines)


def sanitize(text: str) -> str:
    """Return text without control sequences, control characters (but tab and newline) and hidden direction marks.

    Direction overrides stay as visible marks (``⟨RLO⟩``), lone surrogates become U+FFFD, and a line overwritten by
    carriage returns shows its last version.
    """
    if not _NEEDS_WORK.search(text):
        return text
    return _overwritten(_SEQUENCE.sub("", text)).translate(_TABLE)


def sanitize_ansi(text: str) -> str:
    """Return text as `sanitize` does, with colour sequences (SGR, ``ESC [ … m``) left in."""
    if not _NEEDS_WORK.search(text):
        return text
    kept = _SEQUENCE_BUT_SGR.sub(lambda found: found["sgr"] or "", text)
    return _overwritten(kept).translate(_TABLE_WITH_ESC)


def first_line(text: str) -> str:
    """Return the first line of text that is not blank, stripped; empty when there is none."""
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


def clip(text: str, width: int) -> str:
    """Return text cut to `width` characters; a cut shows as ``…`` at its end."""
    return text if len(text) <= width else text[: max(width - 1, 0)] + "…"
