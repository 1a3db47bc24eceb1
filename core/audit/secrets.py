"""Whether a setting holds a secret, by its name or by the look of its value. The value itself is never handed on. Pure.

Source for the forms of references: the user guides of CodeBuild (environment variables), CodePipeline (variables
``#{namespace.name}``) and CloudFormation (dynamic references ``{{resolve:…}}``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.redact import has_credential, mask_secrets

__all__ = ["looks_secret", "secret_lines", "why_secret"]

_TELLING = re.compile(
    r"(?i)(?:^|[_.-])(?:password|passwd|pwd|passphrase|secret|token|api[_-]?key|apikey|private[_-]?key|access[_-]?key"
    r"|secret[_-]?key|credentials?|auth|pat|dsn|connection[_-]?string|signing[_-]?key|encryption[_-]?key|client[_-]?secret)"
    r"s?(?:$|[_.-])"
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# What tells where a secret lies, or anything else about it, is none.
_ABOUT = re.compile(
    r"(?i)(?:^|[_.-])(?:arn|name|id|path|url|uri|file|type|ttl|expiry|expires|length|param(?:eter)?|version|stage|region"
    r"|provider|enabled|mode|method|required|policy|endpoint|host|header|scopes?|issuer|audience|username|user|count|env|alias"
    r"|bucket|backend|manager|store|group|role|prefix|suffix|label|format|domain|header|salt_?rounds)$"
)
_REFERENCE = re.compile(
    r"^(?:arn:|\$|#\{|\{\{|/[\w.@/-]+$|https?://(?![^/@\s]+:[^/@\s]+@)|ssm:|secretsmanager:|op://|vault:)"
)
_PLAIN = re.compile(
    r"(?i)^(?:true|false|yes|no|on|off|none|null|disabled|enabled|changeme|\d{1,6}|\*+|x{3,}|<[^>]*>)?$"
)


def looks_secret(name: str, value: str) -> bool:
    """Return whether a plain setting of that name and value gives a secret away."""
    return bool(why_secret(name, value))


def why_secret(name: str, value: str) -> str:
    """Return what gives it away, without the value; empty for nothing."""
    value = value.strip()
    if has_credential(value):
        return f"its value ({len(value)} characters) has the form of a credential"
    if not value or _PLAIN.match(value) or _REFERENCE.match(value):
        return ""
    if mask_secrets(value) != value:
        return f"its value ({len(value)} characters) has a part that is one"
    if " " in value:
        return ""
    spaced = _CAMEL.sub("_", name)
    if _TELLING.search(spaced) and not _ABOUT.search(spaced) and len(value) >= 6:
        return f"its name says so, and it has a plain value of {len(value)} characters"
    return ""


_ASSIGNED = re.compile(
    r"""(?:^|[\s;&|"'-])(?:export\s+|set\s+|-e\s+|--env[ =])?(?P<name>[A-Za-z_][\w.-]{1,60})\s*(?P<sign>[:=])\s*"""
    r"""(?P<quote>["']?)(?P<value>[^\s"'#;&|]+)(?P=quote)"""
)


def secret_lines(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield (line from 1, name, what gives it away) for secrets written into a buildspec or script.

    The sections ``parameter-store`` and ``secrets-manager`` of a buildspec name where secrets lie and are passed over.
    """
    skipped: int | None = None
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.strip()
        indent = len(line) - len(line.lstrip())
        if skipped is not None and stripped and indent <= skipped:
            skipped = None
        if re.match(r"""["']?(?:parameter-store|secrets-manager)["']?\s*:""", stripped):
            skipped = indent
            continue
        if skipped is not None or not stripped or stripped.startswith("#"):
            continue
        found = next(
            (
                (each["name"], why)
                for each in _ASSIGNED.finditer(line)
                if (why := why_secret(each["name"], each["value"]))
            ),
            None,
        )
        if found is None and has_credential(line):
            found = ("", "the line has the form of a credential")
        if found:
            yield number, *found
