"""What a linter says: one problem, where it stands, how bad it is and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

__all__ = ["Place", "Problem", "Problems", "Severity"]


class Severity(StrEnum):
    """How bad a problem is: AWS refuses it, it likely does something else than meant, or it could be better."""

    ERROR = "error"
    WARNING = "warning"
    HINT = "hint"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in a file.

    Attributes:
        line: Line, from 1.
        column: Column, from 1.
        severity: How bad it is.
        rule: Short id of what was checked, such as ``unknown-key``.
        message: What is wrong, with the names that the file uses.
        reason: Why it matters, or what to write instead; may be empty.
        reference: Address of AWS's page that says so; may be empty.
    """

    line: int
    column: int
    severity: Severity
    rule: str
    message: str
    reason: str = ""
    reference: str = ""


class Place(Protocol):
    """Anything that stands somewhere in a file."""

    @property
    def line(self) -> int:
        """Line, from 1."""

    @property
    def column(self) -> int:
        """Column, from 1."""


@dataclass(slots=True)
class Problems:
    """Gathers the problems of one file; `page` is the reference of those that name none."""

    page: str
    found: list[Problem] = field(default_factory=list)

    def _add(self, severity: Severity, at: Place, rule: str, message: str, reason: str, page: str) -> None:
        self.found.append(Problem(at.line, at.column, severity, rule, message, reason, page or self.page))

    def error(self, at: Place, rule: str, message: str, reason: str = "", page: str = "") -> None:
        """Note what AWS refuses."""
        self._add(Severity.ERROR, at, rule, message, reason, page)

    def warning(self, at: Place, rule: str, message: str, reason: str = "", page: str = "") -> None:
        """Note what likely does something else than meant."""
        self._add(Severity.WARNING, at, rule, message, reason, page)

    def hint(self, at: Place, rule: str, message: str, reason: str = "", page: str = "") -> None:
        """Note what could be better."""
        self._add(Severity.HINT, at, rule, message, reason, page)

    def all(self) -> tuple[Problem, ...]:
        """Return the problems in the order of the file, each once."""
        return tuple(sorted(dict.fromkeys(self.found), key=lambda each: (each.line, each.column)))
