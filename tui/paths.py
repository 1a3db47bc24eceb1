"""Where pipemedic keeps its files: the platform's own folders (XDG on Linux), made when first written to."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import PlatformDirs

__all__ = ["cache_dir", "config_dir", "config_path", "crash_dir", "journal_path", "state_dir"]

_DIRS = PlatformDirs("pipemedic", appauthor=False)


def config_dir() -> Path:
    """The folder of the user's own settings, playbooks and key maps (``$XDG_CONFIG_HOME/pipemedic``)."""
    return Path(_DIRS.user_config_dir)


def config_path() -> Path | None:
    """The configuration file: ``PIPEMEDIC_CONFIG`` (``none`` for none at all), else ``config.toml`` in its folder."""
    named = os.environ.get("PIPEMEDIC_CONFIG", "")
    if named == "none":
        return None
    return Path(named).expanduser() if named else config_dir() / "config.toml"


def state_dir() -> Path:
    """The folder of what must outlive the program (``$XDG_STATE_HOME/pipemedic``)."""
    return Path(_DIRS.user_state_dir)


def cache_dir() -> Path:
    """The folder of what may be deleted at any time (``$XDG_CACHE_HOME/pipemedic``)."""
    return Path(_DIRS.user_cache_dir)


def crash_dir() -> Path:
    """The folder of tracebacks."""
    return state_dir() / "crashes"


def journal_path() -> Path:
    """The journal of changes, as the room that talks to AWS keeps it."""
    return state_dir() / "journal.jsonl"
