"""Names that failures hold whatever their cause: role, action, resource, exit code, image, file, bucket, and so on."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

__all__ = ["extract"]

_MAX_TEXT = 8000
_ARN = r"arn:aws[\w-]{0,10}"
_REGION = r"[\w-]{4,30}"
_TEXTS: tuple[tuple[str, str], ...] = (
    ("action", r"(?:not authorized to perform|to perform|allows? the):? (?P<v>[a-z0-9-]{2,40}:[A-Za-z*]{3,80})"),
    ("resource", r"on (?:the )?resource:? [\"']?(?P<v>arn:[\w*:/.@=+,#\-]{5,400})"),
    ("principal", r"[Uu]ser: (?P<v>arn:[\w*:/.@=+,\-]{5,300})"),
    ("role", rf"(?P<v>{_ARN}:iam::[\w*]{{1,20}}:role/[\w+=,.@/\-]{{1,200}})"),
    ("role", r"assumed-role/(?P<v>[\w+=,.@-]{1,64})/"),
    ("exit_code", r"exit(?:ed)?(?: with)?(?: non-zero)?(?: exit)? ?(?:status|code)[:=]? ?(?P<v>\d{1,5})\b"),
    ("exit_code", r"returned a non-zero code: (?P<v>\d{1,5})\b"),
    ("image", rf"(?P<v>\b[\w.-]{{1,80}}\.dkr\.ecr\.{_REGION}\.amazonaws\.com(?:\.cn)?/[\w./:@-]{{1,300}})"),
    ("bucket", rf"{_ARN}:s3:::(?P<v>[\w.-]{{3,63}})"),
    ("bucket", r"\bs3://(?P<v>[\w.-]{3,63})"),
    ("key", rf"(?P<v>{_ARN}:kms:{_REGION}:\d{{12}}:(?:key|alias)/[\w/-]{{3,80}})"),
    ("secret", rf"(?P<v>{_ARN}:secretsmanager:{_REGION}:\d{{12}}:secret:[\w/+=.@-]{{1,200}})"),
    ("secret", rf"(?P<v>{_ARN}:ssm:{_REGION}:\d{{12}}:parameter/[\w/.-]{{1,200}})"),
    ("connection", rf"(?P<v>{_ARN}:code(?:star-)?connections:{_REGION}:\d{{12}}:connection/[\w-]{{8,60}})"),
    ("stack", rf"(?P<v>{_ARN}:cloudformation:{_REGION}:\d{{12}}:stack/[\w-]{{1,128}}(?:/[\w-]{{8,60}})?)"),
    ("command", r"executing command: (?P<v>.{1,200}?)(?:\. Reason: |$)"),
    ("command", r"did not exit successfully (?P<v>.{1,200}?)(?: exit status |$)"),
    ("request_id", r"[Rr]equest ?I[Dd]: (?P<v>[\w-]{8,64})"),
)


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((name, re.compile(text)) for name, text in _TEXTS)


def extract(texts: Iterable[str]) -> dict[str, str]:
    """Return the names found in the texts; the first text that holds a name gives it."""
    found: dict[str, str] = {}
    for text in texts:
        piece = text[:_MAX_TEXT]
        for name, pattern in _patterns():
            if name in found:
                continue
            match = pattern.search(piece)
            if match is not None:
                found[name] = match["v"].rstrip(".,;:\"'")
    return found
