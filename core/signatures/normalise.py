"""Log lines as people would read them: without the prefixes, colours and overwrites that transport adds.

CodeBuild's agent lines begin with ``[Container] 2026/01/31 13:45:00.123456``, CodeDeploy's with ``[stderr]``,
BuildKit's with ``#12 3.456``, compose's with ``web_1  |``, CloudWatch and many tools with a time. Some are JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from core.text import sanitize

__all__ = ["MAX_LINE", "clean_line", "message_lines", "text_of"]

#: Characters of a line that are read; of a longer one its beginning and the place of interest.
MAX_LINE = 2000

_PREFIX = re.compile(
    r"^\s{0,8}(?:"
    r"\d{1,7} ?\| "
    r"|[\w.-]{1,40}[-_]\d{1,3} +\| "
    r"|\[Container\] \d{4}/\d\d/\d\d \d\d:\d\d:\d\d(?:\.\d{1,9})? "
    r"|\[(?:stderr|stdout)\]"
    r"|#\d{1,4} (?:\d{1,6}\.\d{1,3} )?"
    r"|\[?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?\]?(?:\s|$)\s{0,4}"
    r"|\[\d\d:\d\d:\d\d(?:\.\d{1,6})?\] "
    r")"
)
_MAX_PREFIXES = 5
_TEXT_KEYS = ("message", "msg", "log", "log_message", "errorMessage", "error", "err", "reason", "cause", "exception")
_LEVEL_KEYS = ("level", "log_level", "levelname", "severity", "@level")
_MAX_JSON = 64_000
_AGENT = re.compile(r"(?<=\S)\s+(?=\[Container\] \d{4}/)")


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


def message_lines(message: str) -> tuple[str, ...]:
    """Return the lines of a service's message, cleaned, without blank ones.

    Agent lines that have lost their line ends are split again.
    """
    text = _AGENT.sub("\n", message[: MAX_LINE * 40])
    return tuple(line for raw in text.split("\n") if (line := clean_line(raw[: MAX_LINE * 2])))
