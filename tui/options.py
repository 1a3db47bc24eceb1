"""What the user asked for on the command line, as one value."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Options"]


@dataclass(frozen=True, slots=True)
class Options:
    """Where to look and what may be done there.

    Attributes:
        profiles: AWS profiles; empty for the default credentials chain.
        regions: AWS regions; empty for the profile's own.
        read_only: refuse every change.
    """

    profiles: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    read_only: bool = False

    def joined(self, profiles: tuple[str, ...], regions: tuple[str, ...], *, read_only: bool) -> Options:
        """Return these options with more profiles and regions, in the order given, each once."""
        return Options(
            tuple(dict.fromkeys((*self.profiles, *profiles))),
            tuple(dict.fromkeys((*self.regions, *regions))),
            self.read_only or read_only,
        )
