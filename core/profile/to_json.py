"""A profile as one JSON object (docs/profile.schema.json describes it). Pure."""

from __future__ import annotations

from typing import Any

from core.commands import aws_command
from core.finding import Fix
from core.place import Place
from core.profile.case import Advice
from core.profile.delivery import Delivery
from core.profile.numbers import Series
from core.profile.profile import Profile

__all__ = ["SCHEMA", "to_json"]

SCHEMA = 1


def to_json(profile: Profile) -> dict[str, Any]:
    """Return the public JSON object; durations in seconds, times in epoch seconds, costs in US dollars."""
    case = profile.case
    return {
        "schema": SCHEMA,
        "account": case.account,
        "region": case.ref.place.region,
        "pipeline": case.ref.name,
        "executions": len(case.history.runs),
        "truncated": case.history.truncated,
        "notes": list(case.history.notes),
        "duration": _series(profile.whole),
        "stages": [{"stage": name, **(_series(each) or {})} for name, each in profile.stages.items()],
        "actions": [
            {
                "stage": node[0],
                "action": node[1],
                **(_series(each) or {}),
                "phases": {name: _series(one) for name, one in profile.phases.get(node, {}).items()},
            }
            for node, each in profile.actions.items()
        ],
        "time_s": {kind.value: round(seconds, 1) for kind, seconds in profile.kinds.items()},
        "critical_path": [
            {
                "stage": leg.run.stage,
                "action": leg.run.action,
                "wait_s": round(leg.wait_s, 1),
                "took_s": round(leg.run.took_s, 1),
            }
            for leg in profile.path
        ],
        "critical_path_of": profile.latest.id if profile.latest else "",
        "delivery": _delivery(profile.delivery),
        "flaky": [
            {
                "stage": each.node[0],
                "action": each.node[1],
                "times": len(each.flakes),
                "rate": round(each.rate, 4),
                "lost_s": round(each.lost_s, 1),
                "tests": list(case.extras.flaky_tests.get(each.node, ())),
            }
            for each in profile.flaky
        ],
        "cost_usd": _money(profile.cost),
        "prices": {
            "as_of": profile.prices.as_of,
            "region": profile.prices.region,
            "source": profile.prices.source,
        },
        "advice": [_advice(each, case.ref.place) for each in profile.advice],
    }


def _series(series: Series | None) -> dict[str, Any] | None:
    if series is None:
        return None
    return {
        "count": series.count,
        "median_s": round(series.median_s, 1),
        "p90_s": round(series.p90_s, 1),
        "latest_s": round(series.latest_s, 1),
        "recent_s": round(series.recent_s, 1),
        "before_s": None if series.before_s is None else round(series.before_s, 1),
        "last_good_s": round(series.last_good_s, 1),
        "trend_s_a_week": round(series.growth_s_a_week, 2),
    }


def _delivery(delivery: Delivery) -> dict[str, Any]:
    def rounded(value: float | None, digits: int) -> float | None:
        return None if value is None else round(value, digits)

    return {
        "days": round(delivery.days, 1),
        "succeeded": delivery.succeeded,
        "failed": delivery.failed,
        "superseded": delivery.superseded,
        "failure_rate": rounded(delivery.failure_rate, 4),
        "time_to_restore_s": rounded(delivery.restore_s, 1),
        "lead_time_s": rounded(delivery.lead_s, 1),
        "successes_a_week": round(delivery.a_week, 2),
    }


def _money(dollars: float | None) -> float | None:
    return None if dollars is None else round(dollars, 4)


def _advice(advice: Advice, place: Place) -> dict[str, Any]:
    saving = advice.saving
    return {
        "cause": advice.cause,
        "title": advice.title,
        "summary": advice.summary,
        "saved_s": round(saving.saved_s, 1) if saving else None,
        "saved_low_s": round(saving.low_s, 1) if saving else None,
        "saved_high_s": round(saving.high_s, 1) if saving else None,
        "basis": advice.basis,
        "actions": [{"stage": stage, "action": action} for stage, action in advice.nodes],
        "evidence": list(advice.lines),
        "cost_before_usd": _money(advice.cost_before),
        "cost_after_usd": _money(advice.cost_after),
        "fixes": [_fix(fix, place) for fix in advice.fixes],
    }


def _fix(fix: Fix, place: Place) -> dict[str, Any]:
    commands = list(fix.commands)
    if fix.plan:
        commands.insert(0, aws_command(fix.plan.call, region=place.region, profile=place.profile))
    return {
        "id": fix.id,
        "title": fix.title,
        "kind": fix.kind,
        "risk": fix.risk.value,
        "steps": list(fix.steps),
        "commands": commands,
        "link": fix.console_url,
    }
