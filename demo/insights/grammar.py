"""From tokens to commands: recursive descent, with the place of whatever does not read."""

from dataclasses import dataclass, field
from typing import Any, TypeAlias

from demo.insights.tokens import QueryError, Token, tokens

__all__ = ["AGGREGATES", "FUNCTIONS", "Command", "Expression", "parse_query"]

# ("field", name) ("value", x) ("regex", pattern) ("list", [..]) ("call", name, [..]) (operator, left, right) ("not", x)
Expression: TypeAlias = tuple[Any, ...]

AGGREGATES = frozenset({"count", "count_distinct", "sum", "avg", "min", "max", "earliest", "latest", "pct", "stddev"})
FUNCTIONS = frozenset(
    {
        "abs", "bin", "ceil", "coalesce", "concat", "datefloor", "floor", "isblank", "isempty", "ispresent", "ltrim",
        "rtrim", "strcontains", "strlen", "substr", "tolower", "toupper", "trim",
    }
)  # fmt: skip
_COMMANDS = ("fields", "display", "filter", "sort", "limit", "stats", "parse", "dedup")
_LEVELS: tuple[tuple[str, ...], ...] = (("+", "-"), ("*", "/", "%"))


@dataclass(slots=True)
class Command:
    """One step of a query.

    Attributes:
        name: its keyword.
        columns: (expression, name of the result) of fields, display, stats, dedup and sort.
        by: the same for ``stats … by``.
        where: a filter's condition.
        limit: of ``limit``.
        descending: as many flags as ``sort`` has columns.
        pattern: of ``parse``: a regular expression, or a glob with ``*``.
    """

    name: str
    columns: list[tuple[Expression, str]] = field(default_factory=list)
    by: list[tuple[Expression, str]] = field(default_factory=list)
    where: Expression | None = None
    limit: int | None = None
    descending: list[bool] = field(default_factory=list)
    pattern: Expression | None = None


def parse_query(text: str) -> list[Command]:
    """Read a query.

    Raises:
        QueryError: it does not read.
    """
    return _Parser(text).query()


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokens(text)
        self._at = 0

    @property
    def _here(self) -> Token:
        return self._tokens[self._at]

    def _next(self) -> Token:
        token = self._here
        self._at += token.kind != "end"
        return token

    def _take(self, *words: str) -> str:
        """Step over one of these words, or return nothing."""
        word = self._here.word
        if word and word in words:
            self._at += 1
            return word
        return ""

    def _need(self, word: str) -> None:
        if not self._take(word):
            raise self._wrong()

    def _wrong(self, said: str = "") -> QueryError:
        token = self._here
        what = "unexpected end of query" if token.kind == "end" else f"unexpected symbol found {token.text}"
        return QueryError(said or what, token.start, max(token.end, token.start + 1))

    def query(self) -> list[Command]:
        commands = [self._command()]
        while self._take("|"):
            commands.append(self._command())
        if self._here.kind != "end":
            raise self._wrong()
        return commands

    def _command(self) -> Command:
        name = self._take(*_COMMANDS)
        if not name:
            raise self._wrong()
        command = Command(name)
        getattr(self, f"_{name}")(command)
        return command

    def _fields(self, command: Command) -> None:
        command.columns = self._columns(self._expression)

    _display = _fields
    _dedup = _fields

    def _stats(self, command: Command) -> None:
        command.columns = self._columns(self._aggregate)
        if self._take("by"):
            command.by = self._columns(self._expression)

    def _filter(self, command: Command) -> None:
        command.where = self._expression()

    def _limit(self, command: Command) -> None:
        token = self._next()
        if token.kind != "number" or not token.text.isdigit():
            self._at -= token.kind != "end"
            raise self._wrong()
        command.limit = int(token.text)

    def _sort(self, command: Command) -> None:
        while True:
            start = self._here.start
            expression = self._expression()
            command.columns.append((expression, self._text[start : self._tokens[self._at - 1].end].strip("`")))
            command.descending.append(self._take("asc", "desc") == "desc")
            if not self._take(","):
                return

    def _parse(self, command: Command) -> None:
        source: Expression = ("field", "@message")
        if self._here.kind in {"name", "quoted"}:
            source = self._primary()
        token = self._next()
        if token.kind not in {"text", "regex"}:
            self._at -= token.kind != "end"
            raise self._wrong()
        command.pattern = self._literal(token)
        names: list[str] = []
        if self._take("as"):
            names = [self._name()]
            while self._take(","):
                names.append(self._name())
        command.columns = [(source, name) for name in names] or [(source, "")]

    def _columns(self, read: Any) -> list[tuple[Expression, str]]:
        found = []
        while True:
            start = self._here.start
            expression = read()
            text = self._text[start : self._tokens[self._at - 1].end]
            found.append((expression, self._name() if self._take("as") else text.strip("`")))
            if not self._take(","):
                return found

    def _name(self) -> str:
        token = self._next()
        if token.kind not in {"name", "quoted"}:
            self._at -= token.kind != "end"
            raise self._wrong()
        return token.text.strip("`")

    def _aggregate(self) -> Expression:
        token = self._here
        if token.word not in AGGREGATES:
            raise self._wrong(f"{token.text or 'end of query'} is no aggregation" if token.kind != "end" else "")
        self._at += 1
        self._need("(")
        arguments: list[Expression] = []
        if self._take("*"):
            pass
        elif self._here.word != ")":
            arguments = self._arguments()
        self._need(")")
        return ("call", token.word, arguments)

    def _arguments(self) -> list[Expression]:
        found = [self._expression()]
        while self._take(","):
            found.append(self._expression())
        return found

    def _expression(self) -> Expression:
        left = self._both()
        while self._take("or"):
            left = ("or", left, self._both())
        return left

    def _both(self) -> Expression:
        left = self._not()
        while self._take("and"):
            left = ("and", left, self._not())
        return left

    def _not(self) -> Expression:
        return ("not", self._not()) if self._take("not") else self._comparison()

    def _comparison(self) -> Expression:
        left = self._sum(0)
        sign = self._take("=", "!=", "<", "<=", ">", ">=", "=~", "like", "in")
        if sign:
            return ("like" if sign == "=~" else sign, left, self._sum(0))
        if self._take("not"):
            sign = self._take("like", "in")
            if not sign:
                raise self._wrong()
            return ("not", (sign, left, self._sum(0)))
        return left

    def _sum(self, level: int) -> Expression:
        if level == len(_LEVELS):
            return self._primary()
        left = self._sum(level + 1)
        while sign := self._take(*_LEVELS[level]):
            left = (sign, left, self._sum(level + 1))
        return left

    def _primary(self) -> Expression:
        if self._take("("):
            inner = self._expression()
            self._need(")")
            return inner
        if self._take("["):
            items = self._arguments()
            self._need("]")
            return ("list", items)
        if self._take("-"):
            return ("-", ("value", 0), self._primary())
        token = self._here
        if token.kind not in {"name", "quoted", "text", "number", "span", "regex"}:
            raise self._wrong()
        self._at += 1
        if token.kind == "name" and self._here.word == "(":
            return self._function(token)
        return self._literal(token)

    def _function(self, name: Token) -> Expression:
        if name.word not in FUNCTIONS:
            raise QueryError(f"unknown function {name.text}", name.start, name.end)
        self._need("(")
        arguments = [] if self._here.word == ")" else self._arguments()
        self._need(")")
        return ("call", name.word, arguments)

    @staticmethod
    def _literal(token: Token) -> Expression:
        text = token.text
        if token.kind == "text":
            return ("value", text[1:-1].replace(f"\\{text[0]}", text[0]))
        if token.kind == "number":
            return ("value", float(text) if "." in text else int(text))
        if token.kind == "regex":
            body, _, flags = text[1:].rpartition("/")
            return ("regex", f"(?i){body}" if "i" in flags else body)
        return ("span", text) if token.kind == "span" else ("field", text.strip("`"))
