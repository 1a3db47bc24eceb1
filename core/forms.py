"""Which forms of the menu of actions put a cause right, on the action that it stands on. Pure.

A playbook's fix is a plan where all is known. Where a value must be chosen by a person (a path to check, an alarm, a
time-out), the form asks for it, filled with what is set now.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.finding import Finding

__all__ = ["Form", "forms_of"]


@dataclass(frozen=True, slots=True)
class Form:
    """A form: how the ids of its action begin (`core.actions`), and what it does, in the imperative."""

    begins: str
    title: str


_ALARM = Form("alarm:", "Set the alarm that rings to OK")
_DEFINITION = Form("task-definition:", "Take the service back to an earlier task definition")
_DELETE = Form("delete-stack:", "Delete the stack that could not be created")
_EDIT = Form("edit:", "Edit what the pipeline says of the action: branch, repository, connection, artifacts, role")
_GROUP = Form("group:", "Set alarms, rollback, tags or load balancer of the deployment group")
_HEALTH = Form("health-check:", "Set the health check of the target group")
_ON = Form("continue-rollback:", "Go on with the rollback of the stack, with chosen skips")
_OVERRIDE = Form("override:", "Override the condition")
_PIPELINE = Form("edit-pipeline", "Edit the pipeline's role, mode and type")
_PROJECT = Form("project:", "Set image, machine, time-outs, VPC, logs or cache of the build project")
_REDEPLOY = Form("redeploy:", "Deploy the service again")
_RESUME = Form("resume:", "Let suspended Auto Scaling processes run again")
_ROLLBACK = Form("rollback:", "Roll the stage back to a good execution")
_SERVICE = Form("service:", "Set grace period or circuit breaker of the service")
_STOP = Form("stop:", "Stop the execution after the actions under way")
_VARIABLE = Form("variable:", "Read a variable of the build from a parameter or a secret")

# The longest beginning of the cause's id counts.
_BY_CAUSE: Mapping[str, tuple[Form, ...]] = {
    "artifact.": (_EDIT,),
    "build.": (_PROJECT, _EDIT),
    "build.env-secret": (_VARIABLE, _PROJECT),
    "cfn.": (_ON, _DELETE, _EDIT),
    "codedeploy.": (_GROUP, _ROLLBACK, _EDIT),
    "codedeploy.alarm-rollback": (_ALARM, _GROUP, _ROLLBACK),
    "codedeploy.health": (_GROUP, _RESUME, _ROLLBACK),
    "codedeploy.autoscaling": (_RESUME, _GROUP),
    "codedeploy.no-instances": (_GROUP, _RESUME),
    "ecs.": (_DEFINITION, _SERVICE, _REDEPLOY, _ROLLBACK),
    "ecs.health-check": (_HEALTH, _SERVICE, _DEFINITION, _ROLLBACK),
    "ecs.image-definitions": (_EDIT, _DEFINITION),
    "flow.condition-failed": (_OVERRIDE, _ROLLBACK),
    "flow.structure-invalid": (_EDIT, _PIPELINE),
    "flow.stage-busy": (_STOP, _PIPELINE),
    "permission.": (_EDIT, _PIPELINE),
    "source.": (_EDIT,),
}


def forms_of(finding: Finding) -> tuple[Form, ...]:
    """Return the forms for a finding, the likeliest first; none where its cause stands on no action."""
    if not finding.stage:
        return ()
    found = [begins for begins in _BY_CAUSE if finding.cause.startswith(begins)]
    return _BY_CAUSE[max(found, key=len)] if found else ()
