"""A report made fit to leave the house: control characters and secrets out, and account ids on request.

An account id is twelve digits (IAM user guide, "View AWS account identifiers"). On request every one that stands alone
is replaced, and those known to be accounts also where they stand within a name, or are written as ``1111-2222-3333``.
The same account gets the same stand-in everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any, TypeVar

from core.redact import mask_secrets
from core.report.model import Report
from core.text import sanitize

__all__ = ["redacted"]

T = TypeVar("T")
# Not within longer words or numbers, and not the last group of a UUID.
_ALONE = re.compile(r"(?<![0-9A-Za-z])(?<![0-9a-f]{4}-)\d{12}(?![0-9A-Za-z])")
_IN_ARN = re.compile(r"\barn:[\w-]+:[\w-]*:[\w-]*:(\d{12}):")
_LINKS = frozenset({"url"})


class _Accounts:
    """Stand-ins for account ids, in the order in which they are met."""

    def __init__(self, known: Iterable[str]) -> None:
        self._names: dict[str, str] = {}
        for each in known:
            self._name(each)
        self._known = tuple(self._names)

    def _name(self, account: str) -> str:
        return self._names.setdefault(account, f"[account {len(self._names) + 1}]")

    def hide(self, text: str) -> str:
        """Return text without account ids."""
        for known in self._known:
            dashed = f"{known[:4]}-{known[4:8]}-{known[8:]}"
            text = re.sub(rf"(?<!\d){known}(?!\d)|(?<!\d){dashed}(?!\d)", self._name(known), text)
        return _ALONE.sub(lambda found: self._name(found[0]), text)


def redacted(report: Report, *, accounts: bool = False) -> Report:
    """Return a report that may be shown: harmless text, no secrets; with `accounts`, no account ids either."""
    clean = _mapped(report, lambda text: mask_secrets(sanitize(text)))
    if not accounts:
        return clean
    known = dict.fromkeys([*([report.account] if report.account else []), *_found(clean)])
    hide = _Accounts(known).hide
    return replace(_mapped(clean, hide, drop_links=True), redacted=True)


def _found(value: Any) -> list[str]:
    """Account ids that stand in ARNs, anywhere."""
    if isinstance(value, str):
        return _IN_ARN.findall(value)
    if is_dataclass(value):
        value = tuple(getattr(value, each.name) for each in fields(value))
    return [one for each in value for one in _found(each)] if isinstance(value, tuple) else []


def _mapped(value: T, change: Callable[[str], str], *, drop_links: bool = False) -> T:
    """Return a value with every text in it changed; a link that would change is dropped, for it would lead nowhere."""
    return _walk(value, change, drop_links)  # type: ignore[no-any-return]


def _walk(value: Any, change: Callable[[str], str], drop_links: bool) -> Any:
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return change(value)
    if isinstance(value, tuple):
        return tuple(_walk(each, change, drop_links) for each in value)
    if not is_dataclass(value) or isinstance(value, type):
        return value
    changed: dict[str, Any] = {}
    for each in fields(value):
        before = getattr(value, each.name)
        after = _walk(before, change, drop_links)
        changed[each.name] = "" if drop_links and each.name in _LINKS and after != before else after
    return replace(value, **changed)
