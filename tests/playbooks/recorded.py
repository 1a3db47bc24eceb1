"""Evidence from a recording: answers shaped as AWS gives them, found by operation and parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.build import LogLocation
from core.fact import Fact, Outcome

__all__ = ["Recorded", "Reply", "absent", "allows", "archive", "broken", "denied", "log", "reply"]

_EMPTY: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Reply:
    """What one operation answers; `match` are parameters that the request must have."""

    service: str
    operation: str
    value: Any = None
    match: Mapping[str, Any] = field(default_factory=lambda: _EMPTY)
    outcome: Outcome = Outcome.OK
    code: str = ""
    error: str = ""

    def fits(self, service: str, operation: str, params: Mapping[str, Any]) -> bool:
        """Whether it answers this request."""
        same = (self.service, self.operation) == (service, operation)
        return same and all(params.get(key) == value for key, value in self.match.items())


def reply(service: str, operation: str, value: Any, **match: Any) -> Reply:
    """An answer; a callable value is given the request's parameters."""
    return Reply(service, operation, value, match)


def absent(service: str, operation: str, **match: Any) -> Reply:
    """AWS answers: there is no such thing."""
    return Reply(service, operation, None, match, Outcome.NO_DATA, "ResourceNotFoundException", "not found")


def denied(service: str, operation: str, **match: Any) -> Reply:
    """AWS answers: not allowed."""
    return Reply(service, operation, None, match, Outcome.DENIED, "AccessDeniedException", "not authorized")


def broken(service: str, operation: str, **match: Any) -> Reply:
    """AWS gives no answer."""
    return Reply(service, operation, None, match, Outcome.ERROR, "InternalFailure", "try again")


def log(lines: Sequence[str], **match: Any) -> Reply:
    """A log stream's lines."""
    return Reply("logs", "GetLogEvents", {"lines": list(lines), "truncated": False}, match)


def archive(files: Mapping[str, str], *more: str, **match: Any) -> Reply:
    """A zip in S3 with these files, and more that nobody reads."""
    value = {"size": 4096, "names": [*files, *more], "files": dict(files)}
    return Reply("s3", "GetObject", value, match)


def allows(*lacking: str, explicit: Iterable[str] = (), role: str = "") -> Reply:
    """A simulation that allows all actions but those lacking (an action, or ``action resource-part``)."""
    forbidden = tuple(explicit)

    def hit(rules: Iterable[str], action: str, resource: str) -> bool:
        for rule in rules:
            name, _, part = rule.partition(" ")
            if name == action and part in resource:
                return True
        return False

    def answer(params: Mapping[str, Any]) -> Mapping[str, Any]:
        results = []
        for action in params["ActionNames"]:
            for resource in params["ResourceArns"]:
                verdict = "allowed"
                if hit(lacking, action, resource):
                    verdict = "implicitDeny"
                if hit(forbidden, action, resource):
                    verdict = "explicitDeny"
                results.append({"EvalActionName": action, "EvalResourceName": resource, "EvalDecision": verdict})
        return {"EvaluationResults": results}

    match = {"PolicySourceArn": role} if role else {}
    return Reply("iam", "SimulatePrincipalPolicy", answer, match)


class Recorded:
    """`core.fact.Evidence` over a list of replies; the first that fits answers, what none fits does not exist.

    Attributes:
        requests: every (service, operation, params) asked for, each once.
        ways: (service, region, role) of the reads made.
        everything: an outcome that all reads have, whatever the replies say.
    """

    def __init__(self, *replies: Reply, everything: Outcome | None = None) -> None:
        self._replies = replies
        self._facts: dict[str, Fact] = {}
        self.requests: list[tuple[str, str, Mapping[str, Any]]] = []
        self.everything = everything
        self.ways: set[tuple[str, str, str]] = set()

    @property
    def facts(self) -> tuple[Fact, ...]:
        """All facts so far."""
        return tuple(self._facts.values())

    @property
    def calls(self) -> int:
        """How many reads were made."""
        return len(self._facts)

    async def read(
        self,
        service: str,
        operation: str,
        params: Mapping[str, Any] | None = None,
        *,
        region: str = "",
        role_arn: str = "",
        pages: int = 10,
    ) -> Fact:
        """Answer from the replies."""
        del pages
        given = dict(params or {})
        self.ways.add((service, region, role_arn))
        return self._fact(service, operation, given, region, role_arn)

    async def again(self, n: int) -> Fact:
        """A recording answers the same again."""
        return next(fact for fact in self.facts if fact.n == n)

    async def log(self, where: LogLocation, *, limit: int = 100_000) -> Fact:
        """Answer a log from the replies."""
        del limit
        given = {"logGroupName": where.group, "logStreamName": where.stream}
        if where.s3_arn:
            return self._fact("s3", "GetObject", {"arn": where.s3_arn}, where.region, "")
        return self._fact("logs", "GetLogEvents", given, where.region, "")

    async def archive(
        self, bucket: str, key: str, names: Sequence[str], *, region: str = "", role_arn: str = ""
    ) -> Fact:
        """Answer an archive from the replies to GetObject."""
        del names
        return self._fact("s3", "GetObject", {"Bucket": bucket, "Key": key}, region, role_arn)

    def _fact(self, service: str, operation: str, params: dict[str, Any], region: str, role: str) -> Fact:
        key = f"{service}|{operation}|{sorted(params.items(), key=str)}|{region}|{role}"
        if key in self._facts:
            return self._facts[key]
        self.requests.append((service, operation, params))
        found = next((each for each in self._replies if each.fits(service, operation, params)), None)
        made = self._of(found, service, operation, params, region)
        self._facts[key] = made
        return made

    def _of(self, found: Reply | None, service: str, operation: str, params: dict[str, Any], region: str) -> Fact:
        outcome, value, code, error = Outcome.NO_DATA, None, "NotFound", "not found"
        if self.everything is not None:
            outcome, code, error = self.everything, "AccessDeniedException", "not authorized"
        elif found is not None:
            value = _call(found.value, params)
            outcome, code, error = found.outcome, found.code, found.error
        number = len(self._facts) + 1
        action = f"{service}:{operation}"
        return Fact(number, service, operation, params, outcome, value, region, code, error, action, 1000.0)


def _call(value: Any, params: Mapping[str, Any]) -> Any:
    made: Callable[[Mapping[str, Any]], Any] | Any = value
    return made(params) if callable(made) else made
