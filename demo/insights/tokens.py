"""A query's text as tokens, each with its place."""

import re
from dataclasses import dataclass

__all__ = ["QueryError", "Token", "tokens"]

_TOKEN = re.compile(
    r"""
    (?P<space>\s+|\#[^\n]*)
  | (?P<regex>/(?:\\.|[^/\\\n])+/i?)
  | (?P<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
  | (?P<span>\d+(?:ms|s|m|h|d|w|mo|q|y)\b)
  | (?P<number>\d+(?:\.\d+)?)
  | (?P<quoted>`[^`]+`)
  | (?P<name>@?[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_@-]+)*)
  | (?P<sign><=|>=|!=|=~|[-=<>()\[\],|+*%^/])
    """,
    re.VERBOSE,
)


class QueryError(Exception):
    """A query that does not read.

    Args:
        message: what is wrong, without the place.
        start: offset of the first wrong character.
        end: offset after the last one.
    """

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = end


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text; `kind` is the name of its group in the grammar, or ``end``."""

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """The offset after it."""
        return self.start + len(self.text)

    @property
    def word(self) -> str:
        """A name in lower case, or a sign."""
        return self.text.lower() if self.kind in {"name", "sign"} else ""


def tokens(text: str) -> list[Token]:
    """Cut a query into tokens; the last one is the end.

    Raises:
        QueryError: a character that begins nothing.
    """
    found: list[Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match and match.lastgroup == "regex" and _divides(found):
            found.append(Token("sign", "/", at))
            at += 1
            continue
        if match is None:
            raise QueryError(f"unexpected symbol found {text[at]}", at, at + 1)
        if match.lastgroup != "space":
            found.append(Token(str(match.lastgroup), match[0], at))
        at = match.end()
    return [*found, Token("end", "", len(text))]


def _divides(before: list[Token]) -> bool:
    """Whether a slash after these tokens divides; elsewhere, and anywhere in ``parse``, it begins a pattern."""
    if not before or (before[-1].kind == "sign" and before[-1].text not in ")]") or before[-1].word == "like":
        return False
    piped = [n for n, token in enumerate(before) if token.text == "|"]
    return before[piped[-1] + 1 if piped else 0].word != "parse"
