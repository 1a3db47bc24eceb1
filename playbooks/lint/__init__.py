"""Linters for the files a pipeline runs on: pure functions from a text to its problems, each with its position.

One module a file format: `buildspec`, `appspec`, `imagedefinitions`, `pipeline`; each exports ``lint``.
"""

from __future__ import annotations

from .problem import Problem, Severity

__all__ = ["Problem", "Severity"]
