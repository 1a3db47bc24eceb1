"""Artifacts as objects in S3: zipped when somebody looks into the store."""

import io
import re
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime

from demo.engine.model import Artifact, Commit
from demo.moto_bridge import MotoBridge

__all__ = ["ArtifactStore", "container_in"]

_CONTAINER = re.compile(r'\\*"name\\*"\s*:\s*\\*"([\w-]+)')


class ArtifactStore:
    """Remembers artifacts until S3 is asked for them."""

    def __init__(self, moto: MotoBridge) -> None:
        self._moto = moto
        self._waiting: list[tuple[Artifact, bool]] = []

    def add(self, artifact: Artifact, *, source: bool) -> None:
        """Note an artifact; a source artifact holds the revision's files, another one what builds make."""
        self._waiting.append((artifact, source))

    def store(self) -> None:
        """Put what was noted into moto's S3."""
        waiting, self._waiting = self._waiting, []
        backend = self._moto.s3()
        # What is large is kept in the newest of each only: the account must be there at once.
        by_age = sorted((artifact for artifact, _ in waiting), key=lambda artifact: artifact.made)
        newest = {(artifact.bucket, artifact.key.rpartition("/")[0]): artifact for artifact in by_age}
        for artifact, source in waiting:
            heavy = artifact.ballast if newest[artifact.bucket, artifact.key.rpartition("/")[0]] is artifact else {}
            if artifact.bucket in backend.buckets:
                held = backend.put_object(
                    artifact.bucket, artifact.key, _zip(artifact, heavy, source=source), encryption="aws:kms"
                )
                held.last_modified = datetime.fromtimestamp(artifact.made, UTC).replace(tzinfo=None)


def container_in(commit: Commit | None) -> str:
    """Return the container that a revision's buildspec writes into the image definitions."""
    spec = commit.files.get("buildspec.yml", "") if commit is not None else ""
    found = _CONTAINER.search(spec)
    return found[1] if found else "app"


def _zip(artifact: Artifact, ballast: Mapping[str, int], *, source: bool) -> bytes:
    files = dict(artifact.commit.files) if artifact.commit is not None else {}
    if not source:
        tag = artifact.commit.id[:12] if artifact.commit is not None else "latest"
        name = container_in(artifact.commit)
        files |= {"imagedefinitions.json": f'[{{"name":"{name}","imageUri":"{name}:{tag}"}}]'}
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name), text)
        for name, size in ballast.items():
            archive.writestr(zipfile.ZipInfo(name), bytes(size))
    return held.getvalue()
