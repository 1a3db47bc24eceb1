"""Linter of imagedefinitions.json (ECS rolling deploy) and imageDetail.json (ECS blue-green through CodeDeploy).

Facts from https://docs.aws.amazon.com/codepipeline/latest/userguide/file-reference.html.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from ._document import parse_json
from ._node import Node
from ._schema import nearest
from .problem import Problem, Problems

__all__ = ["lint"]

_PAGE = "https://docs.aws.amazon.com/codepipeline/latest/userguide/file-reference.html"
_MAX_BYTES = 100 * 1024
_IMAGE = re.compile(
    r"(?:[A-Za-z0-9.-]+(?::\d+)?/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*"
    r"(?P<tag>:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?P<digest>@sha256:[0-9a-f]{64})?"
)
_DETAIL = (
    "ImageURI",
    "ImageDigest",
    "ImageTags",
    "ImageSizeInBytes",
    "ImagePushedAt",
    "RegistryId",
    "RepositoryName",
    "Version",
)


def lint(text: str, *, containers: Collection[str] = ()) -> tuple[Problem, ...]:
    """Return every problem of either file; an array is imagedefinitions.json, an object imageDetail.json.

    Args:
        text: the file.
        containers: those of the task definition, where they are known: then an array may name no other.
    """
    found = Problems(_PAGE)
    root = parse_json(text, found)
    if root is None:
        return found.all()
    if len(text.encode()) > _MAX_BYTES:
        found.error(root, "too-large", "The file is larger than 100 KB", "CodePipeline reads no more.")
    if root.kind == "sequence":
        _definitions(root, found, containers)
    elif root.kind == "mapping":
        _detail(root, found)
    else:
        found.error(root, "type", f"The file must be an array of images, not {root.said}")
    return found.all()


def _definitions(root: Node, found: Problems, containers: Collection[str]) -> None:
    if not root.items:
        found.error(root, "too-few", "The file names no image", "The service would keep the images it has.")
    seen: dict[str, int] = {}
    for each in root.items:
        if each.kind != "mapping":
            found.error(each, "type", f"Each entry must be an object, not {each.said}", 'It is {"name", "imageUri"}.')
            continue
        _keys(each, ("name", "imageUri"), ("name", "imageUri"), found)
        name, image = each.get("name"), each.get("imageUri")
        if name is not None:
            if name.type != "string" or not re.fullmatch(r"[A-Za-z0-9_-]{1,255}", name.text):
                reason = "It is a container's name in the task definition: letters, digits, - and _."
                found.error(name, "container", f"{name.text[:80] or name.said} cannot be a container", reason)
            elif name.text in seen:
                reason = f"It is on line {seen[name.text]} too."
                found.error(name, "container", f"The container {name.text} is given twice", reason)
            elif containers and name.text not in containers:
                reason = f"It has {', '.join(containers)}."
                found.error(name, "container", f"The task definition has no container {name.text}", reason)
            seen[name.text] = name.line
        if image is not None:
            _image(image, found)


def _detail(root: Node, found: Problems) -> None:
    if root.get("name") is not None and root.get("imageUri") is not None:
        found.error(
            root, "type", "imagedefinitions.json must be an array", 'Put it in brackets: [{"name", "imageUri"}].'
        )
        return
    _keys(root, _DETAIL, ("ImageURI",), found)
    image = root.get("ImageURI")
    if image is not None:
        _image(image, found)


def _keys(node: Node, known: tuple[str, ...], needed: tuple[str, ...], found: Problems) -> None:
    for key, _ in node.pairs:
        if key.text not in known:
            near = nearest(key.text, known)
            reason = f"Did you mean {near}?" if near else f"Known: {', '.join(known)}."
            found.error(key, "unknown-key", f"{key.text[:80]} is not known here", reason)
    for name in needed:
        if node.get(name) is None:
            found.error(node, "missing-key", f"There is no {name}", "It is required; capitals count.")


def _image(image: Node, found: Problems) -> None:
    text = image.text
    if image.type != "string" or not text.strip():
        found.error(image, "image", f"The image is {'empty' if image.type == 'string' else image.said}")
        return
    if re.search(r"[$<>{}]|%s", text):
        reason = "The command that wrote the file did not replace it."
        found.error(image, "image", f"{text[:120]} holds a placeholder", reason)
        return
    match = _IMAGE.fullmatch(text)
    if match is None:
        reason = "The form is REGISTRY/REPOSITORY:TAG, the repository in lower case; no blanks, no https://."
        found.error(image, "image", f"{text[:120]} is not the address of an image", reason)
    elif not match["tag"] and not match["digest"]:
        found.hint(image, "image", f"{text[:120]} has no tag", "It means :latest; a tag of its own can be rolled back.")
    elif match["tag"] == ":latest" and not match["digest"]:
        found.hint(image, "image", f"{text[:120]} is :latest", "A tag of its own can be rolled back.")
