"""CodeBuild as a build or test action: from the phase that failed to the setting, line or right that made it fail."""

from __future__ import annotations

from core.playbook import Playbook, Subject

from ._around import AROUND
from ._buildspec import ARTIFACTS, BUILDSPEC
from ._dockerfile import DOCKERFILE
from ._environment import ENVIRONMENT
from ._image import IMAGE
from ._lint import SPEC
from ._log import ACCESS, LOG
from ._machine import DOCKER, MEMORY
from ._network import NETWORK
from ._outcome import BUILD, PROJECT, STOPPED, TIME
from ._queue import QUEUE
from ._reports import REPORTS
from ._role import ROLE

__all__ = ["PLAYBOOK"]


def _applies(subject: Subject) -> float:
    return 1.0 if subject.action.provider == "CodeBuild" else 0.0


PLAYBOOK = Playbook(
    id="codebuild",
    title="CodeBuild build",
    summary="Finds the phase that failed, reads the whole log, and checks project, environment, machine, network and "
    "role against it.",
    steps=(
        BUILD,
        LOG,
        ACCESS,
        PROJECT,
        BUILDSPEC,
        SPEC,
        ENVIRONMENT,
        ROLE,
        REPORTS,
        MEMORY,
        DOCKER,
        DOCKERFILE,
        IMAGE,
        TIME,
        QUEUE,
        AROUND,
        NETWORK,
        ARTIFACTS,
        STOPPED,
    ),
    applies=_applies,
    causes=(
        "artifact.access-denied",
        "artifact.kms-denied",
        "build.artifact-path",
        "build.buildspec-invalid",
        "build.buildspec-missing",
        "build.cache-failed",
        "build.concurrency-limit",
        "build.docker-build-failed",
        "build.docker-daemon",
        "build.env-secret",
        "build.image-pull-failed",
        "build.infrastructure",
        "build.logs-denied",
        "build.mount-failed",
        "build.network",
        "build.out-of-memory",
        "build.project-missing",
        "build.queue-timeout",
        "build.registry-rate-limit",
        "build.runtime-unsupported",
        "build.stopped",
        "build.test-failed",
        "build.timeout",
        "build.vpc-config",
        "permission.action-denied",
        "permission.explicit-deny",
        "permission.pass-role",
        "permission.role-trust",
        "s3deploy.denied",
        "source.connection-denied",
    ),
)
