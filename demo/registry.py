"""ECR: the repositories of projects that build with Docker, and the images that task definitions name."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from demo.engine.build import Project
from demo.moto_bridge import MotoBridge
from demo.platform.containers import Containers

__all__ = ["Registry"]

_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
_CONFIG = "application/vnd.docker.container.image.v1+json"


class Registry:
    """Keeps moto's ECR in step with what builds pushed and services run."""

    def __init__(self, moto: MotoBridge, containers: Containers) -> None:
        self._moto = moto
        self._containers = containers

    def seed(self, region: str, projects: Iterable[Project]) -> None:
        """Make what is not there yet. Called before every call to ECR: later deployments bring later images."""
        backend = self._moto.backend("ecr", region)
        for project in projects:
            if project.data["environment"]["privilegedMode"] and project.name not in backend.repositories:
                encryption, scan = {"encryptionType": "AES256"}, {"scanOnPush": True}
                backend.create_repository(project.name, None, encryption, scan, "MUTABLE", [])
        for service in self._containers.services.values():
            if service.region == region and service.name in backend.repositories:
                for definition in service.definitions:
                    _push(backend, service.name, definition.image.rpartition(":")[2])


def _push(backend: Any, repository: str, tag: str) -> None:
    if any(tag in image.image_tags for image in backend.repositories[repository].images):
        return
    config = {"mediaType": _CONFIG, "size": 7023, "digest": f"sha256:{hashlib.sha256(tag.encode()).hexdigest()}"}
    manifest = {"schemaVersion": 2, "mediaType": _MANIFEST, "config": config, "layers": []}
    backend.put_image(repository, json.dumps(manifest), tag, _MANIFEST)
