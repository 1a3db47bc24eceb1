"""How sure a score may sound: the map from the ranking's scores to confidence, fitted on real failures."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

__all__ = ["confidence_of"]

# (score, confidence): between the points the line is straight.
_POINTS = ((0.0, 0.0), (0.3, 0.3), (0.5, 0.55), (0.7, 0.75), (0.85, 0.88), (0.95, 0.95), (1.0, 0.98))
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
