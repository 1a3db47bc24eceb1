"""Which runtimes CodeBuild's images have, by a dated table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from ._node import Node
from ._schema import load, nearest
from .problem import Problems

__all__ = ["check_runtimes", "image_names", "runtimes_of", "table_date"]

_Table = Mapping[str, Sequence[str]]


def table_date() -> str:
    """Return the day on which the table was compared with AWS's page (ISO 8601)."""
    return str(load("runtimes")["date"])


def image_names() -> tuple[str, ...]:
    """Return the images that the table knows, newest first."""
    return tuple(name for image in load("runtimes")["image"] for name in image["names"])


def runtimes_of(image: str) -> Mapping[str, Sequence[str]]:
    """Return the versions that an image has, by runtime; empty for one that the table does not know."""
    for each in load("runtimes")["image"]:
        if _full(image) in each["names"]:
            runtimes: Mapping[str, Sequence[str]] = each["runtimes"]
            return runtimes
    return {}


def _full(name: str) -> str:
    return name if "/" in name else f"aws/codebuild/{name}"


def _by_number(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", version)))


@cache
def _anywhere() -> _Table:
    """Every version of each runtime that some image has which is still maintained."""
    known: dict[str, dict[str, None]] = {}
    for image in load("runtimes")["image"]:
        if not image.get("retired"):
            for name, versions in image["runtimes"].items():
                known.setdefault(name, {}).update(dict.fromkeys(versions))
    return {name: tuple(sorted(versions, key=_by_number)) for name, versions in known.items()}


def check_runtimes(versions: Node, image: str, found: Problems) -> None:
    """Check ``phases.install.runtime-versions`` against an image, or against all current ones for an empty name."""
    data = load("runtimes")
    page = str(data["page"])
    if not versions.pairs:
        found.error(versions, "runtime", "runtime-versions names no runtime", "At least one is needed.", page)
    one: Mapping[str, object] | None = None
    if image:
        one = next((each for each in data["image"] if _full(image) in each["names"]), None)
        if one is None:
            _unlisted(versions, image, found, page)
            return
        if one.get("retired"):
            found.warning(
                versions, "image", f"{_full(image)} is no longer maintained", f"Table of {table_date()}.", page
            )
    for key, value in versions.pairs:
        if value.kind != "scalar" or value.is_null:
            continue
        if key.text not in data["names"]:
            near = nearest(key.text, data["names"])
            reason = f"Did you mean {near}?" if near else f"Known: {', '.join(data['names'])}."
            found.error(key, "runtime", f"{key.text} is not a runtime of CodeBuild", reason, page)
        elif key.text == "docker":
            found.hint(key, "runtime", "The runtime docker is no longer chosen here", "The image's own is used.", page)
        elif value.text.startswith("$"):
            continue
        else:
            known = one["runtimes"] if one is not None else _anywhere()
            have = tuple(known.get(key.text, ())) if isinstance(known, Mapping) else ()
            _judge(
                key, value, have, _full(image) if image else "", found, custom=one is None or bool(one.get("custom"))
            )


def _unlisted(versions: Node, image: str, found: Problems, page: str) -> None:
    if not _full(image).startswith("aws/codebuild/"):
        reason = "Only CodeBuild's own images choose runtimes; this section is skipped."
        found.warning(versions, "image", f"{image} is an image of your own", reason, page)
    elif "lambda" in image:
        found.warning(versions, "image", f"{image} has one fixed runtime", "runtime-versions is skipped.", page)
    elif "windows" in image or "macos" in image:
        found.hint(versions, "image", f"The runtimes of {image} are not in the table of {table_date()}", page=page)
    else:
        near = nearest(_full(image), image_names())
        reason = f"Did you mean {near}?" if near else ""
        found.warning(versions, "image", f"{_full(image)} is not in the table of {table_date()}", reason, page)


def _judge(key: Node, value: Node, have: Sequence[str], image: str, found: Problems, *, custom: bool) -> None:
    page = str(load("runtimes")["page"])
    wanted, where = value.text, image or "any current image"
    if not have:
        reason = f"The table is of {table_date()}."
        found.error(
            key, "runtime", f"{where} has no {key.text}" if image else f"No current image has {key.text}", reason, page
        )
        return
    if _matches(wanted, have):
        return
    listed = f"It has {', '.join(have)} (table of {table_date()})."
    said = f"{key.text} {wanted} is not in {where}"
    if value.type == "number" and f"{wanted}0" in have:
        found.error(value, "runtime", said, f"YAML reads {wanted}0 as {wanted}: put it in quotes. {listed}", page)
    elif not custom or not re.fullmatch(r"[\d.]+|corretto\d+", wanted):
        near = nearest(wanted, have)
        found.error(value, "runtime", said, f"{listed}{f' Did you mean {near}?' if near else ''}", page)
    else:
        reason = f"{listed} Others are downloaded during the build, which takes time and can fail."
        found.warning(value, "runtime", said, reason, page)


def _matches(wanted: str, have: Iterable[str]) -> bool:
    if wanted == "latest":
        return True
    if wanted.endswith(".x"):
        return any(each == wanted[:-2] or each.startswith(f"{wanted[:-2]}.") for each in have)
    return any(each in {wanted, f"{wanted}.0"} for each in have)
