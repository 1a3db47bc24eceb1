"""What forms have in common: numbers, words, and what an answer changed. Pure."""

from __future__ import annotations

from core.actions.model import Answers, Choice
from core.errors import UsageError

__all__ = ["changed", "choices", "number", "pairs", "words"]


def words(text: str) -> list[str]:
    """Return the words of an answer: spaces or commas between them."""
    return text.replace(",", " ").split()


def number(name: str, text: str, least: int, most: int) -> int:
    """Return an answer as a number.

    Raises:
        UsageError: it is none, or out of bounds.
    """
    if not text.isdigit() or not least <= int(text) <= most:
        raise UsageError(f"{name} is a number from {least} to {most}, not {text!r}.")
    return int(text)


def pairs(text: str) -> list[tuple[str, str]]:
    """Return the pairs within ``NAME=value NAME=value``.

    Raises:
        UsageError: a word without a name or an equals sign.
    """
    found = []
    for word in text.split():
        name, equals, value = word.partition("=")
        if not name or not equals:
            raise UsageError(f"{word!r} is no NAME=value.")
        found.append((name, value))
    return found


def changed(given: Answers, name: str, before: str) -> str | None:
    """Return an answer that differs from what was there, None where it does not (or was not asked)."""
    answer = given.get(name)
    return None if answer is None or answer == before else answer


def choices(values: tuple[str, ...], now: str) -> tuple[Choice, ...]:
    """Return choices of plain values; the present one, if it is another, is one of them."""
    listed = values if now in values or not now else (now, *values)
    return tuple(Choice(value, f"{value}   (now)" if value == now else value) for value in listed)
