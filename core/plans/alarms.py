"""Changes of CloudWatch alarms. Pure.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_SetAlarmState.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.fact import Fact
from core.plan import Call, Plan, Risk
from core.plans.setting import Setting, Where, setting

__all__ = ["set_alarm_ok"]


def set_alarm_ok(where: Where, current: Fact, *, region: str = "") -> Plan | None:
    """Plan to set an alarm to OK for the moment: its next evaluation decides anew.

    Args:
        where: for which pipeline, by whom.
        current: DescribeAlarms of the one alarm.
        region: where it lies, if not in the pipeline's region.

    Returns:
        The plan; None where the alarm could not be read or is OK.
    """
    found, state = _alarm_of(current), _state_of(current)
    if not state or state == "OK":
        return None
    name = str(found.get("AlarmName", ""))

    def put(value: str, reason: str) -> Call:
        params = {"AlarmName": name, "StateValue": value, "StateReason": reason}
        return Call("cloudwatch", "SetAlarmState", params, region)

    return setting(
        where,
        Setting(
            id="cloudwatch.set-alarm-ok",
            title=f"Set the alarm {name} to OK until its next evaluation",
            resource=str(found.get("AlarmArn", name)),
            call=put("OK", "set with pipemedic so that a deployment can go on"),
            back=put(state, "set back with pipemedic"),
            back_words=f"Set it to {state} again",
            before=f"{name}: {state}",
            after=f"{name}: OK",
            present=lambda facts: f"{name}: {_state_of(facts[0])}",
            risk=Risk.HIGH,
            risk_note="Silences a guard. Its OK actions run; it soon rings again if its metric still says so.",
            permissions=("cloudwatch:SetAlarmState", "cloudwatch:DescribeAlarms"),
            syntax="text",
            deadline_s=20.0,
        ),
    )


def _alarm_of(fact: Fact) -> Mapping[str, Any]:
    found: Mapping[str, Any] | None = fact.get("MetricAlarms", 0, default=None)
    return found or fact.get("CompositeAlarms", 0, default={})


def _state_of(fact: Fact) -> str:
    return str(_alarm_of(fact).get("StateValue", ""))
