"""STS responses to models (API 2011-06-15)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.arn import Arn
from core.place import Identity

__all__ = ["identity"]


def identity(answer: Mapping[str, Any]) -> Identity:
    """Map GetCallerIdentity."""
    arn = str(answer.get("Arn") or "")
    parsed = Arn.parse(arn)
    return Identity(
        account=str(answer.get("Account") or ""), arn=arn, partition=(parsed.partition if parsed else "") or "aws"
    )
