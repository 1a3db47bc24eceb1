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
        contexts: names of contexts and groups of the configuration.
    """

    profiles: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    read_only: bool = False
    contexts: tuple[str, ...] = ()

    def joined(
        self, profiles: tuple[str, ...], regions: tuple[str, ...], *, read_only: bool, contexts: tuple[str, ...] = ()
    ) -> Options:
        """Return these options with more profiles, regions and contexts, in the order given, each once."""
        return Options(
            tuple(dict.fromkeys((*self.profiles, *profiles))),
            tuple(dict.fromkeys((*self.regions, *regions))),
            self.read_only or read_only,
            tuple(dict.fromkeys((*self.contexts, *contexts))),
        )
