"""What the user has set, as values with defaults: no file is ever needed. Imported before the first frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

__all__ = ["Config", "ContextConfig", "ListConfig", "NoticeConfig", "NoticeRule", "RefreshConfig", "ViewConfig"]

_NONE: Mapping[str, str] = MappingProxyType({})
_NO_GROUPS: Mapping[str, tuple[str, ...]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ContextConfig:
    """A profile with its regions, under a name.

    Attributes:
        profile: AWS profile; empty for the default credentials chain.
        regions: empty for the profile's own.
        color: a token of the theme: primary, secondary, accent, success, warning or error; empty for none.
        protection: ``none``, ``typed`` (the pipeline's name is typed to confirm a change) or ``read-only``.
        queue: URL of the SQS queue that carries the pipelines' state changes; empty for polling alone.
        queues: such URLs by region, where each region has its own.
    """

    name: str
    profile: str = ""
    regions: tuple[str, ...] = ()
    color: str = ""
    protection: str = "none"
    queue: str = ""
    queues: Mapping[str, str] = field(default_factory=lambda: _NONE)

    def queue_in(self, region: str) -> str:
        """The queue of a region; empty for none."""
        return self.queues.get(region, self.queue)


@dataclass(frozen=True, slots=True)
class RefreshConfig:
    """How often pipelines are read, in seconds: those that run, those on the screen, the rest, the list itself."""

    moving_s: float = 2.5
    waiting_s: float = 10.0
    visible_s: float = 10.0
    idle_s: float = 120.0
    listing_s: float = 120.0


@dataclass(frozen=True, slots=True)
class ListConfig:
    """How the list of pipelines stands at first.

    Attributes:
        columns: in their order; empty for the program's own choice.
        sort: a column, after ``-`` the other way round; empty for what needs attention first.
        group: region, profile, account, context, application or ``tag:KEY``; empty for none.
        filter: as in the filter line.
    """

    columns: tuple[str, ...] = ()
    sort: str = ""
    group: str = ""
    filter: str = ""

    def words(self, *, attention: bool) -> str:
        """How the list stands, in a few words; empty as the program begins it."""
        sort = f"by {self.sort.lstrip('-')}{', reversed' if self.sort.startswith('-') else ''}" if self.sort else ""
        parts = (
            "only what needs attention" if attention else "",
            self.filter,
            f"grouped by {self.group.removeprefix('tag:')}" if self.group else "",
            sort,
            f"{len(self.columns)} columns" if self.columns else "",
        )
        return " · ".join(filter(None, parts))


@dataclass(frozen=True, slots=True)
class ViewConfig:
    """A saved view under one of the keys 1 to 9."""

    key: str
    name: str
    look: ListConfig
    attention: bool = False

    @property
    def words(self) -> str:
        """What it shows and how, in a few words."""
        return self.look.words(attention=self.attention)


@dataclass(frozen=True, slots=True)
class NoticeRule:
    """Which transitions count (failed, stuck, approval, recovered), of which pipelines; no `filter`: of all."""

    on: tuple[str, ...]
    filter: str = ""


@dataclass(frozen=True, slots=True)
class NoticeConfig:
    """When and how to call the user.

    Attributes:
        on: of failed, stuck, approval, recovered.
        filter: pipelines that count, as in the filter line; empty for all.
        desktop: of osc9, osc777; empty for none.
        command: a program with its arguments; what happened stands in its environment.
        rules: more transitions of other pipelines.
    """

    on: tuple[str, ...] = ()
    filter: str = ""
    bell: bool = False
    desktop: str = ""
    command: tuple[str, ...] = ()
    rules: tuple[NoticeRule, ...] = ()

    @property
    def chosen(self) -> tuple[NoticeRule, ...]:
        """All rules; one that holds is enough."""
        return (*((NoticeRule(self.on, self.filter),) if self.on else ()), *self.rules)


@dataclass(frozen=True, slots=True)
class Config:
    """The whole configuration; `start` names contexts and groups to open with (empty: all contexts)."""

    path: str = ""
    theme: str = ""
    read_only: bool = False
    contexts: tuple[ContextConfig, ...] = ()
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _NO_GROUPS)
    start: tuple[str, ...] = ()
    refresh: RefreshConfig = field(default_factory=RefreshConfig)
    list: ListConfig = field(default_factory=ListConfig)
    views: tuple[ViewConfig, ...] = ()
    keys: Mapping[str, str] = field(default_factory=lambda: _NONE)
    notices: NoticeConfig = field(default_factory=NoticeConfig)
