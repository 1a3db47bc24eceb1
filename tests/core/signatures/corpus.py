"""The project's own cases: failures with the cause that must come out, in ``cases/*.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.signatures import Failure
from tests.core.signatures.noise import around

__all__ = ["CASES", "Case"]


@dataclass(frozen=True, slots=True)
class Case:
    """A failure, and what explaining it must give."""

    id: str
    failure: Failure
    cause: str
    verdict: str
    extracted: Mapping[str, str]
    max_confidence: float
    noisy: bool


def _load() -> tuple[Case, ...]:
    found = []
    for file in sorted((Path(__file__).parent / "cases").glob("*.toml")):
        for number, row in enumerate(tomllib.loads(file.read_text("utf-8"))["case"]):
            log = row.get("log", "")
            if noise := row.get("noise"):
                log = around(log, noise, seed=number)
            failure = Failure(
                stage=row.get("stage", "Build" if file.stem == "build" else "Deploy" if file.stem == "deploy" else ""),
                provider=row.get("provider", ""),
                message=row.get("message", ""),
                log=log,
            )
            found.append(
                Case(
                    id=row["id"],
                    failure=failure,
                    cause=row.get("cause", ""),
                    verdict=row.get("verdict", "explained"),
                    extracted=dict(item.split("=", 1) for item in row.get("extracted", ())),
                    max_confidence=row.get("max_confidence", 1.0),
                    noisy=bool(noise),
                )
            )
    return tuple(found)


CASES = _load()
