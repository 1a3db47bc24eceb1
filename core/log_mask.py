"""Secrets masked in the lines of a log: fast over pages of lines, and private keys that run over many lines. Pure."""

from __future__ import annotations

from core.redact import MASK, mask_secrets
from core.secret_values import NO_VALUES, SecretValues

__all__ = ["LogMask", "mask_line"]

# Every form that `mask_secrets` knows holds one of these, in lower case.
_HINTS = (
    "key", "token", "secret", "passw", "passphrase", "signature", "authorization", "bearer", "basic", "akia", "asia",
    "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "npm_", "xox", "eyj",
)  # fmt: skip
_LONGEST_KEY = 200  # lines; a key without its end does not hide the rest of a log
_KEY_BEGINS, _KEY_ENDS = "-----BEGIN ", "-----END "
_KEY = "PRIVATE KEY-----"


def _telling(lowered: str) -> bool:
    return any(hint in lowered for hint in _HINTS) or ("@" in lowered and "://" in lowered)


def mask_line(line: str, hidden: SecretValues = NO_VALUES) -> str:
    """Return one line with its secrets masked; the body of a private key on lines of its own is `LogMask`'s."""
    line = hidden.hide(line)
    return mask_secrets(line) if _telling(line.lower()) else line


class LogMask:
    """Masks line after line; remembers whether it stands within a private key.

    Attributes:
        hidden: values that are masked wherever they stand.
    """

    def __init__(self, hidden: SecretValues = NO_VALUES) -> None:
        self.hidden = hidden
        self._key_lines = 0

    def lines(self, text: str) -> str:
        """Return the next lines (joined by newlines, as many as were given) with their secrets masked."""
        text = self.hidden.hide(text)
        if self._key_lines or _KEY in text:
            return "\n".join([self._line(line) for line in text.split("\n")])
        lowered = text.lower()
        if not _telling(lowered):
            return text
        if len(lowered) != len(text):  # a few letters grow in lower case, and offsets would not fit
            return "\n".join([mask_line(line) for line in text.split("\n")])
        return _masked_at(text, _lines_with_hints(lowered))

    def _line(self, line: str) -> str:
        if self._key_lines:
            ended = _KEY_ENDS in line and _KEY in line
            self._key_lines = 0 if ended else (self._key_lines + 1) % (_LONGEST_KEY + 1)
            return line[line.index(_KEY_ENDS) :] if ended else MASK
        begins = _KEY in line and _KEY_BEGINS in line
        if begins and _KEY_ENDS not in line:
            self._key_lines = 1
        return mask_secrets(line) if begins else mask_line(line)


def _lines_with_hints(lowered: str) -> list[tuple[int, int]]:
    """Where lines that may hold a secret begin and end, in order."""
    spans: dict[int, int] = {}
    for hint in (*_HINTS, "@") if "://" in lowered else _HINTS:
        at = lowered.find(hint)
        while at >= 0:
            end = lowered.find("\n", at)
            end = len(lowered) if end < 0 else end
            spans[lowered.rfind("\n", 0, at) + 1] = end
            at = lowered.find(hint, end)
    return sorted(spans.items())


def _masked_at(text: str, spans: list[tuple[int, int]]) -> str:
    pieces = []
    pos = 0
    for start, end in spans:
        pieces += [text[pos:start], mask_secrets(text[start:end])]
        pos = end
    return "".join([*pieces, text[pos:]])
