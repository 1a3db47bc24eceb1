"""Splits code into lines of Content with style expressions of the theme, by pygments."""

import re
from functools import lru_cache

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Token, _TokenType
from pygments.util import ClassNotFound
from textual.content import Content, Span

from widgets.ink import TAB_SIZE, visible

_STYLES: dict[_TokenType, str] = {
    Token.Comment: "italic $foreground 55%",
    Token.Error: "$text-error",
    Token.Generic.Deleted: "$text-error",
    Token.Generic.Inserted: "$text-success",
    Token.Generic.Heading: "bold $text-primary",
    Token.Generic.Subheading: "$text-primary",
    Token.Keyword: "$text-accent",
    Token.Keyword.Constant: "bold $text-accent",
    Token.Literal.Number: "$text-warning",
    Token.Literal.String: "$text-success",
    Token.Name.Tag: "$text-primary",
    Token.Name.Attribute: "$text-primary",
    Token.Name.Function: "$text-primary",
    Token.Name.Class: "bold $text-primary",
    Token.Name.Variable: "$text-secondary",
    Token.Operator.Word: "$text-accent",
    Token.Punctuation: "$foreground 70%",
}


# What stands above JSON in a line of a log that was laid out: a time, a logger's name.
_BEFORE_JSON = re.compile(r"((?![\s{\[\"])[^\n]*)\n(?=[{\[])")


@lru_cache(maxsize=256)
def _style_of(token: _TokenType) -> str:
    while token not in _STYLES and token.parent is not None:
        token = token.parent
    return _STYLES.get(token, "")


@lru_cache(maxsize=16)
def _lexer(language: str) -> Lexer | None:
    try:
        return get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None


def _normal(code: str) -> str:
    """Give code whose every character stays where it is: pygments would take a bare CR for the end of a line."""
    return code.replace("\r\n", "\n").replace("\r", "\N{SYMBOL FOR CARRIAGE RETURN}").expandtabs(TAB_SIZE)


def plain_lines(code: str) -> list[Content]:
    """Split code into uncoloured lines."""
    return [Content(visible(line), strip_control_codes=False) for line in _normal(code).split("\n")]


def code_lines(code: str, language: str) -> list[Content]:
    """Split code into coloured lines; uncoloured where pygments does not know the language.

    Args:
        code: Any text.
        language: A pygments alias such as `json`, `yaml`, `bash`; empty for none.
    """
    lexer = _lexer(language) if language else None
    if lexer is None:
        return plain_lines(code)
    if language == "json" and (before := _BEFORE_JSON.match(code)) is not None:
        return [*plain_lines(before[1]), *code_lines(code[before.end() :], language)]
    lines: list[Content] = []
    text: list[str] = []
    spans: list[Span] = []
    at = 0

    def end_line() -> None:
        nonlocal at
        lines.append(Content("".join(text), spans.copy(), strip_control_codes=False))
        text.clear()
        spans.clear()
        at = 0

    for token, value in lexer.get_tokens(_normal(code)):
        style = _style_of(token)
        for i, piece in enumerate(value.split("\n")):
            if i:
                end_line()
            shown = visible(piece)
            if shown and style:
                spans.append(Span(at, at + len(shown), style))
            text.append(shown)
            at += len(shown)
    end_line()
    return lines
