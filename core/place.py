"""Where things are: a place is one region seen through one profile; a ref names one pipeline in it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Identity", "PipelineRef", "Place"]


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """One region, reached through one profile (empty: the default credentials chain)."""

    profile: str
    region: str

    def __str__(self) -> str:
        return f"{self.profile}/{self.region}" if self.profile else self.region


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the caller is, as STS GetCallerIdentity says."""

    account: str
    arn: str
    partition: str = "aws"


@dataclass(frozen=True, slots=True, order=True)
class PipelineRef:
    """One pipeline: its place and its name, which is unique there."""

    place: Place
    name: str

    @property
    def key(self) -> str:
        """A stable key for tables and caches."""
        return f"{self.place.profile}|{self.place.region}|{self.name}"

    def __str__(self) -> str:
        return self.name
