"""How an operation pages, from botocore's paginator models, and how its pages become one answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jmespath  # type: ignore[import-untyped]
from botocore.utils import set_value_from_jmespath

__all__ = ["Paging"]


def _listed(value: Any) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, list) else (value,) if value else ()


@dataclass(frozen=True, slots=True)
class Paging:
    """One entry of a service's paginators-1.json; tokens and result keys are JMESPath expressions."""

    config: Mapping[str, Any]

    def asked_for_a_page(self, params: Mapping[str, Any]) -> bool:
        """Whether the parameters name a page already."""
        return any(name in params for name in _listed(self.config.get("input_token")))

    def next_params(self, params: Mapping[str, Any], answer: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the parameters of the next page; None after the last one."""
        more = self.config.get("more_results")
        if more and not jmespath.search(more, answer):
            return None
        outputs = [jmespath.search(path, answer) for path in _listed(self.config.get("output_token"))]
        if not any(outputs):
            return None
        following = dict(params)
        for name, token in zip(_listed(self.config.get("input_token")), outputs, strict=False):
            if token is None:
                following.pop(name, None)
            else:
                following[name] = token
        return following if following != dict(params) else None

    def merge(self, whole: dict[str, Any], page: Mapping[str, Any]) -> None:
        """Append a page's lists to the answer so far."""
        for path in _listed(self.config.get("result_key")):
            more = jmespath.search(path, page)
            if isinstance(more, list):
                had = jmespath.search(path, whole)
                set_value_from_jmespath(whole, path, [*(had or ()), *more])

    def without_tokens(self, whole: dict[str, Any]) -> dict[str, Any]:
        """Return the merged answer without its paging members."""
        gone = {*_listed(self.config.get("output_token")), self.config.get("more_results")}
        return {key: value for key, value in whole.items() if key not in gone}
