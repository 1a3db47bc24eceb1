"""EventBridge rules that start pipelines: kept here until moto's service is asked for, read there from then on."""

import json
from collections.abc import Mapping
from typing import Any

from demo.engine.pipeline import Pipeline
from demo.iam.principals import Iam
from demo.moto_bridge import MotoBridge
from demo.names import ACCOUNT_ID, arn

__all__ = ["Rules", "codecommit_event"]


def codecommit_event(region: str, repository: str, branch: str, commit_id: str) -> dict[str, Any]:
    """Form the event CodeCommit sends for a push."""
    return {
        "version": "0",
        "detail-type": "CodeCommit Repository State Change",
        "source": "aws.codecommit",
        "account": ACCOUNT_ID,
        "region": region,
        "resources": [arn("codecommit", region, repository)],
        "detail": {
            "event": "referenceUpdated",
            "repositoryName": repository,
            "referenceType": "branch",
            "referenceName": branch,
            "referenceFullName": f"refs/heads/{branch}",
            "commitId": commit_id,
        },
    }


class Rules:
    """The rules of the account's default event buses."""

    def __init__(self, moto: MotoBridge, iam: Iam) -> None:
        self._moto = moto
        self._iam = iam
        self._begun: dict[str, list[dict[str, Any]]] = {}
        self._seeded: set[str] = set()

    def add(
        self,
        region: str,
        name: str,
        pattern: Mapping[str, Any],
        target: str,
        role: str,
        *,
        enabled: bool = True,
        schedule: str | None = None,
    ) -> str:
        """Put a rule into the account's beginnings and return its ARN; a scheduled one has an empty pattern."""
        rule = {
            "name": name,
            "pattern": dict(pattern),
            "schedule": schedule,
            "state": "ENABLED" if enabled else "DISABLED",
            "targets": [{"Id": "codepipeline", "Arn": target, "RoleArn": role}],
        }
        self._begun.setdefault(region, []).append(rule)
        return arn("events", region, f"rule/{name}")

    def seed(self, region: str) -> None:
        """Create the region's rules in moto, once."""
        if region in self._seeded:
            return
        backend = self._moto.backend("events", region)
        for rule in self._begun.get(region, []):
            pattern = json.dumps(rule["pattern"]) if rule["pattern"] else None
            backend.put_rule(
                rule["name"], event_pattern=pattern, scheduled_expression=rule["schedule"], state=rule["state"]
            )
            backend.put_targets(rule["name"], None, rule["targets"])
        self._seeded.add(region)

    def rule_for(self, pipeline: Pipeline, event: Mapping[str, Any]) -> str:
        """Return the ARN of a rule that starts the pipeline on an event; empty text where none does."""
        for name, enabled, matches, targets in self._rules(pipeline.region, event):
            if enabled and matches and any(self._starts(target, pipeline) for target in targets):
                return arn("events", pipeline.region, f"rule/{name}")
        return ""

    def _rules(self, region: str, event: Mapping[str, Any]) -> list[tuple[str, bool, bool, list[dict[str, str]]]]:
        if region not in self._seeded:
            return [
                (rule["name"], rule["state"] == "ENABLED", _hit(rule["pattern"], event), rule["targets"])
                for rule in self._begun.get(region, [])
            ]
        held = self._moto.backend("events", region).event_buses["default"].rules.values()
        found = []
        for rule in held:
            hit = rule.scheduled_expression is None and bool(rule.event_pattern.matches_event(event))
            found.append((rule.name, rule.state == "ENABLED", hit, rule.targets))
        return found

    def _starts(self, target: Mapping[str, str], pipeline: Pipeline) -> bool:
        role = target.get("RoleArn", "")
        return (
            target["Arn"] == pipeline.arn
            and self._iam.trusts(role, "events.amazonaws.com")
            and self._iam.decide(role, "codepipeline:StartPipelineExecution", pipeline.arn).allowed
        )


def _hit(pattern: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    return bool(pattern) and _matches(pattern, event)


def _matches(pattern: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    for key, wanted in pattern.items():
        have = event.get(key)
        if isinstance(wanted, dict):
            if not isinstance(have, dict) or not _matches(wanted, have):
                return False
        elif not set(wanted) & set(have if isinstance(have, list) else [have]):
            return False
    return True
