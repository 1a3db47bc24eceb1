"""Values that a build was given as plain text under a name that says they are secret: known only to be hidden. Pure.

Values that CodeBuild takes from Parameter Store or Secrets Manager are not among them: they are never read, and
CodeBuild masks those of Secrets Manager itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from core.redact import MASK

__all__ = ["NO_VALUES", "SecretValues", "secret_values"]

_TELLING = re.compile(
    r"(?i)secret|token|passw|passphrase|passcode|pwd|api_?key|private_?key|access_?key(?!_?id)|credential|auth(?!or)"
)
# What a switch or a number holds is no secret, and shorter texts stand in every other line.
_HARMLESS = re.compile(r"(?i)true|false|yes|no|none|null|enabled|disabled|\d{1,7}")
_SHORTEST = 6


class SecretValues:
    """Hides values wherever they stand. It shows none of them, and keeps out of copies and comparisons.

    Args:
        values: as they are; what is too short or says nothing is left out.
    """

    __slots__ = ("_pattern",)

    def __init__(self, values: Iterable[str] = ()) -> None:
        lines = {line.strip() for value in values for line in value.split("\n")}
        fit = sorted((each for each in lines if len(each) >= _SHORTEST and not _HARMLESS.fullmatch(each)), key=len)
        found = "|".join(re.escape(each) for each in reversed(fit))
        self._pattern = re.compile(found) if found else None

    def __or__(self, other: SecretValues) -> SecretValues:
        """One that hides what either hides."""
        if not (self and other):
            return self or other
        both = SecretValues()
        both._pattern = re.compile("|".join(each.pattern for each in (self._pattern, other._pattern) if each))
        return both

    def __bool__(self) -> bool:
        return self._pattern is not None

    def __repr__(self) -> str:
        return f"SecretValues({'…' if self else ''})"

    def __reduce__(self) -> tuple[type[SecretValues], tuple[()]]:
        """Copies and pickles hold nothing: values are for this run's memory alone."""
        return SecretValues, ()

    def hide(self, text: str) -> str:
        """Return a text without the values."""
        return self._pattern.sub(MASK, text) if self._pattern else text


NO_VALUES = SecretValues()


def secret_values(variables: Iterable[Mapping[str, Any]]) -> SecretValues:
    """Take them from environment variables as BatchGetBuilds gives them (members name, value, type)."""
    return SecretValues(
        str(each.get("value") or "")
        for each in variables
        if (each.get("type") or "PLAINTEXT") == "PLAINTEXT" and _TELLING.search(str(each.get("name") or ""))
    )
