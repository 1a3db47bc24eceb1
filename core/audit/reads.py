"""Reads over a whole fleet: one evidence an account, facts numbered through, each read made once.

The memo is the evidence's own: the same operation with the same parameters in the same region is asked of AWS once, by
whichever pipeline comes first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.fact import Evidence, Fact, Outcome

__all__ = ["Reads"]

_OTHER = "OtherAccount"


class Reads:
    """Reads by account.

    Args:
        evidence: for each account that can be asked, through one of its places.
    """

    def __init__(self, evidence: Mapping[str, Evidence]) -> None:
        self._evidence = dict(evidence)
        self._numbers: dict[tuple[str, int], int] = {}
        self._missing: dict[tuple[str, str, str], Fact] = {}

    @property
    def calls(self) -> int:
        """How many API calls were made so far (pages count)."""
        return sum(each.calls for each in self._evidence.values())

    def reaches(self, account: str) -> bool:
        """Whether the account can be asked."""
        return account in self._evidence

    async def read(
        self,
        account: str,
        service: str,
        operation: str,
        params: Mapping[str, Any],
        *,
        region: str,
        pages: int = 10,
    ) -> Fact:
        """Make a read in an account and return the fact, numbered through the whole run.

        An account that none of the places reaches gives an error with the code ``OtherAccount``.
        """
        evidence = self._evidence.get(account)
        if evidence is None:
            return self._not_reached(account, service, operation, params, region)
        return self._numbered(account, await evidence.read(service, operation, params, region=region, pages=pages))

    async def archive(self, account: str, bucket: str, key: str, names: Sequence[str], *, region: str) -> Fact:
        """Look into a zip in S3 as `core.fact.Evidence` does, numbered as `read` does."""
        evidence = self._evidence.get(account)
        if evidence is None:
            return self._not_reached(account, "s3", "GetObject", {"Bucket": bucket, "Key": key}, region)
        return self._numbered(account, await evidence.archive(bucket, key, names, region=region))

    def _numbered(self, account: str, fact: Fact) -> Fact:
        key = (account, fact.n)
        if key not in self._numbers:
            self._numbers[key] = self._next()
        return replace(fact, n=self._numbers[key])

    def adopt(self, fact: Fact) -> Fact:
        """Return a fact that was read elsewhere, numbered through the whole run."""
        self._numbers["", -len(self._numbers)] = number = self._next()
        return replace(fact, n=number)

    def _next(self) -> int:
        return len(self._numbers) + len(self._missing) + 1

    def _not_reached(self, account: str, service: str, operation: str, params: Mapping[str, Any], region: str) -> Fact:
        key = (account, operation, repr(sorted(params.items())))
        if key not in self._missing:
            self._missing[key] = Fact(
                n=self._next(),
                service=service,
                operation=operation,
                params=dict(params),
                outcome=Outcome.ERROR,
                region=region,
                code=_OTHER,
                error=f"it is in account {account or 'unknown'}, which none of the places asked reaches",
                action=f"{service}:{operation}",
            )
        return self._missing[key]
