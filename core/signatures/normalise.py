"""Log lines as people would read them: without the prefixes, colours and overwrites that transport adds.

CodeBuild's agent lines begin with ``[Container] 2026/01/31 13:45:00.123456``, CodeDeploy's with ``[stderr]``,
BuildKit's with ``#12 3.456``, compose's with ``web_1  |``, Amplify's with ``[WARNING]: `` (which is stderr), CloudWatch
and many tools with a time. Some are JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from core.text import sanitize

__all__ = ["MAX_LINE", "clean_line", "is_quoted", "message_lines", "text_of", "unflatten", "unquote"]

#: Characters of a line that are read; of a longer one its beginning and the place of interest.
MAX_LINE = 2000

_PREFIX = re.compile(
    r"^\s{0,8}(?:"
    r"\d{1,7} ?\| "
    r"|[\w.-]{1,40}[-_]\d{1,3} +\| "
    r"|\[Container\] \d{4}/\d\d/\d\d \d\d:\d\d:\d\d(?:\.\d{1,9})? "
    r"|\[(?:stderr|stdout)\]"
    r"|\[(?:INFO|WARNING)\]: "
    r"|#\d{1,4} (?:\d{1,6}\.\d{1,3} )?"
    r"|\[?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?\]?(?:\s|$)\s{0,4}"
    r"|\[?\d\d:\d\d:\d\d(?:[.,]\d{1,6})?\]? {1,4}"
    r")"
)
_MAX_PREFIXES = 5
_TEXT_KEYS = ("message", "msg", "log", "log_message", "errorMessage", "error", "err", "reason", "cause", "exception")
_LEVEL_KEYS = ("level", "log_level", "levelname", "severity", "@level")
_MAX_JSON = 64_000
_AGENT = re.compile(r"(?<=\S)\s{1,40}(?=\[Container\] \d{4}/)")
# Where a line of a log began before its line ends were lost.
_BEGINNING = re.compile(
    r"(?<=\S)(?<!\[Container\]) {1,40}(?="
    r"\[Container\] \d{4}/"
    r"|npm (?:ERR!|error|WARN|warn) "
    r"|\[(?:ERROR|INFO|WARNING|WARN|stderr|stdout)\]"
    r"|(?:ERROR|Error|error|FATAL|fatal|E|panic|make|remote|gpg|curl): |error\[\w|ERROR in |error [A-Z]{2}\d"
    r"|\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d"
    r"|Traceback \(most|Caused by: |\w{2,40}(?:Error|Exception): "
    r"|Step \d{1,3}/\d|#\d{1,3} (?:\d|\[|ERROR)"
    r"|> Task |\* What went wrong|> (?:Could|There|A )|BUILD (?:FAIL|SUCC)"
    r"|Tests: {1,20}\d|Test Suites: |Tests run: |FAIL |FAILED |={5,80} |--- FAIL|\d{1,4} failing|E {3}\S"
    r"|\[\d{1,3}%\]|/codebuild/output/tmp/script|(?:/bin/)?(?:ba)?sh: |/usr/bin/env: |\S{1,60}: line \d{1,5}: "
    r"|Killed(?: \[|$| npm)|\d{1,2}:\d\d:\d\d (?:AM|PM) \||│ |❌|✘|×|➤)"
)
_FLAT = 120
_MOST_SPLITS = 5000
_RUN = re.compile(r"\[Container\] \S{8,12} \S{8,20} Running command ")
_FAILED = re.compile(r"Command did not exit successfully (.{1,1000}?) exit status \d")
_QUOTE = re.compile(rb"^[ \t]{0,3}(?:>[ \t]?){1,3}", re.MULTILINE)
_QUOTE_LOOK = 40


def text_of(lines: str | bytes | Iterable[str]) -> bytes:
    """Return the log as UTF-8 bytes with line feeds between lines."""
    if isinstance(lines, bytes):
        return lines
    text = lines if isinstance(lines, str) else "\n".join(lines)
    return text.encode("utf-8", "replace")


def clean_line(raw: str) -> str:
    """Return the line without prefixes, control sequences and overwritten parts; a JSON line gives its message."""
    text = sanitize(raw.removesuffix("\r"))
    for _ in range(_MAX_PREFIXES):
        found = _PREFIX.match(text)
        if found is None or found.end() == 0:
            break
        text = text[found.end() :]
    text = text.rstrip()
    if text.startswith("{") and len(text) <= _MAX_JSON:
        return _from_json(text)
    return text


def _from_json(text: str) -> str:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if not isinstance(data, dict):
        return text
    parts = [said for key in _TEXT_KEYS if key in data for said in _flat(data[key])]
    if not parts:
        return text
    level = next((str(data[key]) for key in _LEVEL_KEYS if isinstance(data.get(key), str)), "")
    said = " ".join(" ".join(parts).split())
    return f"[{level.upper()}] {said}" if level else said


def _flat(value: Any, depth: int = 0) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict) and depth < 3:
        for inner in value.values():
            yield from _flat(inner, depth + 1)


def unflatten(text: str) -> tuple[str, ...]:
    """Return the lines that a text of one line once had; the text itself where nothing shows them."""
    if len(text) < _FLAT:
        return (text,)
    failed = [found[1] for found in _FAILED.finditer(text)]
    return tuple(line for piece in _BEGINNING.split(text, _MOST_SPLITS) for line in _echo_apart(piece, failed))


def _echo_apart(piece: str, failed: Sequence[str]) -> tuple[str, ...]:
    """Take the echo of a command and the output that ran into it apart.

    Only a command that failed is named again, so that its end is known; of others the first word is taken.
    """
    found = _RUN.match(piece)
    if found is None:
        return (piece,)
    rest = piece[found.end() :]
    command = next((text for text in failed if rest.startswith(text)), "")
    end = len(command) or len(rest.split(" ", 1)[0])
    return (piece[: found.end() + end], rest[end:].lstrip())


def is_quoted(data: bytes) -> bool:
    """Whether every line at the head of a text is quoted (``> ``), as in mails and issues."""
    lines = [line for line in data.split(b"\n", _QUOTE_LOOK)[:_QUOTE_LOOK] if line.strip()]
    return bool(lines) and all(line.lstrip().startswith(b">") for line in lines)


def unquote(data: bytes) -> bytes:
    """Return whole lines without the marks of quotation at their beginnings."""
    return _QUOTE.sub(b"", data)


def message_lines(message: str) -> tuple[str, ...]:
    """Return the lines of a service's message, cleaned, without blank ones.

    Lines that have lost their line ends are split again; marks of quotation are taken away.
    """
    text = message[: MAX_LINE * 40]
    raw = text.encode("utf-8", "replace")
    if is_quoted(raw):
        text = unquote(raw).decode("utf-8", "replace")
    if "\n" not in text.strip():
        text = "\n".join(unflatten(text.strip()))
    text = _AGENT.sub("\n", text)
    return tuple(line for raw_line in text.split("\n") if (line := clean_line(raw_line[: MAX_LINE * 2])))
