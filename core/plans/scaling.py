"""Changes of Auto Scaling groups. Pure.

Source: https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-suspend-resume-processes.html
"""

from __future__ import annotations

from core.fact import Fact
from core.plan import Call, Plan, Risk
from core.plans._readback_services import suspended
from core.plans.setting import Setting, Where, setting

__all__ = ["resume_processes"]


def resume_processes(where: Where, current: Fact, *, region: str = "") -> Plan | None:
    """Plan to let a group's suspended processes run again.

    Args:
        where: for which pipeline, by whom.
        current: DescribeAutoScalingGroups of the one group.
        region: where it lies, if not in the pipeline's region.

    Returns:
        The plan; None where the group could not be read or nothing is suspended.
    """
    group = current.get("AutoScalingGroups", 0, default={})
    paused = sorted(suspended((current,)))
    if not group or not paused:
        return None
    name = str(group.get("AutoScalingGroupName", ""))
    params = {"AutoScalingGroupName": name, "ScalingProcesses": paused}
    words = ", ".join(paused)
    return setting(
        where,
        Setting(
            id="autoscaling.resume",
            title=f"Let {words} of group {name} run again",
            resource=str(group.get("AutoScalingGroupARN", name)),
            call=Call("autoscaling", "ResumeProcesses", params, region),
            back=Call("autoscaling", "SuspendProcesses", params, region),
            back_words="Suspend the same processes again",
            before=f"{name}: suspended {words}",
            after=f"{name}: nothing suspended",
            present=lambda facts: f"{name}: suspended {', '.join(sorted(suspended(facts))) or 'nothing'}",
            risk=Risk.MEDIUM,
            risk_note="The group may start or end instances at once. Someone suspended them: ask who and why.",
            permissions=("autoscaling:ResumeProcesses", "autoscaling:SuspendProcesses"),
            syntax="text",
        ),
    )
