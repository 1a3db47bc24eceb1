"""A line laid out for reading: JSON indented, overwrites one below the other. Standard library only."""

import json
import re

__all__ = ["is_json", "laid_out", "language_of"]

_PART = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
_BREAK = re.compile(r"(?<!\\)((?:\\\\)*\\n)(?!\"$)")
_TRACE = re.compile(r"(?m)^Traceback \(most recent call last\):|^\s+File \"[^\"]+\", line \d+")
_SQL = re.compile(
    r"(?i)\s*(?:--.*\n\s*)*(?:select\b.+\bfrom\b|insert\s+into\b|update\b.+\bset\b|delete\s+from\b|with\s+\w+\s+as\s*\("
    r"|(?:create|alter|drop)\s+(?:unique\s+)?(?:table|index|view|schema|database)\b)",
    re.DOTALL,
)
_YAML_LINE = re.compile(r"\s*(?:- )?[\w./\"'-]+:(?: .*)?|\s*- .+|\s*#.*|---|\s*")


def laid_out(text: str) -> tuple[str, str]:
    """Return a line laid out for reading, and the language it is in (empty for none).

    JSON is found where it begins, after a prefix such as a time or a logger's name, which stays above it. Its values
    stay as they were written; a text with line ends in it is broken after each. Of a line with bare carriage returns
    each overwrite stands on a line of its own.
    """
    at = _json_at(text)
    if at is None:
        if "\r" in text.rstrip("\r"):
            return "\n".join(part for part in text.split("\r") if part), ""
        return text, language_of(text)
    prefix = text[:at].rstrip()
    laid = _indented(text[at:])
    return (f"{prefix}\n{laid}" if prefix else laid), "json"


def is_json(text: str) -> bool:
    """Whether a line ends in a JSON object or list that is worth to be laid out."""
    return _json_at(text) is not None


def _json_at(text: str) -> int | None:
    if not text.rstrip().endswith(("}", "]")):
        return None
    for at in (text.find("{"), text.find("[")):
        if at < 0:
            continue
        try:
            value, end = json.JSONDecoder().raw_decode(text, at)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict | list) and value and not text[end:].strip():
            return at
    return None


def _indented(text: str) -> str:
    """JSON with an element a line, every value as it was written."""
    out: list[str] = []
    depth = 0
    before = ""
    for part in _PART.findall(text):
        if part in "}]":
            depth -= 1
            if before not in "{[":
                out.append("\n" + "  " * depth)
        elif before and before in "{[,":
            out.append("\n" + "  " * depth)
        if part[0] == '"':
            out.append(_BREAK.sub(r"\1" + "\n" + "  " * (depth + 1), part) if "\\n" in part else part)
        else:
            out.append(": " if part == ":" else part)
        depth += part in "{["
        before = part
    return "".join(out)


def language_of(text: str) -> str:
    """Name the language that a text seems to be in, as pygments does; empty where it is none that helps reading."""
    if _TRACE.search(text):
        return "pytb"
    if _SQL.match(text):
        return "sql"
    lines = text.split("\n")
    if len(lines) > 1:
        if text.lstrip().startswith(("{", "[")) and is_json(text.replace("\n", " ")):
            return "json"
        if all(_YAML_LINE.fullmatch(line) for line in lines) and any(": " in line for line in lines):
            return "yaml"
    return ""
