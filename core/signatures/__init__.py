"""Reads error messages and logs offline and says what the root cause most likely is.

    explain(Failure(provider="CodeBuild", message=..., log=...))  -> hypotheses, the likeliest first
    examine(...)                                                  -> the same with verdict and telling lines
    LogReader(...)                                                -> for a log that is still coming

What the program knows stands in ``core/data/signatures/*.toml``.
"""

from __future__ import annotations

from core.signatures.engine import LogReader, examine, explain
from core.signatures.entry import KnowledgeError
from core.signatures.model import EvidenceLine, Explanation, Failure, Hypothesis
from core.signatures.scan import LogScanner

__all__ = [
    "EvidenceLine",
    "Explanation",
    "Failure",
    "Hypothesis",
    "KnowledgeError",
    "LogReader",
    "LogScanner",
    "examine",
    "explain",
]
