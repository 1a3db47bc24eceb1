"""Simulated accounts as AWS's own answers: operation to answer, for `triage` from the pipeline's name on.

``accounts.jsonl``: the first line holds parts that several accounts share (``{"$part": n}``); each other line is an
account: name, the cause to be named first, and answers by ``service.Operation``. A text is an error (``Code:message``),
account: name, the cause to be named first, and answers by ``service.Operation``. A text is an error (``Code:message``);
not served.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

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


@cache
def accounts() -> tuple[Account, ...]:
    """All accounts."""
    first, *rest = Path(__file__).with_suffix(".jsonl").read_text("utf-8").splitlines()
    parts = json.loads(first)["parts"]

    def whole(answer: Any) -> Any:
        return parts[answer["$part"]] if isinstance(answer, dict) and "$part" in answer else answer

    rows = [json.loads(line) for line in rest]
    return tuple(
        Account(row["name"], row["cause"], {name: whole(answer) for name, answer in row["answers"].items()})
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
        if isinstance(answer, Mapping) and "$by" in answer:
            known = answer["answers"]
            answer = known.get(params.get(answer["$by"]), known.get(""))
        if isinstance(answer, str):
            raise _error(answer, service, operation)
        made: dict[str, Any] = self._made(answer)
        return made

    async def paging(self, *_: object) -> None:
        """No answer has a second page."""

    def _made(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            if "$ago" in value:
                return datetime.fromtimestamp(self._now - value["$ago"], UTC)
            return {key: self._made(each) for key, each in value.items()}
        return [self._made(each) for each in value] if isinstance(value, list) else value


def _error(text: str, service: str, operation: str) -> AwsError:
    code, _, message = text.partition(":")
    absent = code == "404" or any(word in code for word in ("NotFound", "NoSuch", "DoesNotExist"))
    kind = NotFound if absent else Denied if "Denied" in code else Invalid
    return kind(message or code, service=service, operation=operation, code=code, region=REGION)
