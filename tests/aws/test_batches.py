"""A batch of builds: the one to look at comes first."""

from __future__ import annotations

from typing import Any

from aws.cloud import Cloud
from tests.aws.conftest import HERE
from tests.aws.stub import Asked, StubAws

STATUSES = {"web:a": "SUCCEEDED", "web:b": "FAILED", "web:c": "IN_PROGRESS", "web:d": "SUCCEEDED"}


def arn(identity: str) -> str:
    return f"arn:aws:codebuild:eu-west-1:111122223333:build/{identity}"


async def test_a_failed_build_of_a_batch_is_looked_at_first_then_a_running_one_then_the_last(
    stub: StubAws, cloud: Cloud
) -> None:
    def builds(asked: Asked) -> Any:
        held = [each for each in STATUSES if arn(each) in asked.params["ids"]]
        return {"builds": [{"id": each, "arn": arn(each), "buildStatus": STATUSES[each]} for each in held]}

    groups = [{"identifier": each, "currentBuildSummary": {"arn": arn(each)}} for each in STATUSES]
    stub.on("BatchGetBuildBatches", {"buildBatches": [{"buildGroups": [*groups, {"identifier": "waits"}]}]})
    stub.on("BatchGetBuilds", builds)
    found = await cloud.builds(HERE).of_batch("web:batch")
    assert [each.id for each in found] == ["web:b", "web:c", "web:d", "web:a"]
    stub.on("BatchGetBuildBatches", {"buildBatches": [], "buildBatchesNotFound": ["web:none"]})
    assert await cloud.builds(HERE).of_batch("web:none") == ()
