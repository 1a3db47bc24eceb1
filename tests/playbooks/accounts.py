"""Simulated accounts as AWS's own answers: operation to answer, for `triage` from the pipeline's name on.

``accounts.jsonl``: the first line holds parts that several accounts share (``{"$part": n}``); each other line is an
account: name, the cause to be named first, and answers by ``service.Operation``. A text is an error (``Code:message``);
what is not there is not served. An answer may hang on the request:

* ``$by`` a parameter: one answer a value, ``""`` for the rest;
* ``$cases``: pairs of parameters that must be given and the answer, the first that fits counts;
* ``$pick``: of a list, those asked for by name, id or ARN;
* ``$echo``: ``{Name}`` stands for the request's parameter;
* ``$simulate``: IAM's simulation, which allows all but ``deny`` and ``explicit`` (an action, or an action and a part of
  the resource).
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from botocore.exceptions import DataNotFoundError
from botocore.loaders import Loader

from aws.paging import Paging
from core.errors import AwsError, Denied, Invalid, NotFound

__all__ = ["ACCOUNT", "REGION", "UNSERVED", "Account", "Answers", "accounts"]

ACCOUNT, REGION = "111122223333", "eu-west-1"
_CALLER = {"Account": ACCOUNT, "Arn": f"arn:aws:iam::{ACCOUNT}:user/oncall", "UserId": "AIDAEXAMPLE"}
# How an endpoint may answer what it does not serve.
UNSERVED: Mapping[str, str | Mapping[str, Any]] = {
    "unknown": "UnknownOperationException:not served here",
    "not found": "ResourceNotFoundException:not found",
    "denied": "AccessDeniedException:not authorized",
    "empty": {},
}


@dataclass(frozen=True)
class Account:
    """One account: the pipeline ``app`` in it, and the cause that must be named first (empty: none)."""

    name: str
    cause: str
    answers: Mapping[str, Any]
    region: str = REGION
    pipeline: str = "app"


@cache
def accounts() -> tuple[Account, ...]:
    """All accounts."""
    first, *rest = Path(__file__).with_suffix(".jsonl").read_text("utf-8").splitlines()
    parts = json.loads(first)["parts"]

    made: dict[int, Any] = {}

    def whole(answer: Any) -> Any:
        if isinstance(answer, list):
            return [whole(each) for each in answer]
        if not isinstance(answer, dict):
            return answer
        if "$part" not in answer:
            return {key: whole(each) for key, each in answer.items()}
        number = answer["$part"]
        if number not in made:
            made[number] = whole(parts[number])
        return made[number]

    rows = [json.loads(line) for line in rest]
    return tuple(
        Account(
            row["name"],
            row["cause"],
            {name: whole(answer) for name, answer in row["answers"].items()},
            row.get("region", REGION),
            row.get("pipeline", "app"),
        )
        for row in rows
    )


class Answers:
    """Stands for the room that makes calls: answers from an account, the rest as an endpoint may that lacks it."""

    def __init__(self, account: Account, unserved: str) -> None:
        self._answers = account.answers
        self._unserved = UNSERVED[unserved]
        self._now = time.time()

    async def read(
        self, place: object, service: str, operation: str, params: Mapping[str, Any], **more: object
    ) -> dict[str, Any]:
        """Answer one call, or raise what AWS says."""
        del place, more
        name = f"{service}.{operation}"
        answer = self._answers.get(name, _CALLER if name == "sts.GetCallerIdentity" else self._unserved)
        answer = self._chosen(answer, params)
        if isinstance(answer, str):
            raise _error(answer, service, operation)
        made: dict[str, Any] = self._made(answer)
        return made

    async def paging(self, place: object, service: str, operation: str) -> Paging | None:
        """How the operation pages, by botocore's models."""
        del place
        config = _paginators(service).get(operation)
        return Paging(config) if config else None

    def _chosen(self, answer: Any, params: Mapping[str, Any]) -> Any:
        while isinstance(answer, Mapping):
            if "$by" in answer:
                known = answer["answers"]
                answer = known.get(params.get(answer["$by"]), known.get("", self._unserved))
            elif "$cases" in answer:
                fits = (found for wanted, found in answer["$cases"] if _fits(wanted, params))
                answer = next(fits, self._unserved)
            elif "$pick" in answer:
                return _picked(answer["$pick"], params)
            elif "$echo" in answer:
                return _echoed(answer["$echo"], params)
            elif "$simulate" in answer:
                return _simulation(answer["$simulate"], params)
            else:
                break
        return answer

    def _made(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            if "$ago" in value:
                return datetime.fromtimestamp(self._now - value["$ago"], UTC)
            return {key: self._made(each) for key, each in value.items()}
        return [self._made(each) for each in value] if isinstance(value, list) else value


@cache
def _paginators(service: str) -> Mapping[str, Any]:
    try:
        found: Mapping[str, Any] = Loader().load_service_model(service, "paginators-1")["pagination"]
    except DataNotFoundError:
        return {}
    return found


def _fits(wanted: Any, given: Any) -> bool:
    if not isinstance(wanted, Mapping):
        return bool(wanted == given)
    return isinstance(given, Mapping) and all(_fits(value, given.get(key)) for key, value in wanted.items())


def _picked(rule: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    asked: list[str] = list(params.get(rule["param"]) or ())
    found, missing = [], list(asked)
    for item in rule["items"]:
        key = item[rule["key"]]
        hit = [each for each in asked if each == key or each == key.rpartition("/")[2] or each.endswith(f"/{key}")]
        missing = [each for each in missing if each not in hit]
        if hit:
            found.append({name: value for name, value in item.items() if name != "_id"})
    return {rule["list"]: found} | ({rule["missing"]: missing} if "missing" in rule else {})


def _echoed(value: Any, params: Mapping[str, Any]) -> Any:
    if isinstance(value, Mapping):
        return {key: _echoed(each, params) for key, each in value.items()}
    if isinstance(value, list):
        return [_echoed(each, params) for each in value]
    for name, given in params.items() if isinstance(value, str) else ():
        value = value.replace(f"{{{name}}}", str(given))
    return value


def _simulation(rule: Mapping[str, Sequence[str]], params: Mapping[str, Any]) -> dict[str, Any]:
    def hit(rules: Sequence[str], action: str, resource: str) -> bool:
        named = [each.partition(" ") for each in rules]
        return any(name == action and part in resource for name, _, part in named)

    def verdict(action: str, resource: str) -> str:
        if hit(rule.get("explicit", ()), action, resource):
            return "explicitDeny"
        return "implicitDeny" if hit(rule.get("deny", ()), action, resource) else "allowed"

    results = [
        {"EvalActionName": action, "EvalResourceName": resource, "EvalDecision": verdict(action, resource)}
        for action in params["ActionNames"]
        for resource in params.get("ResourceArns") or ["*"]
    ]
    return {"EvaluationResults": results, "IsTruncated": False}


def _error(text: str, service: str, operation: str) -> AwsError:
    code, _, message = text.partition(":")
    absent = code == "404" or any(word in code for word in ("NotFound", "NoSuch", "DoesNotExist"))
    kind = NotFound if absent else Denied if "Denied" in code else Invalid
    return kind(message or code, service=service, operation=operation, code=code, region=REGION)
