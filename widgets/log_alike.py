"""Which lines of a log say the same again: repeats, and one progress bar drawn many times. Standard library only."""

import re
from collections.abc import Iterable, Sequence
from itertools import compress
from operator import eq

from widgets.log_search import ESCAPES

# Lines can only be alike where they agree without these: digits, what bars are drawn with, units, non-ASCII bytes.
_LEFT_OUT = b"0123456789 =>#.-_*|/\\[]():,~+kKMGTiB\r\t" + bytes(range(128, 256))
_TIME = re.compile(
    rb"(?:\[Container\] (?:\d{4}/\d\d/\d\d )?)?(?:\d{4}[-/]\d\d[-/]\d\d[T ])?"
    rb"(?:\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?\s*)?"
)
_STEP_TIME = re.compile(rb"(#\d+ )\d+\.\d+ ")
_TIMED = (b"[Container] ", *(b"#%d" % digit for digit in range(10)), *(b"%d" % digit for digit in range(10)))
# Each line of progress holds one of these.
_HINTS = (
    b"%", b"B/", b"B / ", b"=>", b"==", b"##", b"\xe2\x96", b"\xe2\x94\x81", b"till ", b"aiting", b"lapsed",
    b"emaining", b"rogress", b" eta ",
)  # fmt: skip
_PROGRESS = re.compile(
    rb"\d\s?%|\d\s?[kMGT]?i?B?\s?/\s?\d+(?:\.\d+)?\s?[kMGT]?i?B\b|\[[=#>. -]{3,}\]|[=#]{4,}>?|\xe2\x96[\x80-\x9f]"
    rb"|\xe2\x94\x81|(?i:\b(?:still|waiting|elapsed|remaining|progress|eta)\b)"
)
_SERIOUS = (b"error", b"fail", b"fatal", b"denied", b"warn", b"exception")
_BAR = re.compile(rb"\xe2[\x94-\x96][\x80-\xbf]")
_ASCII = bytes(range(128))


def alike_runs(pieces: Iterable[bytes], start: int) -> list[tuple[int, int]]:
    """Give runs of lines each of which repeats the one before it (but for its time), or is its progress further on.

    Blank lines repeat nothing. Lines that speak of errors or warnings are alike only where they are equal.

    Args:
        pieces: Lines, each ended by a newline, cut anywhere between lines.
        start: What the first line counts as. It is compared with the second, not with what came before it.

    Returns:
        Number of the first and the last line of each run, in order; runs have two lines at least.
    """
    runs: list[tuple[int, int]] = []
    last = b""
    number = start
    for piece in pieces:
        text = last + (ESCAPES.sub(b"", piece) if b"\x1b" in piece else piece)
        number -= bool(last)
        for at in _alike(text):
            here = number + at
            if runs and runs[-1][1] == here - 1:
                runs[-1] = runs[-1][0], here
            else:
                runs.append((here - 1, here))
        number += text.count(b"\n")
        last = text[text.rfind(b"\n", 0, -1) + 1 :]
    return runs


def _alike(text: bytes) -> list[int]:
    """Lines of a text, from 0, that are alike to the one before."""
    keys = text.translate(None, _LEFT_OUT).split(b"\n")
    keys.pop()
    likely = list(compress(range(1, len(keys)), map(eq, keys[1:], keys)))
    if not likely:
        return []
    lines = text.split(b"\n")
    if b"\r" in text:
        lines = [line.rstrip(b"\r").rpartition(b"\r")[2] if b"\r" in line else line for line in lines]
    hints = [hint for hint in _HINTS if hint in text]
    if not hints:
        return [at for at in likely if _repeats(lines[at - 1], lines[at])]
    return [at for at in likely if _repeats(lines[at - 1], lines[at]) or _goes_on(lines[at - 1], lines[at], hints)]


def _repeats(before: bytes, line: bytes) -> bool:
    if before == line:
        return bool(line.strip())
    if before[-4:] != line[-4:] or not line.startswith(_TIMED):
        return False
    said = _untimed(line)
    return bool(said) and said == _untimed(before)


def _untimed(line: bytes) -> bytes:
    if (step := _STEP_TIME.match(line)) is not None:
        return step[1] + line[step.end() :]
    found = _TIME.match(line)
    return line[found.end() :] if found else line


def _goes_on(before: bytes, line: bytes, hints: Sequence[bytes]) -> bool:
    """Whether two lines that agree in their letters are one progress."""
    if not any(hint in line for hint in hints) or not (_PROGRESS.search(before) and _PROGRESS.search(line)):
        return False
    lowered = line.lower()
    if any(word in lowered for word in _SERIOUS):
        return False
    return line.isascii() is before.isascii() is True or _foreign(before) == _foreign(line)


def _foreign(line: bytes) -> bytes:
    """The letters of a line that are neither ASCII nor part of a bar."""
    return _BAR.sub(b"", line).translate(None, _ASCII)
