"""Names that failures hold whatever their cause: role, action, resource, exit code, image, file, bucket, and so on."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["extract"]

_MAX_TEXT = 8000
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("action", r"(?:not authorized to perform|to perform|allows? the):? (?P<v>[a-z0-9-]{2,40}:[A-Za-z*]{3,80})"),
        ("resource", r"on (?:the )?resource:? [\"']?(?P<v>arn:[\w*:/.@=+,#\-]{5,400})"),
        ("principal", r"[Uu]ser: (?P<v>arn:[\w*:/.@=+,\-]{5,300})"),
        ("role", r"(?P<v>arn:aws[\w-]{0,10}:iam::[\w*]{1,20}:role/[\w+=,.@/\-]{1,200})"),
        ("role", r"assumed-role/(?P<v>[\w+=,.@-]{1,64})/"),
        ("exit_code", r"(?:exit(?:ed)?(?: with)?(?: non-zero)?(?: exit)? ?(?:status|code)|returned a non-zero code)[:=]? ?(?P<v>\d{1,5})\b"),
        ("image", r"(?P<v>\b[\w.-]{1,80}\.dkr\.ecr\.[\w-]{4,30}\.amazonaws\.com(?:\.cn)?/[\w./-]{1,200}(?:[:@][\w.:-]{1,120})?)"),
        ("bucket", r"arn:aws[\w-]{0,10}:s3:::(?P<v>[\w.-]{3,63})|\bs3://(?P<w>[\w.-]{3,63})"),
        ("key", r"(?P<v>arn:aws[\w-]{0,10}:kms:[\w-]{4,30}:\d{12}:(?:key|alias)/[\w/-]{3,80})"),
        ("secret", r"(?P<v>arn:aws[\w-]{0,10}:secretsmanager:[\w-]{4,30}:\d{12}:secret:[\w/+=.@-]{1,200})"),
        ("secret", r"(?P<v>arn:aws[\w-]{0,10}:ssm:[\w-]{4,30}:\d{12}:parameter/[\w/.-]{1,200})"),
        ("connection", r"(?P<v>arn:aws[\w-]{0,10}:code(?:star-)?connections:[\w-]{4,30}:\d{12}:connection/[\w-]{8,60})"),
        ("stack", r"(?P<v>arn:aws[\w-]{0,10}:cloudformation:[\w-]{4,30}:\d{12}:stack/[\w-]{1,128}(?:/[\w-]{8,60})?)"),
        ("command", r"(?:did not exit successfully|executing command:) (?P<v>.{1,200}?)(?:\. Reason: | exit status |$)"),
        ("request_id", r"[Rr]equest ?I[Dd]: (?P<v>[\w-]{8,64})"),
    )
)  # fmt: skip


def extract(texts: Iterable[str]) -> dict[str, str]:
    """Return the names found in the texts; the first text that holds a name gives it."""
    found: dict[str, str] = {}
    for text in texts:
        piece = text[:_MAX_TEXT]
        for name, pattern in _PATTERNS:
            if name in found:
                continue
            match = pattern.search(piece)
            if match is not None:
                value = match["v"] or match.groupdict().get("w") or ""
                found[name] = value.rstrip(".,;:\"'")
    return found
