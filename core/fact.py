"""A fact is one thing read from AWS; evidence is the protocol through which playbooks read facts.

"Looked and found nothing", "not allowed to look" and "failed to look" are three outcomes, never one empty list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from core.build import LogLocation

__all__ = ["Evidence", "Fact", "Outcome"]


class Outcome(StrEnum):
    """What came of a read."""

    OK = "ok"
    NO_DATA = "no_data"  # AWS answered: there is no such thing
    DENIED = "denied"  # not allowed to look
    ERROR = "error"  # failed to look
    TRUNCATED = "truncated"  # an answer, but not all of it was read


@dataclass(frozen=True, slots=True)
class Fact:
    """One read.

    Attributes:
        n: its number within the run, from 1; findings cite it.
        params: the request's parameters as sent.
        value: the response as JSON-like data (times as epoch seconds, no ResponseMetadata), members named as in the
            API; for a log, ``{"lines": [str, …], "truncated": bool}``; None where the outcome carries none.
        code: AWS's error code for the outcomes no_data, denied and error.
        error: AWS's own message, or what failed.
        action: the IAM action that the read needs, e.g. ``codebuild:BatchGetBuilds``.
        read_at: epoch seconds.
        took_s: seconds from request to response; 0 where a memoised fact was given again.
    """

    n: int
    service: str
    operation: str
    params: Mapping[str, Any]
    outcome: Outcome
    value: Any = None
    region: str = ""
    code: str = ""
    error: str = ""
    action: str = ""
    read_at: float = 0.0
    took_s: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether there is a value to judge (all of it or a part)."""
        return self.outcome in (Outcome.OK, Outcome.TRUNCATED)

    def get(self, *path: str | int, default: Any = None) -> Any:
        """Return what lies at a path of keys and indices in the value, or default where any step is absent."""
        here = self.value
        for step in path:
            try:
                here = here[step]
            except (KeyError, IndexError, TypeError):
                return default
        return default if here is None else here

    @property
    def call(self) -> str:
        """The call as one line: ``codebuild BatchGetBuilds(ids=['web:1'])``."""
        given = ", ".join(f"{name}={value!r}" for name, value in self.params.items())
        return f"{self.service} {self.operation}({given})"


class Evidence(Protocol):
    """How a playbook reads. Implemented by the room that talks to AWS; tests use a recorded one.

    Reads never raise for what AWS says: denied, absent and failed are outcomes. The same read asked twice in one run
    is made once and gives the same fact (same `n`).
    """

    @property
    def facts(self) -> tuple[Fact, ...]:
        """All facts read so far, by number."""
        ...

    @property
    def calls(self) -> int:
        """How many API calls were made so far (pages count)."""
        ...

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
        """Make one read operation (all its pages up to `pages`, merged) and return the fact.

        Args:
            service: botocore's service name, e.g. ``codebuild``.
            operation: the operation's name in the API, e.g. ``BatchGetBuilds``; it must only read.
            params: request members named as in the API.
            region: another region than the pipeline's.
            role_arn: a role to assume for the read (cross-account actions); empty for the caller's own credentials.
            pages: how many pages at most; more left over makes the outcome `truncated`. 0: one page as it came, with
                the token of the next one.
        """
        ...

    async def archive(
        self, bucket: str, key: str, names: Sequence[str], *, region: str = "", role_arn: str = ""
    ) -> Fact:
        """Look into a zip in S3 by ranged reads: its names, and the text of the files asked for (512 KiB each at most).

        The value is ``{"size": int, "names": [str, …], "folders": [[name, bytes, files], …], "files": {name: text}}``;
        an object that is no zip is an error.
        """
        ...

    async def again(self, n: int) -> Fact:
        """Make the read of a fact anew; it keeps its number, and from now on the same read gives the new answer.

        Raises:
            KeyError: there is no such fact.
        """
        ...

    async def log(self, where: LogLocation, *, limit: int = 100_000) -> Fact:
        """Read a whole log stream, oldest line first, at most `limit` lines (then `truncated`)."""
        ...
