from __future__ import annotations

import subprocess
import sys

import pytest

from core.causes import CAUSES

_FAMILIES = {
    "source", "artifact", "permission", "build", "codedeploy", "ecs", "cfn", "s3deploy", "lambda", "beanstalk",
    "stepfunctions", "thirdparty", "ecr", "eks", "terraform", "flow", "perf", "audit",
}  # fmt: skip
_PLAYBOOKS = {
    "codebuild", "source-codeconnections", "permissions", "source-github", "source-codecommit", "source-s3",
    "source-ecr", "triggers", "tests", "codedeploy", "ecs", "ecs-blue-green", "cloudformation", "deploy-other",
    "invoke", "approval", "artifacts", "flow", "bottlenecks",
}  # fmt: skip


def test_the_whole_vocabulary_is_there() -> None:
    assert {cause.family for cause in CAUSES.values()} == _FAMILIES
    assert len(CAUSES) == 129


@pytest.mark.parametrize("name", list(CAUSES))
def test_every_cause_says_what_it_is_and_where_to_go(name: str) -> None:
    cause = CAUSES[name]
    assert cause.id == name
    assert cause.family == name.partition(".")[0]
    assert 0 < len(cause.title) <= 60
    assert cause.meaning
    assert cause.link.startswith("https://docs.aws.amazon.com/")
    assert cause.next
    assert cause.playbooks
    assert set(cause.playbooks) <= _PLAYBOOKS


def test_symptoms_name_causes_or_families_that_exist() -> None:
    for cause in CAUSES.values():
        for pattern in cause.symptom_of:
            assert pattern == "*" or pattern in CAUSES or pattern.removesuffix(".*") in _FAMILIES


def test_what_often_lies_behind_a_cause_is_a_cause_too() -> None:
    for cause in CAUSES.values():
        assert all(name in CAUSES and name != cause.id for name in cause.often)
        assert len(cause.often) <= 2


def test_a_symptom_yields_to_what_lies_underneath_and_never_to_itself() -> None:
    health = CAUSES["codedeploy.health"]
    assert health.yields_to("codedeploy.hook-failed")
    assert health.yields_to("permission.action-denied")
    assert not health.yields_to("codedeploy.health")
    assert not health.yields_to("flow.stopped")


def test_the_vocabulary_is_not_read_before_it_is_needed() -> None:
    size = "print(c._load.cache_info().currsize)"
    code = f"import core.causes as c; {size}; c.CAUSES['flow.stuck']; {size}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["0", "1"]
