"""Changes of EventBridge rules. Pure."""

from __future__ import annotations

from core.fact import Fact
from core.place import Place
from core.plan import Call, Check, Plan, Risk, Undo

__all__ = ["enable_rule"]


def _state(fact: Fact) -> str:
    return str(fact.get("State", default=""))


def enable_rule(*, place: Place, account: str, pipeline: str, rule: str, arn: str, bus: str = "default") -> Plan:
    """Plan to enable a rule.

    Args:
        place: through which profile and region the change is made.
        account: the caller's account.
        pipeline: the pipeline that the rule starts.
        rule: the rule's name.
        arn: its ARN.
        bus: the event bus it hangs on.
    """
    params = {"Name": rule, "EventBusName": bus}
    read = Call("events", "DescribeRule", params)
    return Plan(
        id="events.enable-rule",
        title=f"Enable the EventBridge rule {rule}",
        place=place,
        account=account,
        pipeline=pipeline,
        resource=arn,
        call=Call("events", "EnableRule", params),
        risk=Risk.MEDIUM,
        risk_note="Later changes of the source start the pipeline by themselves; what was missed is not made up for.",
        precondition=Check(f"Rule {rule} is still disabled", (read,), lambda facts: _state(facts[0]) == "DISABLED"),
        verification=Check(f"Rule {rule} is enabled", (read,), lambda facts: _state(facts[0]) == "ENABLED"),
        before=f"{rule}: DISABLED",
        after=f"{rule}: ENABLED",
        present=lambda facts: f"{rule}: {_state(facts[0])}",
        syntax="text",
        permissions=("events:EnableRule",),
        undo=Undo(f"Disable rule {rule} again", Call("events", "DisableRule", params)),
    )
