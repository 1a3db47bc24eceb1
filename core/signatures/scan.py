"""Reading a log while it streams in: which lines report errors, and which entries know them.

A log of a million lines is read with a handful of byte searches: only lines that hold a telling word are looked at, and
lines that differ in digits only are looked at once. The head of the log, its end, and what stands before a command that
failed are read with every word of the knowledge base; the middle of a very long log with the plain words of trouble.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from core.signatures.base import KnowledgeBase, knowledge
from core.signatures.normalise import MAX_LINE, clean_line
from core.signatures.phases import MARKER_WORDS, Marker, read_marker

__all__ = ["LogMatch", "LogScanner", "ScanResult"]

#: Bytes at the head of a log that are read with every word.
HEAD = 2_000_000
#: Bytes before its end, or before a failed command, that are read with every word.
TAIL = 1_000_000
_PIECE = 1 << 18
_CORE = (b"rror", b"ailed", b"ERR", b"FAIL", b"enied", b"[Container]")
_DIGITS = b"0123456789"
_ERROR = re.compile(
    rb"\berrors?\b|\berr!|error[:\]]|\w+error\b|\bfatal\b|\bfail(?:ed|ure|s)?\b|exception\b|\bpanic:|denied|traceback|"
    rb"cannot |could not|unable to|not found|killed$|did not exit successfully|no such file"
)
_QUIET = re.compile(
    rb"\bwarn(?:ing)?\b|\b0 (?:error|fail)|(?:errors?|fail(?:ures|ed)?)[:=] ?0\b|\[info\]|\binfo\b|\[debug\]|\bdebug\b|"
    rb"no errors|\bpass(?:ed)?\b|state: succeeded|running command|\.{3} ?ok\b|^\s*(?:\xe2\x9c\x93|\xe2\x88\x9a|ok )"
)
_KEEP_SHAPES = 60_000
_KEEP_EDGE = 400
_PER_SIGNATURE = 6
_KEEP_MARKERS = 20_000


@dataclass(frozen=True, slots=True)
class LogMatch:
    """One line of the log that an entry (by its index) matched; a recovery has an index beyond the signatures."""

    index: int
    line: int
    text: str
    groups: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ScanResult:
    """What a log gave: matches and markers by line, lines that report errors (bounded), and its length in lines."""

    matches: tuple[LogMatch, ...]
    markers: tuple[Marker, ...]
    errors: tuple[tuple[int, str], ...]
    lines: int


@dataclass(slots=True)
class _Piece:
    """Bytes read with the core words only, kept in case the end of the log is near."""

    data: bytes
    first_line: int


class LogScanner:
    """Takes a log in batches and can be asked for what it holds so far, at any time.

    Memory is bounded whatever the log's size. Feeding and asking are CPU work: the screens run them in a thread.
    """

    def __init__(self, base: KnowledgeBase | None = None, *, cancelled: Callable[[], bool] | None = None) -> None:
        """Start with nothing read.

        Args:
            base: entries to look for; the program's own by default.
            cancelled: asked before every slice of 256 kB; when it says True the rest is skipped.
        """
        self._base = base or knowledge()
        self._cancelled = cancelled or (lambda: False)
        words = dict.fromkeys((*MARKER_WORDS, *self._base.words))
        self._words = tuple(word.encode() for word in words)
        self._carry = b""
        self._skipping = False
        self._line = 1
        self._read = 0
        self._recent: deque[_Piece] = deque()
        self._recent_size = 0
        self._shapes: dict[bytes, tuple[tuple[int, ...], bool]] = {}
        self._matches: dict[tuple[int, int], LogMatch] = {}
        self._seen: dict[int, list[int]] = {}
        self._markers: dict[int, Marker] = {}
        self._first_errors: dict[int, str] = {}
        self._last_errors: deque[tuple[int, str]] = deque(maxlen=_KEEP_EDGE)

    # -- feeding ---------------------------------------------------------------------------------------------------

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the log (UTF-8; may end inside a line)."""
        for start in range(0, len(data), _PIECE):
            if self._cancelled():
                return
            self._take(data[start : start + _PIECE])

    def feed_lines(self, lines: Iterable[str]) -> None:
        """Take the next whole lines, without their line ends."""
        text = "\n".join(lines)
        if text or lines:
            self.feed(text.encode("utf-8", "replace") + b"\n")

    def _take(self, data: bytes) -> None:
        if self._skipping:
            end = data.find(b"\n")
            if end < 0:
                return
            self._skipping = False
            self._line += 1
            data = data[end + 1 :]
        cut = data.rfind(b"\n") + 1
        if not cut:
            self._carry += data
            if len(self._carry) > _PIECE * 4:
                self._piece(self._carry)
                self._carry, self._skipping = b"", True
            return
        whole = self._carry + data[:cut]
        self._carry = data[cut:]
        self._piece(whole)
        self._line += whole.count(b"\n")

    def _piece(self, data: bytes) -> None:
        self._read += len(data)
        if self._read <= HEAD:
            self._look(data, self._line, data.lower(), self._words)
            return
        failed = self._look(data, self._line, data, _CORE)
        self._recent.append(_Piece(data, self._line))
        self._recent_size += len(data)
        if failed:
            self._look_closer()
        while self._recent_size > TAIL and len(self._recent) > 1:
            self._recent_size -= len(self._recent.popleft().data)

    def _look_closer(self) -> None:
        """Read what was kept with every word; each byte once."""
        while self._recent:
            piece = self._recent.popleft()
            self._look(piece.data, piece.first_line, piece.data.lower(), self._words)
        self._recent_size = 0

    # -- looking ---------------------------------------------------------------------------------------------------

    def _look(self, data: bytes, line: int, searched: bytes, words: tuple[bytes, ...]) -> bool:
        """Look at the lines of `data` that hold one of the words; return whether a command or phase failed there."""
        spots: dict[int, int] = {}
        for word in words:
            at = searched.find(word)
            while at >= 0:
                start = data.rfind(b"\n", 0, at) + 1
                spots.setdefault(start, at)
                end = data.find(b"\n", at)
                if end < 0:
                    break
                at = searched.find(word, end)
        failed = False
        done = 0
        for start in sorted(spots):
            line += data.count(b"\n", done, start)
            done = start
            end = data.find(b"\n", start)
            raw = data[start : end if end >= 0 else len(data)]
            if len(raw) > MAX_LINE:
                near = spots[start] - start
                raw = raw[: MAX_LINE // 3] + b" " + raw[max(near - MAX_LINE // 3, MAX_LINE // 3) :][: MAX_LINE // 3 * 2]
            failed = self._one(line, raw) or failed
        return failed

    def _one(self, line: int, raw: bytes) -> bool:
        low = raw.lower()
        shape = low.translate(None, _DIGITS)
        known = self._shapes.get(shape)
        if known is None:
            if len(self._shapes) >= _KEEP_SHAPES:
                self._shapes.clear()
            known = (
                self._base.candidates(low.decode("utf-8", "replace")),
                _ERROR.search(low) is not None and _QUIET.search(low) is None,
            )
            self._shapes[shape] = known
        entries, is_error = known
        failed = False
        if any(word.encode() in low for word in MARKER_WORDS):
            failed = self._marker(line, raw)
        if is_error or entries:
            text = ""
            if entries:
                text = clean_line(raw.decode("utf-8", "replace"))
                self._match(entries, line, text)
            if is_error:
                self._error(line, text, raw)
        return failed

    def _marker(self, line: int, raw: bytes) -> bool:
        marker = read_marker(line, clean_line(raw.decode("utf-8", "replace")))
        if marker is None or len(self._markers) >= _KEEP_MARKERS:
            return False
        self._markers[line] = marker
        return marker.kind == "failed" or (marker.kind == "complete" and marker.detail == "failed")

    def _error(self, line: int, text: str, raw: bytes) -> None:
        if line in self._first_errors:
            return
        edge = len(self._first_errors) < _KEEP_EDGE
        said = text or clean_line(raw.decode("utf-8", "replace"))
        if edge:
            self._first_errors[line] = said
        else:
            self._last_errors.append((line, said))

    def _match(self, entries: tuple[int, ...], line: int, text: str) -> None:
        known = len(self._base.signatures)
        for index in entries:
            if (index, line) in self._matches:
                continue
            lines = self._seen.setdefault(index, [])
            if index >= known:
                if self._base.recoveries[index - known].search(text):
                    self._keep(LogMatch(index, line, text, ()), lines)
                continue
            signature = self._base.signatures[index]
            if signature.where == "message":
                continue
            found = signature.search(text)
            if found is not None:
                groups = tuple((name, value) for name, value in found.groupdict().items() if value)
                self._keep(LogMatch(index, line, text, groups), lines)

    def _keep(self, match: LogMatch, lines: list[int]) -> None:
        """Keep the first matches of an entry and its last ones."""
        lines.append(match.line)
        self._matches[match.index, match.line] = match
        if len(lines) > _PER_SIGNATURE * 2:
            gone = lines.pop(_PER_SIGNATURE)
            del self._matches[match.index, gone]

    # -- asking ----------------------------------------------------------------------------------------------------

    def result(self) -> ScanResult:
        """Return what the log holds so far (an unfinished last line counts as a line)."""
        self._look_closer()
        line = self._line
        if self._carry:
            self._look(self._carry, line, self._carry.lower(), self._words)
        errors = dict(self._first_errors)
        errors.update(self._last_errors)
        return ScanResult(
            tuple(sorted(self._matches.values(), key=lambda match: (match.line, match.index))),
            tuple(self._markers[number] for number in sorted(self._markers)),
            tuple(sorted(errors.items())),
            line if self._carry or self._skipping else line - 1,
        )
