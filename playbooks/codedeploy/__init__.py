"""CodeDeploy to EC2 and on-premises servers: from the error code to the script, agent, right or check that failed."""

from __future__ import annotations

from core.playbook import Playbook, Subject
from playbooks._hook_log import hook_step
from playbooks._text import message_step

from ._deployment import DEPLOYMENT, EVENT, GROUP
from ._revision import REVISION
from ._room import BUSY, HOSTS
from ._scaling import SCALING
from ._servers import AGENT, INSTANCES, PROFILE
from ._traffic import ALARMS, BALANCER

__all__ = ["PLAYBOOK"]


def _applies(subject: Subject) -> float:
    return 1.0 if subject.action.provider == "CodeDeploy" else 0.0


PLAYBOOK = Playbook(
    id="codedeploy",
    title="CodeDeploy to servers",
    summary="Finds the first lifecycle event that failed, and checks group, agents, profile, traffic and alarms.",
    steps=(
        message_step("codedeploy"),
        DEPLOYMENT,
        EVENT,
        hook_step("codedeploy"),
        REVISION,
        GROUP,
        INSTANCES,
        AGENT,
        PROFILE,
        BALANCER,
        SCALING,
        ALARMS,
        HOSTS,
        BUSY,
    ),
    applies=_applies,
    causes=(
        "codedeploy.agent-missing",
        "codedeploy.alarm-rollback",
        "codedeploy.appspec-invalid",
        "codedeploy.autoscaling",
        "codedeploy.blue-green",
        "codedeploy.bundle-unpack",
        "codedeploy.configuration",
        "codedeploy.file-exists",
        "codedeploy.health",
        "codedeploy.hook-failed",
        "codedeploy.instance-profile",
        "codedeploy.load-balancer",
        "codedeploy.no-instances",
        "flow.stopped",
        "flow.throttled",
        "permission.action-denied",
        "permission.role-trust",
        "source.token-invalid",
    ),
)
