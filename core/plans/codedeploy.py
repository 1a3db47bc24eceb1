"""Changes of deployments and deployment groups. Pure.

Sources: https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_UpdateDeploymentGroup.html,
API_StopDeployment.html, API_ContinueDeployment.html.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.fact import Fact
from core.plan import Call, Check, Plan, Risk
from core.plans.setting import Setting, Where, check_of, setting
from core.policy import as_text

__all__ = ["continue_deployment", "set_group", "stop_deployment"]

_UNDER_WAY = frozenset({"Created", "Queued", "InProgress", "Baking", "Ready"})


def set_group(
    where: Where, current: Fact, values: Mapping[str, Any], *, title: str, risk_note: str = "", region: str = ""
) -> Plan | None:
    """Plan to set members of a deployment group: alarms, rollback, tags, load balancer, target groups.

    Args:
        where: for which pipeline, by whom.
        current: GetDeploymentGroup of it.
        values: members of UpdateDeploymentGroup with their whole new values.
        title: a sentence in the imperative.
        risk_note: what else it means.
        region: where it lies, if not in the pipeline's region.

    Returns:
        The plan; None where the group could not be read or nothing would change.
    """
    group = current.get("deploymentGroupInfo")
    if not current.ok or not isinstance(group, Mapping):
        return None
    before = {name: group.get(name, {}) for name in values}
    if before == dict(values):
        return None
    names = {
        "applicationName": group.get("applicationName", ""),
        "currentDeploymentGroupName": group.get("deploymentGroupName", ""),
    }
    return setting(
        where,
        Setting(
            id="codedeploy.set-group",
            title=title,
            resource=f"{names['applicationName']}/{names['currentDeploymentGroupName']}",
            call=Call("codedeploy", "UpdateDeploymentGroup", {**names, **values}, region),
            back=Call("codedeploy", "UpdateDeploymentGroup", {**names, **before}, region),
            back_words="Put the earlier settings of the group back",
            before=as_text(before),
            after=as_text(values),
            risk=Risk.MEDIUM,
            risk_note=risk_note or "Later deployments of the group use it; a deployment under way does not.",
            permissions=("codedeploy:UpdateDeploymentGroup", "codedeploy:GetDeploymentGroup"),
        ),
    )


def _read(deployment_id: str, region: str) -> Call:
    return Call("codedeploy", "GetDeployment", {"deploymentId": deployment_id}, region)


def _status(fact: Fact) -> str:
    return str(fact.get("deploymentInfo", "status", default=""))


def stop_deployment(where: Where, deployment_id: str, *, roll_back: bool, region: str = "") -> Plan:
    """Plan to stop a deployment where it stands, or to stop it and deploy the last good revision again."""
    params = {"deploymentId": deployment_id, "autoRollbackEnabled": roll_back}
    call = Call("codedeploy", "StopDeployment", params, region)
    read = _read(deployment_id, region)
    note = (
        "What was deployed so far is replaced by the last revision that was deployed well."
        if roll_back
        else "Instances that have the new revision keep it, the others the old one; the action fails."
    )
    return Plan(
        id="pipeline.stop-deployment",
        title=f"Stop deployment {deployment_id}{' and roll back' if roll_back else ''}",
        place=where.place,
        account=where.account,
        pipeline=where.pipeline,
        resource=deployment_id,
        call=call,
        risk=Risk.HIGH,
        risk_note=note,
        precondition=Check("The deployment is still under way", (read,), lambda facts: _status(facts[0]) in _UNDER_WAY),
        verification=check_of(call, deadline_s=120.0),
        before="deployment: under way",
        after="deployment: stopped",
        present=lambda facts: f"deployment: {_status(facts[0])}",
        syntax="text",
        permissions=("codedeploy:StopDeployment", "codedeploy:GetDeployment"),
    )


def continue_deployment(where: Where, deployment_id: str, *, region: str = "") -> Plan:
    """Plan to let a blue/green deployment that waits send its traffic to the new instances now."""
    read = _read(deployment_id, region)
    params = {"deploymentId": deployment_id, "deploymentWaitType": "READY_WAIT"}
    return Plan(
        id="pipeline.continue-deployment",
        title=f"Continue deployment {deployment_id}",
        place=where.place,
        account=where.account,
        pipeline=where.pipeline,
        resource=deployment_id,
        call=Call("codedeploy", "ContinueDeployment", params, region),
        risk=Risk.HIGH,
        risk_note="Traffic goes to the new instances at once.",
        precondition=Check("The deployment still waits", (read,), lambda facts: _status(facts[0]) == "Ready"),
        verification=Check(
            "The deployment goes on", (read,), lambda facts: _status(facts[0]) in ("InProgress", "Baking", "Succeeded")
        ),
        before="deployment: waits",
        after="deployment: goes on",
        present=lambda facts: f"deployment: {_status(facts[0])}",
        syntax="text",
        permissions=("codedeploy:ContinueDeployment", "codedeploy:GetDeployment"),
    )
