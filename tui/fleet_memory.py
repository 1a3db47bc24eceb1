"""What the fleet remembers from one run to the next, in the state folder: chosen places, columns, saved views."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.place import Place
from tui.config import ListConfig, ViewConfig

__all__ = ["chosen_places", "keep", "keep_places", "keep_views", "recall", "saved_views"]

_MOST_BYTES = 1_000_000
_VIEW_KEYS = frozenset("123456789")


def recall(name: str) -> Any:
    """Return what was kept under a name; None where nothing was, or it cannot be read."""
    with contextlib.suppress(OSError, ValueError):
        path = _path(name)
        if path.stat().st_size <= _MOST_BYTES:
            return json.loads(path.read_text(encoding="utf-8"))
    return None


def keep(name: str, value: Any) -> None:
    """Keep a value (JSON) under a name, in a file of the user's own; a folder that cannot be written is no error."""
    path = _path(name)
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{name}-")  # made with mode 0600
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(value, file)
            Path(draft).replace(path)
        except OSError:
            Path(draft).unlink(missing_ok=True)


def _path(name: str) -> Path:
    from tui.paths import state_dir  # noqa: PLC0415 (start-up imports only what it needs)

    return state_dir() / f"{name}.json"


def chosen_places() -> tuple[Place, ...]:
    """Return the places chosen last; empty where none were."""
    found = recall("contexts")
    if not isinstance(found, list):
        return ()
    return tuple(
        Place(*each)
        for each in found
        if isinstance(each, list) and len(each) == 2 and all(isinstance(part, str) for part in each)
    )


def keep_places(places: Iterable[Place]) -> None:
    """Remember the places chosen; none at all: begin as configured again."""
    keep("contexts", [[place.profile, place.region] for place in places])


def saved_views() -> dict[str, ViewConfig]:
    """Return the views that the user saved in the program, by key; what is none of ours is left out."""
    found = recall("views")
    views: dict[str, ViewConfig] = {}
    for each in found if isinstance(found, list) else ():
        with contextlib.suppress(TypeError, KeyError, ValueError):
            look = ListConfig(
                tuple(map(str, each["columns"])), *(str(each[name]) for name in ("sort", "group", "filter"))
            )
            view = ViewConfig(str(each["key"]), str(each["name"]), look, attention=bool(each["attention"]))
            if view.key in _VIEW_KEYS:
                views[view.key] = view
    return views


def keep_views(views: Iterable[ViewConfig]) -> None:
    """Remember these views, and no others."""
    keep(
        "views",
        [{"key": view.key, "name": view.name, "attention": view.attention, **asdict(view.look)} for view in views],
    )
