"""Changing a demo account over HTTP: applied, proven, taken back from the journal; the pipeline green afterwards."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aws.cloud import Cloud
from core.fact import Fact
from core.journal import entries, undo_plan, why_no_undo
from core.place import PipelineRef, Place
from core.plan import ApplyOutcome, ApplyStep, Plan
from core.plans.pipeline import retry_stage
from core.plans.setting import Where
from demo.process import DemoAccount

__all__ = [
    "ACCOUNT",
    "EU",
    "PROVEN",
    "US",
    "apply",
    "door",
    "goes_green",
    "read",
    "ring",
    "setup",
    "statuses",
    "suspend",
    "there_and_back",
    "verified",
    "where",
]

ACCOUNT = "111122223333"
EU = Place("", "eu-west-1")
US = Place("", "us-east-1")
# All plans that were applied and proven in this run of the tests.
PROVEN: list[Plan] = []


@asynccontextmanager
async def door(journal: Path) -> AsyncIterator[Cloud]:
    """The door to the account that the environment leads to, in both of its regions."""
    async with Cloud([EU, US], journal_dir=journal) as opened:
        yield opened


def where(pipeline: str, place: Place = EU) -> Where:
    """For which pipeline a change is planned."""
    return Where(place, ACCOUNT, pipeline)


async def read(cloud: Cloud, service: str, operation: str, place: Place = EU, **params: Any) -> Fact:
    """Read one thing."""
    return await cloud.evidence(place).read(service, operation, params)


def setup(account: DemoAccount, service: str, region: str = "eu-west-1") -> Any:
    """A client of the test's own, which puts into the account what a fix is about."""
    import boto3  # noqa: PLC0415 (slow to import)

    return boto3.client(
        service,
        region_name=region,
        endpoint_url=account.endpoint_url,
        aws_access_key_id=account.environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=account.environment["AWS_SECRET_ACCESS_KEY"],
    )


def ring(client: Any, name: str) -> None:
    """Make an alarm that rings."""
    metric = {"Namespace": "web", "MetricName": "5xx", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1}
    client.put_metric_alarm(AlarmName=name, Threshold=1.0, ComparisonOperator="GreaterThanThreshold", **metric)
    client.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="test")


def suspend(client: Any, name: str, zone: str, *processes: str) -> None:
    """Make an empty Auto Scaling group with suspended processes."""
    client.create_launch_configuration(LaunchConfigurationName=name, ImageId="ami-12c6146b", InstanceType="t3.micro")
    size = {"MinSize": 0, "MaxSize": 0}
    client.create_auto_scaling_group(
        AutoScalingGroupName=name, LaunchConfigurationName=name, AvailabilityZones=[zone], **size
    )
    client.suspend_processes(AutoScalingGroupName=name, ScalingProcesses=list(processes))


async def apply(cloud: Cloud, plan: Plan | None) -> ApplyStep:
    """Apply a plan; the last step has the outcome."""
    assert plan is not None
    steps = [step async for step in cloud.apply(plan)]
    if steps[-1].outcome is ApplyOutcome.VERIFIED:
        PROVEN.append(plan)
    return steps[-1]


async def verified(cloud: Cloud, plan: Plan | None) -> None:
    """Apply a plan that is proven."""
    step = await apply(cloud, plan)
    assert step.outcome is ApplyOutcome.VERIFIED, step


async def there_and_back(cloud: Cloud, plan: Plan | None, *, again: bool = True) -> None:
    """Apply, take back from the journal, apply again: each time proven; a second application is a conflict.

    A structure has another version once it was taken back, so that it is not applied `again`.
    """
    assert plan is not None
    first = await apply(cloud, plan)
    assert first.outcome is ApplyOutcome.VERIFIED, first
    told = await apply(cloud, plan)
    assert told.outcome is ApplyOutcome.CONFLICT
    # A conflict is shown as the difference between what was expected and what is there.
    assert not plan.before or told.present not in ("", plan.before), (plan.id, told.present)
    entry = entries(cloud.journal.records(), time.time())[0]
    assert entry.request_id or plan.call.service == "s3"
    assert why_no_undo(entry) == ""
    undone = await apply(cloud, undo_plan(entry))
    assert undone.outcome is ApplyOutcome.VERIFIED, undone
    last = await apply(cloud, plan)
    assert last.outcome is (ApplyOutcome.VERIFIED if again else ApplyOutcome.CONFLICT), last


async def goes_green(cloud: Cloud, account: DemoAccount, name: str, place: Place = EU) -> None:
    """Retry the failed stage; the pipeline then runs to its end."""
    reader = cloud.pipelines(place)
    state = await reader.state(name)
    failed = next(stage for stage in state.stages if stage.status == "Failed")
    plan = retry_stage(PipelineRef(place, name), ACCOUNT, failed.name, failed.execution_id)
    assert (await apply(cloud, plan)).outcome is ApplyOutcome.VERIFIED
    await asyncio.to_thread(account.advance, 3 * 3600)
    assert await statuses(cloud, name, place) == {"Succeeded"}


async def statuses(cloud: Cloud, name: str, place: Place = EU) -> set[str]:
    """The statuses of a pipeline's stages."""
    return {stage.status for stage in (await cloud.pipelines(place).state(name)).stages}
