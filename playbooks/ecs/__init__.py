"""ECS deployments (rolling, with circuit breaker or without): from "not stable" to the task or check behind it."""

from __future__ import annotations

from core.playbook import Playbook, Subject
from playbooks._text import message_step

from ._capacity import CAPACITY
from ._definition import IMAGE, ROLES, SECRETS
from ._handover import HANDOVER
from ._images import IMAGE_DEFINITIONS
from ._service import ROLLOUT, SERVICE
from ._shape import SHAPE
from ._tasks import TARGETS, TASKS

__all__ = ["PLAYBOOK"]


def _applies(subject: Subject) -> float:
    return 1.0 if subject.action.provider == "ECS" else 0.0


PLAYBOOK = Playbook(
    id="ecs",
    title="ECS deployment",
    summary="Asks the service, its stopped tasks, its targets and its task definition why it never became stable.",
    steps=(
        message_step("ecs"),
        SERVICE,
        ROLLOUT,
        TASKS,
        TARGETS,
        IMAGE_DEFINITIONS,
        SHAPE,
        IMAGE,
        SECRETS,
        ROLES,
        HANDOVER,
        CAPACITY,
    ),
    applies=_applies,
    causes=(
        "ecs.capacity",
        "ecs.circuit-breaker",
        "ecs.health-check",
        "ecs.image-definitions",
        "ecs.image-pull",
        "ecs.not-stable",
        "ecs.secrets",
        "ecs.service-config",
        "ecs.task-crash",
        "permission.explicit-deny",
        "permission.pass-role",
        "permission.role-trust",
    ),
)
