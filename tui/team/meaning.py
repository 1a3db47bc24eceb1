"""From a document of the right form to what it means; every name, pattern and expression in it is checked."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from core.causes import CAUSES
from core.plan import Risk
from core.signatures.safety import fault_of
from tui.team.document import Path_
from tui.team.expression import BadExpression, Expression, Template, compiled, template
from tui.team.scope import KNOWN
from tui.team.spec import (
    AppliesSpec,
    AskSpec,
    BookSpec,
    CallSpec,
    ExpectSpec,
    FindingSpec,
    FixSpec,
    LogSpec,
    StepSpec,
)

__all__ = ["Meaning"]

_Table = Mapping[str, Any]
_NOTHING = Template(("",))
_DEFAULT_CONFIDENCE = 0.6


class Meaning:
    """Reads one document; what is wrong with its sense lands in `faults`, and reading goes on.

    `is_read` says of a service and an operation whether it only reads.
    """

    def __init__(self, is_read: Callable[[str, str], bool]) -> None:
        self.faults: list[tuple[Path_, str]] = []
        self._is_read = is_read
        self._calls: dict[str, CallSpec] = {}
        self._step_of: dict[str, str] = {}
        self._steps: list[str] = []

    def book(self, value: _Table) -> BookSpec:
        """Return what a whole file means."""
        applies = value.get("applies", {})
        steps = tuple(self._step(each, ("steps", number)) for number, each in enumerate(value["steps"]))
        error = applies.get("error", "")
        if error:
            self._pattern(error, ("applies", "error"))
        lists = {name: _listed(applies.get(name)) for name in ("category", "provider", "pipeline", "condition")}
        spec = AppliesSpec(error=error, fit=float(applies.get("fit", 0.7)), **lists)
        return BookSpec(value["id"], value["title"], value["summary"], spec, steps)

    def _step(self, value: _Table, path: Path_) -> StepSpec:
        name = value["id"]
        if name in self._steps:
            self._fault((*path, "id"), f"there is a step {name} already")
        if not {"expect", "log", "ask"} & set(value):
            self._fault(path, "a step needs expect, log or ask: else it has no answer")
        when = self._expression(value["when"], (*path, "when"), of_answers=True) if "when" in value else None
        own = [self._call(each, (*path, "calls", n), name) for n, each in enumerate(value.get("calls", ()))]
        expect = self._expect(value["expect"], (*path, "expect")) if "expect" in value else None
        log = self._log(value.get("log", ()), (*path, "log"))
        matched = frozenset({"match"}) if log else frozenset[str]()
        used = set(expect.needs if expect else ()) | {call.name for call in own}
        used |= self._used_in_words(value)
        step = StepSpec(
            id=name,
            question=value["question"],
            why=value["why"],
            after=self._after(value, path, when, used),
            when=when,
            calls=self._closure(used),
            own=frozenset(call.name for call in own),
            expect=expect,
            log=log,
            ask=self._ask(value["ask"], (*path, "ask")) if "ask" in value else None,
            links=tuple(
                (self._text(each["title"], (*path, "links", n)), self._text(each["url"], (*path, "links", n)))
                for n, each in enumerate(value.get("links", ()))
            ),
            findings=tuple(
                self._finding(each, (*path, "findings", n), log, matched, has_expect=expect is not None)
                for n, each in enumerate(value.get("findings", ()))
            ),
        )
        self._steps.append(name)
        return step

    def _after(self, value: _Table, path: Path_, when: Expression | None, used: Iterable[str]) -> tuple[str, ...]:
        """The steps that come first: those named, those whose answers `when` asks for, those whose calls are used."""
        named = list(value.get("after", ()))
        for number, each in enumerate(named):
            if each not in self._steps:
                self._fault((*path, "after", number), f"there is no step {each} before this one")
        named += [below for root, below in (when.roots if when else ()) if root == "answers" and below]
        closed = self._closure(used)
        named += [self._step_of[call.name] for call in closed if self._step_of[call.name] != value["id"]]
        return tuple(dict.fromkeys(each for each in named if each in self._steps))

    def _closure(self, used: Iterable[str]) -> tuple[CallSpec, ...]:
        """The calls named and all that they build on, in the order of the file."""
        wanted, left = set[str](), [each for each in used if each in self._calls]
        while left:
            name = left.pop()
            if name not in wanted:
                wanted.add(name)
                left += self._calls[name].needs
        return tuple(call for name, call in self._calls.items() if name in wanted)

    def _call(self, value: _Table, path: Path_, step: str) -> CallSpec:
        name, service, operation = value["name"], value["service"], value["operation"]
        if not self._is_read(service, operation):
            words = f"{service} {operation} is not an operation that only reads; playbooks never change anything"
            self._fault((*path, "operation"), words)
        if name in self._calls or name in {*KNOWN, "match", "answers"}:
            self._fault((*path, "name"), f"the name {name} is taken")
        found: list[Expression] = []
        params = self._params(value.get("params", {}), (*path, "params"), found)
        region = self._text(value["region"], (*path, "region")) if "region" in value else None
        found += region.expressions if region else ()
        call = CallSpec(name, service, operation, params, region, self._needs(found), tuple(found))
        self._calls[name] = call
        self._step_of[name] = step
        return call

    def _params(self, value: Any, path: Path_, found: list[Expression]) -> Any:
        if isinstance(value, dict):
            return {name: self._params(each, (*path, name), found) for name, each in value.items()}
        if isinstance(value, list):
            return [self._params(each, (*path, number), found) for number, each in enumerate(value)]
        if not isinstance(value, str):
            return value
        text = self._text(value, path)
        found += text.expressions
        return text

    def _expect(self, value: _Table, path: Path_) -> ExpectSpec:
        that = self._expression(value["that"], (*path, "that"))
        words = {"passed": f"It holds: {_braced(value['that'])}", "failed": f"Does not hold: {_braced(value['that'])}"}
        passed, failed = (self._text(value.get(name, words[name]), (*path, name)) for name in ("passed", "failed"))
        needs = self._needs((*((that,) if that else ()), *passed.expressions, *failed.expressions))
        return ExpectSpec(that or compiled("`null`"), passed, failed, needs)

    def _log(self, values: Iterable[_Table], path: Path_) -> tuple[LogSpec, ...]:
        found: list[LogSpec] = []
        for number, each in enumerate(values):
            here = (*path, number)
            self._pattern(each["pattern"], (*here, "pattern"))
            if each["id"] in {spec.id for spec in found}:
                self._fault((*here, "id"), f"there is a pattern {each['id']} already")
            says = each.get("says", "The log says: {match.line}")
            words = self._text(says, (*here, "says"), frozenset({"match"}))
            found.append(LogSpec(each["id"], each["pattern"], words))
        return tuple(found)

    def _ask(self, value: _Table, path: Path_) -> AskSpec:
        look = tuple(self._text(each, (*path, "look", n)) for n, each in enumerate(value.get("look", ())))
        link = self._text(value["link"], (*path, "link")) if "link" in value else None
        return AskSpec(self._text(value["text"], (*path, "text")), look, link)

    def _finding(
        self, value: _Table, path: Path_, log: tuple[LogSpec, ...], more: frozenset[str], *, has_expect: bool
    ) -> FindingSpec:
        when, cause, proven = value.get("when", ""), value["cause"], value.get("proven", False)
        if cause not in CAUSES:
            self._fault((*path, "cause"), f"{cause} is no cause of the vocabulary")
        if when and when not in {each.id for each in log}:
            self._fault((*path, "when"), f"there is no log pattern {when} in this step")
        if proven and (when or not has_expect):
            self._fault((*path, "proven"), "only an expectation proves a cause; a line in a log does not")
        words = [
            self._text(value[name], (*path, name), more) if name in value else _NOTHING
            for name in ("title", "summary", "disproved_by")
        ]
        fixes = tuple(self._fix(each, (*path, "fixes", n), more) for n, each in enumerate(value.get("fixes", ())))
        confidence = float(value.get("confidence", _DEFAULT_CONFIDENCE))
        return FindingSpec(cause, confidence, proven, when, words[0], words[1], words[2], fixes)

    def _fix(self, value: _Table, path: Path_, more: frozenset[str]) -> FixSpec:
        for number, each in enumerate(value.get("commands", ())):
            if _quoted_braces(each):
                words = "a value in a command stands outside quotes, and no backslash with it: it is quoted by itself"
                self._fault((*path, "commands", number), words)
        steps, commands = (
            tuple(self._text(each, (*path, name, n), more) for n, each in enumerate(value.get(name, ())))
            for name in ("steps", "commands")
        )
        url = self._text(value["console_url"], (*path, "console_url"), more) if "console_url" in value else None
        title = self._text(value["title"], (*path, "title"), more)
        return FixSpec(title, Risk(value.get("risk", "low")), steps, commands, url)

    def _used_in_words(self, value: _Table) -> set[str]:
        """Names of calls that the step's words build on."""
        texts = list(_texts([value.get(name) for name in ("ask", "links", "findings", "log")]))
        found: set[str] = set()
        for each in texts:
            try:
                found |= self._needs(template(each).expressions)
            except BadExpression:
                continue  # reported where the text itself is read, or a pattern with braces of its own
        return found

    def _text(self, text: str, path: Path_, more: frozenset[str] = frozenset()) -> Template:
        try:
            found = template(text)
        except BadExpression as error:
            self._fault(path, str(error))
            return _NOTHING
        for each in found.expressions:
            self._names(each, path, more)
        return found

    def _expression(self, source: str, path: Path_, *, of_answers: bool = False) -> Expression | None:
        try:
            found = compiled(source)
        except BadExpression as error:
            self._fault(path, str(error))
            return None
        if of_answers:
            self._names(found, path, frozenset({"answers"}), calls=False)
            for root, below in found.roots:
                if root == "answers" and below not in self._steps:
                    self._fault(path, f"there is no step {below} before this one")
        else:
            self._names(found, path)
        return found

    def _names(self, found: Expression, path: Path_, more: frozenset[str] = frozenset(), *, calls: bool = True) -> None:
        """Check that each name an expression asks for is there."""
        for root, below in sorted(found.roots):
            if root in more or (calls and root in self._calls):
                continue
            if root not in KNOWN:
                named = f"{root} is not known here"
                self._fault(path, f"{named}: neither a name of the pipeline's nor an earlier call")
            elif below and below not in KNOWN[root]:
                self._fault(path, f"{root} has no {below}; it has {', '.join(sorted(KNOWN[root])) or 'nothing below'}")

    def _needs(self, found: Iterable[Expression]) -> frozenset[str]:
        return frozenset(root for each in found for root, _ in each.roots if root in self._calls)

    def _pattern(self, pattern: str, path: Path_) -> None:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                re.compile(pattern)
            reason = fault_of(pattern)
        except (re.error, Warning, OverflowError, RecursionError) as error:
            reason = f"no regular expression: {error}"
        if reason:
            self._fault(path, f"this pattern cannot be used: {reason}")

    def _fault(self, path: Path_, message: str) -> None:
        self.faults.append((path, message))


def _listed(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(value) if isinstance(value, list) else (value,)


def _braced(text: str) -> str:
    """A text in which braces are meant as braces."""
    return text.replace("{", "{{").replace("}", "}}")


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def _quoted_braces(command: str) -> bool:
    """Whether a value would be put between quotes (or may be, past a backslash): its own quoting would open them."""
    if "\\" in command and "{" in command.replace("{{", ""):
        return True
    quote = ""
    for place, char in enumerate(command):
        if char == "{" and quote and "{" not in (command[place + 1 : place + 2], command[place - 1 : place]):
            return True
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
    return False
