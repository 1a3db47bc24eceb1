"""What is known beside the history: projects, logs, sizes, utilisation, deployment settings. Pure; from facts by name.

`core.profile.reads` makes the facts; their names begin with ``project:``, ``spec:``, ``log:``, ``size:``, ``inside:``,
``usage:``, ``tests:``, ``group:``, ``config:``, ``service:``, ``targets`` and ``attributes:``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from core.fact import Fact
from core.profile.build_log import BuildLogFacts, read_log
from core.profile.model import Node
from core.profile.spec import USUAL, SpecFacts, read_spec
from core.zip_list import Folder

__all__ = ["ArtifactSize", "Extras", "Usage", "extras_of"]

_NONE: Mapping[str, Any] = MappingProxyType({})
_NO_TESTS: Mapping[Node, tuple[str, ...]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ArtifactSize:
    """An artifact as it lies in the store: its bytes, and the folders within where its index could be read."""

    name: str
    size: int
    folders: tuple[Folder, ...] = ()
    facts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Usage:
    """How much of its processors and memory a project's builds used lately, in per cent; None where not published."""

    cpu: float | None
    cpu_peak: float | None
    memory_peak: float | None
    fact: int


@dataclass(frozen=True, slots=True)
class Extras:
    """All of it; what could not be read is not there."""

    projects: Mapping[str, Fact] = field(default_factory=lambda: _NONE)
    logs: Mapping[str, BuildLogFacts] = field(default_factory=lambda: _NONE)
    artifacts: Mapping[str, ArtifactSize] = field(default_factory=lambda: _NONE)
    usage: Mapping[str, Usage] = field(default_factory=lambda: _NONE)
    flaky_tests: Mapping[Node, tuple[str, ...]] = field(default_factory=lambda: _NO_TESTS)
    specs: Mapping[str, SpecFacts] = field(default_factory=lambda: _NONE)

    def project(self, name: str) -> Mapping[str, Any]:
        """A build project as BatchGetProjects gives it; empty where it was not read."""
        fact = self.projects.get(name)
        found = fact.get("projects", 0, default={}) if fact else {}
        return found if isinstance(found, Mapping) else {}


def extras_of(facts: Mapping[str, Fact]) -> Extras:
    """Return what the facts say."""
    return Extras(
        projects={key: fact for key, fact in _named(facts, "project:") if fact.get("projects", 0)},
        logs={key: read_log(fact.get("lines", default=()), fact.n) for key, fact in _named(facts, "log:") if fact.ok},
        artifacts=dict(_artifacts(facts)),
        usage={key: _usage(fact) for key, fact in _named(facts, "usage:") if fact.ok},
        flaky_tests=_flaky_tests(facts),
        specs=dict(_specs(facts)),
    )


def _specs(facts: Mapping[str, Fact]) -> Iterator[tuple[str, SpecFacts]]:
    """The buildspecs of projects: their own text, or the file that was read from the source."""
    for name, fact in _named(facts, "project:"):
        said = str(fact.get("projects", 0, "source", "buildspec", default="") or "")
        if "\n" in said:
            yield name, read_spec(said, "the project's buildspec", fact.n)
        elif (inside := facts.get(f"spec:{name}")) and (text := inside.get("files", said or USUAL)):
            yield name, read_spec(str(text), f"{said or USUAL} in the source", inside.n)


def _flaky_tests(facts: Mapping[str, Fact]) -> dict[Node, tuple[str, ...]]:
    """Names of the tests that failed in the build that a later one of the same revision contradicts."""
    found: dict[Node, tuple[str, ...]] = {}
    for key, fact in _named(facts, "tests:"):
        stage, _, action = key.partition("/")
        cases = [each for each in fact.get("testCases", default=()) if isinstance(each, Mapping)]
        names = tuple(f"{each.get('prefix') or ''} {each.get('name') or ''}".strip() for each in cases)
        if names:
            found[stage, action] = names
    return found


def _named(facts: Mapping[str, Fact], prefix: str) -> Iterator[tuple[str, Fact]]:
    for name, fact in facts.items():
        if name.startswith(prefix):
            yield name.removeprefix(prefix), fact


def _artifacts(facts: Mapping[str, Fact]) -> Iterator[tuple[str, ArtifactSize]]:
    for name, fact in _named(facts, "size:"):
        size = fact.get("ContentLength")
        if not fact.ok or not isinstance(size, int | float):
            continue
        inside = facts.get(f"inside:{name}")
        held = tuple(_folders(inside.get("folders", default=()))) if inside and inside.ok else ()
        numbers = (fact.n, inside.n) if inside and held else (fact.n,)
        yield name, ArtifactSize(name, int(size), held, numbers)


def _folders(rows: Any) -> Iterator[Folder]:
    for row in rows:
        if isinstance(row, list | tuple) and len(row) == 3:
            yield Folder(str(row[0]), int(row[1]), int(row[2]))


def _usage(fact: Fact) -> Usage:
    """GetMetricData with the ids ``cpu``, ``cpu_peak`` and ``memory_peak``."""
    values: dict[str, list[float]] = {}
    for result in fact.get("MetricDataResults", default=()):
        if isinstance(result, Mapping):
            numbers = [float(each) for each in result.get("Values") or () if isinstance(each, int | float)]
            values[str(result.get("Id"))] = numbers
    cpu, cpu_peak, memory = values.get("cpu"), values.get("cpu_peak"), values.get("memory_peak")
    return Usage(
        sum(cpu) / len(cpu) if cpu else None,
        max(cpu_peak) if cpu_peak else None,
        max(memory) if memory else None,
        fact.n,
    )
