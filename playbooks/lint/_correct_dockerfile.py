"""A Dockerfile put right as far as that can be known: official images from ECR's gallery, names of files. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection

from core.repair import Corrected

from ._near import folders_of, near_name

__all__ = ["copy_named_right", "official_from_gallery"]

_FROM = re.compile(
    r"^(?P<lead>\s*FROM\s+(?:--platform=\S+\s+)?)"
    r"(?P<hub>(?:docker\.io/)?(?:library/)?)"
    r"(?P<image>[a-z0-9_.-]+(?::[\w.-]+)?(?:@sha256:[0-9a-f]{64})?)(?P<rest>\s.*|)$",
    re.IGNORECASE,
)
_ACCOUNT = re.compile(r"\s*FROM\s+(?:--platform=\S+\s+)?(?:docker\.io/)?[a-z0-9_-]+/[\w.-]+(?::|@|\s|$)", re.IGNORECASE)
_COPY = re.compile(r"^\s*(?:COPY|ADD)\s", re.IGNORECASE)
_PUBLIC = "public.ecr.aws/docker/library/"


def official_from_gallery(text: str) -> Corrected:
    """Take Docker's official images from ECR's public gallery, which holds the same without Docker Hub's limit."""
    lines, done, stages = text.splitlines(keepends=True), list[str](), set[str]()
    for at, line in enumerate(lines):
        found = _FROM.match(line.rstrip("\r\n"))
        if found is None:
            continue
        image, end = found["image"], line[len(line.rstrip("\r\n")) :]
        # An earlier stage's name, and scratch, are no images of a registry.
        if image.lower() not in stages and image.lower() != "scratch":
            lines[at] = f"{found['lead']}{_PUBLIC}{image}{found['rest']}{end}"
            done.append(
                f"Line {at + 1}: {image} comes from ECR's public gallery, which holds Docker's official images."
            )
        words = found["rest"].split()
        if len(words) == 2 and words[0].lower() == "as":
            stages.add(words[1].lower())
    other = tuple(
        f"Line {at + 1}: {line.strip()} comes from an account at Docker Hub: log in, or mirror it in ECR."
        for at, line in enumerate(lines)
        if _ACCOUNT.match(line) and not line.lower().split("from", 1)[1].strip().startswith("docker.io/library/")
    )
    return Corrected("".join(lines), tuple(done), other)


def copy_named_right(text: str, lost: str, names: Collection[str]) -> Corrected:
    """Correct the name of a file that COPY or ADD asks for and the context has not.

    Args:
        text: the Dockerfile.
        lost: what was asked for, as Docker names it.
        names: files in the context, relative to its root.
    """
    wanted = lost.strip("/").removeprefix("./")
    if wanted in names or wanted in folders_of(names):
        return Corrected(text, left=(f"{wanted} is in the source: look whether .dockerignore leaves it out.",))
    meant = near_name(wanted, {*names, *folders_of(names)})
    if not meant:
        return Corrected(text, left=(f"The source has no {wanted}: commit it, or make it before docker build.",))
    lines, done = text.splitlines(keepends=True), list[str]()
    word = re.compile(rf"(?<![\w./-])(?P<lead>(?:\./|/)?){re.escape(wanted)}(?P<end>/?)(?![\w./-])")
    for at, line in enumerate(lines):
        # The last word is where it goes; what is copied stands before it. Stages are no part of the context.
        head, space, target = line.rstrip().rpartition(" ")
        if not _COPY.match(line) or "--from=" in line or not head:
            continue
        after = word.sub(lambda found: f"{found['lead']}{meant}{found['end']}", head)
        if after != head:
            lines[at] = f"{after}{space}{target}{line[len(line.rstrip()) :]}"
            done.append(f"Line {at + 1}: {wanted} is {meant} in the source.")
    left = () if done else (f"No COPY or ADD of {wanted} was found; the source has {meant}.",)
    return Corrected("".join(lines), tuple(done), left)
