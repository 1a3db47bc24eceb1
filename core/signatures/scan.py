"""Reading a log while it streams in: which lines report errors, and which entries know them.

The head of a log, its end, and what stands before a command that failed are looked at line by line. In the middle of a
very long log only lines with a plain word of trouble are, found by a handful of byte searches. Lines that differ in
digits only are compared with the knowledge base once.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from core.signatures.base import Candidates, KnowledgeBase, knowledge
from core.signatures.normalise import MAX_LINE, clean_line
from core.signatures.phases import MARKER_WORDS, Marker, read_marker

__all__ = ["LogMatch", "LogScanner", "ScanResult"]

#: Bytes at the head of a log that are read line by line.
HEAD = 300_000
#: Bytes before its end, or before a failed command, of which every line is looked at.
TAIL = 400_000
_PIECE = 1 << 18
_LONGEST = 1 << 20
_CORE = (b"rror", b"ailed", b"ERR", b"FAIL", b"enied", b"not authorized", b"[Container]")
# Beyond that many bytes fewer words are searched for: what matters in a log that long stands near a failed command.
_FAR = 8_000_000
_CORE_FAR = (b"rror", b"ERR", b"enied", b"[Container]")
_DIGITS = b"0123456789"
_ERROR = re.compile(
    rb"\berrors?\b|\berr!|error[:\]]|\w+error\b|\bfatal\b|\bfail(?:ed|ure|s)?\b|exception\b|\bpanic:|denied|traceback|"
    rb"cannot |could not|not authorized|unable to|not found|killed$|did not exit successfully|no such file"
)
_QUIET = re.compile(
    rb"\bwarn(?:ing)?\b|\[info\]|\[debug\]|"
    rb"no errors|\bpassed\b|state: succeeded|running command|\.{3} ?ok\b|^\s*(?:\xe2\x9c\x93|\xe2\x88\x9a|ok )"
)
# Words that quieten a line, unless it says plainly that it is an error.
_CALM = re.compile(rb"\binfo\b|\bdebug\b|\bpass\b")
_PLAINLY = re.compile(rb"(?:^|[\s\]|])(?:\w{0,60}error|fatal|exception|err!)[:!\]]")
_NONE = re.compile(rb"(?<![\d.])0 (?:\w+ )?(?:error|fail)|(?:errors?|fail(?:ures|ed)?)[:=] ?0\b", re.IGNORECASE)
_KEEP_SHAPES = 30_000
_MAX_SHAPES = 20_000
_AGENT = b"[Container]"
_KEEP_EDGE = 400
_PER_SIGNATURE = 6
_TRIES = 12
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
class _Shape:
    """What is known of all lines that differ in digits only.

    `entries` to try, whether they report an `error`, whether they are an agent's `marker`, and how often entries were
    tried in vain: after `_TRIES` only those are tried on for which the digits matter.
    """

    entries: Candidates
    error: bool
    marker: bool
    in_vain: int = 0


_PLAIN = _Shape((), error=False, marker=False)
_FOLD = bytes(range(256)).lower()
_MARKERS = tuple(word.encode() for word in MARKER_WORDS)


def _cut(raw: bytes, at: int = -1) -> bytes:
    """Return the line; of a very long one its beginning and what stands around a place (the first core word)."""
    if len(raw) <= MAX_LINE:
        return raw
    if at < 0:
        at = min((found for word in _CORE if (found := raw.find(word)) >= 0), default=0)
    third = MAX_LINE // 3
    return raw[:third] + b" " + raw[max(at - third, third) :][: third * 2]


@dataclass(slots=True)
class _Piece:
    """Whole lines within a block: `data[start:end]`, of which the first has the number `line`."""

    data: bytes
    start: int
    end: int
    line: int


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
        self._carry = b""
        self._skipping = False
        self._line = 1
        self._read = 0
        self._recent: deque[_Piece] = deque()
        self._recent_size = 0
        self._shapes: dict[bytes, _Shape] = {}
        self._new_shapes = 0
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
            self._take(data[start : start + _PIECE] if len(data) > _PIECE else data)

    def feed_lines(self, lines: Iterable[str]) -> None:
        """Take the next whole lines, without their line ends."""
        text = "\n".join(lines)
        if text or lines:
            self.feed(text.encode("utf-8", "replace") + b"\n")

    def _take(self, data: bytes) -> None:
        """Look at the whole lines of a piece; what follows its last line end is carried over."""
        self._read += len(data)
        first = data.find(b"\n") + 1
        if not first:
            if not self._skipping:
                self._carry += data
                if len(self._carry) > _LONGEST:
                    self._one(self._line, _cut(self._carry))
                    self._carry, self._skipping = b"", True
            return
        if not self._skipping:
            line = self._carry + data[: first - 1]
            self._one(self._line, _cut(line))
        self._line += 1
        self._skipping = False
        last = data.rfind(b"\n") + 1
        self._carry = data[last:]
        if last > first:
            self._piece(_Piece(data, first, last, self._line))

    def _piece(self, piece: _Piece) -> None:
        if self._read <= HEAD:
            self._line = self._look_at_all(piece)
            return
        self._line, failed = self._look(piece)
        self._recent.append(piece)
        self._recent_size += len(piece.data)
        if failed:
            self._look_closer()
        while self._recent_size > TAIL and len(self._recent) > 1:
            self._recent_size -= len(self._recent.popleft().data)

    def _look_closer(self) -> None:
        """Look at every line of what was kept; at each once. When cancelled, the rest is skipped."""
        while self._recent and not self._cancelled():
            self._look_at_all(self._recent.popleft())
        self._recent_size = 0

    # -- looking ---------------------------------------------------------------------------------------------------

    def _look_at_all(self, piece: _Piece) -> int:
        """Look at every line; return the number of the line after them."""
        lines = piece.data[piece.start : piece.end - 1].split(b"\n")
        for number, raw in enumerate(lines, piece.line):
            if raw:
                self._one(number, _cut(raw))
        return piece.line + len(lines)

    def _look(self, piece: _Piece) -> tuple[int, bool]:
        """Look at the lines that hold a core word.

        Returns the number of the line after the piece, and whether a command or phase failed in it.
        """
        data, end = piece.data, piece.end
        spots: dict[int, int] = {}
        for word in _CORE if self._read < _FAR else _CORE_FAR:
            at = data.find(word, piece.start, end)
            while at >= 0:
                spots.setdefault(data.rfind(b"\n", 0, at) + 1, at)
                at = data.find(word, data.find(b"\n", at), end)
        failed = False
        line, done = piece.line, piece.start
        # Where every line reports an error of its own, only what the agent says and the log's end are worth the time.
        tired = self._new_shapes > _MAX_SHAPES
        for start in sorted(spots):
            if tired and not data.startswith(_AGENT, start):
                continue
            line += data.count(b"\n", done, start)
            done = start
            raw = data[start : data.find(b"\n", start)]
            failed = self._one(line, _cut(raw, spots[start] - start)) or failed
        return line + data.count(b"\n", done, end), failed

    def _one(self, line: int, raw: bytes) -> bool:
        """Look at one line; return whether it says that a command or phase failed."""
        shape = raw.translate(_FOLD, _DIGITS)
        known = self._shapes.get(shape)
        if known is None:
            if len(self._shapes) >= _KEEP_SHAPES:
                self._shapes.clear()
            known = self._shape(raw.lower())
            self._shapes[shape] = known
            self._new_shapes += 1
        if known is _PLAIN or not (known.entries or known.error or known.marker):
            return False
        failed = self._marker(line, raw) if known.marker else False
        text = clean_line(raw.decode("utf-8", "replace"))
        if self._match(known.entries, line, text):
            known.in_vain = 0
        elif known.entries:
            known.in_vain += 1
            if known.in_vain == _TRIES:
                known.entries = tuple(entry for entry in known.entries if self._base.digits_matter(*entry))
        if known.error and not _NONE.search(raw):
            self._error(line, text)
        return failed

    def _shape(self, low: bytes) -> _Shape:
        marker = any(word in low for word in _MARKERS)
        if not marker and self._base.is_silent(clean_line(low.decode("utf-8", "replace"))):
            return _PLAIN
        entries = self._base.candidates(low.translate(None, _DIGITS).decode("utf-8", "replace"))
        if self._read > HEAD:
            # A long log that fails has more than words alone.
            entries = tuple(entry for entry in entries if entry[0] not in self._base.hints)
        error = _ERROR.search(low) is not None and _QUIET.search(low) is None
        error = error and (_CALM.search(low) is None or _PLAINLY.search(low) is not None)
        return _Shape(entries, error, marker) if entries or error or marker else _PLAIN

    def _marker(self, line: int, raw: bytes) -> bool:
        marker = read_marker(line, clean_line(raw.decode("utf-8", "replace")))
        if marker is None or len(self._markers) >= _KEEP_MARKERS:
            return False
        self._markers[line] = marker
        return marker.kind == "failed" or (marker.kind == "complete" and marker.detail == "failed")

    def _error(self, line: int, text: str) -> None:
        if line in self._first_errors:
            return
        if len(self._first_errors) < _KEEP_EDGE:
            self._first_errors[line] = text
        else:
            self._last_errors.append((line, text))

    def _match(self, entries: Candidates, line: int, text: str) -> bool:
        known = len(self._base.signatures)
        matched = False
        for index, places in entries:
            if (index, line) in self._matches:
                matched = True
            elif index >= known:
                if self._base.recoveries[index - known].search(text, places):
                    matched = True
                    self._keep(LogMatch(index, line, text, ()))
            elif self._base.signatures[index].where != "message":
                found = self._base.signatures[index].search(text, places)
                if found is not None:
                    matched = True
                    groups = tuple((name, value) for name, value in found.groupdict().items() if value)
                    self._keep(LogMatch(index, line, text, groups))
        return matched

    def _keep(self, match: LogMatch) -> None:
        """Keep the first matches of an entry and its last ones."""
        lines = self._seen.setdefault(match.index, [])
        lines.append(match.line)
        self._matches[match.index, match.line] = match
        if len(lines) > _PER_SIGNATURE * 2:
            gone = lines.pop(_PER_SIGNATURE)
            del self._matches[match.index, gone]

    @property
    def only_line(self) -> bytes:
        """The whole text when it has no line end so far; empty otherwise."""
        return self._carry if self._line == 1 and not self._skipping else b""

    # -- asking ----------------------------------------------------------------------------------------------------

    def result(self) -> ScanResult:
        """Return what the log holds so far (an unfinished last line counts as a line); cancelled, what was seen."""
        self._look_closer()
        line = self._line
        if self._carry:
            self._one(line, _cut(self._carry))
        errors = dict(self._first_errors)
        errors.update(self._last_errors)
        return ScanResult(
            tuple(sorted(self._matches.values(), key=lambda match: (match.line, match.index))),
            tuple(self._markers[number] for number in sorted(self._markers)),
            tuple(sorted(errors.items())),
            line if self._carry or self._skipping else line - 1,
        )
