"""Condition blocks of policy statements.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

import ipaddress
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

__all__ = ["holds"]


def holds(block: Mapping[str, Mapping[str, Any]], context: Mapping[str, Any], missing: set[str]) -> bool:
    """Tell whether every condition of a block is met; keys absent from the context are added to ``missing``.

    Args:
        block: operator → key → wanted value or values.
        context: lower-case key → value or list of values.
        missing: collects the keys that were wanted and are not there.
    """
    verdict = True
    for operator, wanted_by_key in block.items():
        for key, wanted in wanted_by_key.items():
            if not _holds(operator, key, wanted, context, missing):
                verdict = False
    return verdict


def _holds(operator: str, key: str, wanted: Any, context: Mapping[str, Any], missing: set[str]) -> bool:
    quantifier, _, name = operator.rpartition(":")
    optional = name.endswith("IfExists")
    name = name.removesuffix("IfExists")
    have = context.get(key.lower())
    if name == "Null":
        return (have is None) == (str(wanted).lower() == "true")
    if have is None:
        missing.add(key)
        return optional or quantifier == "ForAllValues" or name in _NEGATED
    values = have if isinstance(have, list) else [have]
    patterns = wanted if isinstance(wanted, list) else [wanted]
    base = _NEGATED.get(name, name)
    test = _TESTS.get(base)
    if test is None:
        return False
    hits = [any(test(str(pattern), str(value)) for pattern in patterns) for value in values]
    if name in _NEGATED:
        return not any(hits)
    return all(hits) if quantifier == "ForAllValues" else any(hits)


@lru_cache(maxsize=2048)
def _like(pattern: str) -> re.Pattern[str]:
    return re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), re.DOTALL)


def _within(pattern: str, value: str) -> bool:
    try:
        return ipaddress.ip_address(value) in ipaddress.ip_network(pattern, strict=False)
    except ValueError:
        return False


_NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnLike",
    "ArnNotLike": "ArnLike",
    "NumericNotEquals": "NumericEquals",
    "NotIpAddress": "IpAddress",
    "DateNotEquals": "StringEquals",
}
_TESTS: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda pattern, value: pattern == value,
    "StringEqualsIgnoreCase": lambda pattern, value: pattern.lower() == value.lower(),
    "StringLike": lambda pattern, value: _like(pattern).fullmatch(value) is not None,
    "ArnEquals": lambda pattern, value: _like(pattern).fullmatch(value) is not None,
    "ArnLike": lambda pattern, value: _like(pattern).fullmatch(value) is not None,
    "Bool": lambda pattern, value: pattern.lower() == value.lower(),
    "IpAddress": _within,
    "NumericEquals": lambda pattern, value: float(pattern) == float(value),
    "NumericLessThan": lambda pattern, value: float(value) < float(pattern),
    "NumericLessThanEquals": lambda pattern, value: float(value) <= float(pattern),
    "NumericGreaterThan": lambda pattern, value: float(value) > float(pattern),
    "NumericGreaterThanEquals": lambda pattern, value: float(value) >= float(pattern),
    "DateLessThan": lambda pattern, value: value < pattern,
    "DateGreaterThan": lambda pattern, value: value > pattern,
}
