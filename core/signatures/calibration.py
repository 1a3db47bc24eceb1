"""How sure a score may sound: the map from the ranking's scores to confidence, fitted on real failures."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

__all__ = ["Band", "bands", "confidence_of"]

# (score, confidence): between the points the line is straight.
_POINTS = ((0.0, 0.0), (0.3, 0.3), (0.5, 0.55), (0.7, 0.74), (0.85, 0.86), (0.9, 0.895), (0.95, 0.94), (1.0, 0.98))
_RIVAL = 0.12


def confidence_of(score: float, rivals: Sequence[float]) -> float:
    """Return the confidence (0–1, two decimals) for a score beside the scores of the other causes."""
    place = min(max(bisect_right(_POINTS, (score, 1.0)), 1), len(_POINTS) - 1)
    (x0, y0), (x1, y1) = _POINTS[place - 1], _POINTS[place]
    sure = y0 + (y1 - y0) * (min(score, 1.0) - x0) / (x1 - x0)
    closest = max((rival for rival in rivals if rival <= score), default=0.0)
    if score > 0:
        sure *= 1 - _RIVAL * (closest / score) ** 3
    return round(max(min(sure, 0.99), 0.0), 2)


@dataclass(frozen=True, slots=True)
class Band:
    """How findings of like confidence held: from `low` up to a tenth more, `count` of them, `right` of these right."""

    low: float
    count: int
    right: int
    stated: float

    @property
    def share(self) -> float:
        """The share that was right, 0–1."""
        return self.right / self.count


def bands(findings: Iterable[tuple[float, bool]]) -> tuple[Band, ...]:
    """Return the calibration table of findings, each a confidence (0–1) and whether it was right."""
    groups: dict[int, list[tuple[float, bool]]] = {}
    for confidence, right in findings:
        groups.setdefault(min(int(confidence * 10 + 1e-9), 9), []).append((confidence, right))
    return tuple(
        Band(tenth / 10, len(found), sum(right for _, right in found), sum(sure for sure, _ in found) / len(found))
        for tenth, found in sorted(groups.items())
    )
