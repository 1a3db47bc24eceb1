"""From flags, environment and file to the places that are asked: flag, then environment, then file, then default."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass

from core.errors import UsageError
from core.place import Place
from tui.config import Config, ContextConfig
from tui.fleet_memory import chosen_places
from tui.options import Options

__all__ = ["Context", "all_contexts", "contexts_of", "known_context", "load_config", "merged", "start_contexts"]

# Protections, the mildest first.
_STRICTNESS = ("none", "typed", "read-only")
# Variables that say whose account is meant.
_TELLING = ("PIPEMEDIC_CONTEXTS", "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ACCESS_KEY_ID")


@dataclass(frozen=True, slots=True)
class Context:
    """One place with what the configuration says of it; `name` is the place's own where the file names none."""

    name: str
    place: Place
    color: str = ""
    protection: str = "none"
    queue: str = ""


def load_config() -> Config:
    """Read the user's file; the defaults where there is none.

    Raises:
        UsageError: the file cannot be read or has mistakes, or the file that PIPEMEDIC_CONFIG names is not there.
    """
    from tui.paths import config_path  # noqa: PLC0415 (start-up imports only what it needs)

    path = config_path()
    if path is None:
        return Config()
    if not path.exists():
        if os.environ.get("PIPEMEDIC_CONFIG"):
            raise UsageError(f"PIPEMEDIC_CONFIG names {path}, which is not there.")
        return Config()
    from tui.config_load import read  # noqa: PLC0415 (TOML is read only where there is a file)

    return read(path)


def merged(options: Options, config: Config) -> Options:
    """Options with what the environment and the file add where no flag was given."""
    read_only = options.read_only or _truth(os.environ.get("PIPEMEDIC_READ_ONLY"), config.read_only)
    return Options(options.profiles, options.regions, read_only, options.contexts)


def _truth(word: str | None, otherwise: bool) -> bool:
    return otherwise if not word else word.lower() not in {"0", "no", "false", "off"}


def contexts_of(options: Options, config: Config) -> tuple[Context, ...]:
    """Return the places to ask, each once.

    Profiles and regions given by flag are meant as they stand; then ``--in``; then ``PIPEMEDIC_CONTEXTS`` (commas
    between names) or what AWS's own variables say (``AWS_PROFILE``, ``AWS_ACCESS_KEY_ID``); then the file's `start`, or
    all its contexts; then the default chain. Regions given by flag also narrow contexts that were named.

    Raises:
        UsageError: an unknown context or profile, or no region anywhere.
    """
    names = options.contexts
    if not names and not options.profiles:
        names = tuple(filter(None, (each.strip() for each in os.environ.get("PIPEMEDIC_CONTEXTS", "").split(","))))
    given = bool(options.profiles) or bool(options.regions)
    if not names and not given and not _by_environment() and config.contexts:
        names = config.start or tuple(context.name for context in config.contexts)
    if not names:
        return _with_file(_resolved(options.profiles, options.regions), config)
    found: list[Context] = []
    for context in _named(names, config):
        found += _places(context, options.regions)
    if options.profiles:
        found += _with_file(_resolved(options.profiles, options.regions), config)
    return tuple({context.place: context for context in reversed(found)}.values())[::-1]


def start_contexts(options: Options, config: Config) -> tuple[Context, ...]:
    """Return the places to open with: as `contexts_of`, but where neither flag nor environment says, the last choice.

    Raises:
        UsageError: as `contexts_of`.
    """
    told = options.contexts or options.profiles or options.regions or _by_environment()
    if told or not (chosen := chosen_places()):
        return contexts_of(options, config)
    return _with_file(chosen, config)


def _by_environment() -> bool:
    return any(os.environ.get(name) for name in _TELLING)


def all_contexts(config: Config, profiles: Iterable[str], present: Iterable[Context]) -> tuple[Context, ...]:
    """Return all there is to choose from: the file's contexts, those in use, and every profile with a region."""
    found = {context.place: context for context in present}
    for context in config.contexts:
        for each in _tolerant(context):
            found.setdefault(each.place, each)
    for profile in profiles:
        for each in _tolerant(ContextConfig("", profile)):
            found.setdefault(each.place, each)
    return tuple(found.values())


def _tolerant(context: ContextConfig) -> tuple[Context, ...]:
    try:
        return _places(context, ())
    except UsageError:
        return ()


def _named(names: Iterable[str], config: Config) -> tuple[ContextConfig, ...]:
    known = {context.name: context for context in config.contexts}
    found: dict[str, ContextConfig] = {}
    for name in names:
        members = config.groups.get(name, (name,))
        for member in members:
            if member not in known:
                there = ", ".join((*known, *config.groups)) or "none; they are set in the configuration file"
                raise UsageError(f"There is no context {member!r}. Contexts and groups: {there}.")
            found[member] = known[member]
    return tuple(found.values())


def _places(context: ContextConfig, regions: tuple[str, ...]) -> tuple[Context, ...]:
    wanted = tuple(region for region in context.regions if not regions or region in regions)
    if regions and context.regions and not wanted:
        return ()
    places = _resolved((context.profile,), wanted or regions)
    many = len(places) > 1
    return tuple(
        Context(
            _name(context.name, place, many=many),
            place,
            context.color,
            context.protection,
            context.queue_in(place.region),
        )
        for place in places
    )


def _name(name: str, place: Place, *, many: bool) -> str:
    if not name:
        return str(place)
    return f"{name}/{place.region}" if many else name


def _with_file(places: tuple[Place, ...], config: Config) -> tuple[Context, ...]:
    """Give places named by flag what the file says of them: a protected account stays protected."""
    return tuple(known_context(place, config) for place in places)


def known_context(place: Place, config: Config) -> Context:
    """Return what the file says of a place; the place by its own name where it says nothing."""
    for context in config.contexts:
        if context.profile == place.profile and (not context.regions or place.region in context.regions):
            name = _name(context.name, place, many=len(context.regions) != 1)
            return Context(name, place, context.color, context.protection, context.queue_in(place.region))
    kin = [context for context in config.contexts if context.profile == place.profile]
    if not kin:
        return Context(str(place), place)
    # Another region of a profile that the file protects: an account does not become harmless by that.
    strictest = max(kin, key=lambda each: _STRICTNESS.index(each.protection))
    return Context(_name(strictest.name, place, many=True), place, strictest.color, strictest.protection)


def _resolved(profiles: tuple[str, ...], regions: tuple[str, ...]) -> tuple[Place, ...]:
    from aws.profiles import resolve_places  # noqa: PLC0415 (slow to import; the desk does it in a thread)

    return resolve_places(profiles, regions)
