"""A place that the configuration makes read-only takes no change, from wherever it comes."""

from __future__ import annotations

from pathlib import Path

import pytest

from aws.cloud import Cloud
from core.errors import ReadOnlyRefused
from core.plan import Plan
from tests.aws.conftest import HERE, THERE
from tests.aws.stub import StubAws
from tests.builders import plan


async def outcome(cloud: Cloud, change: Plan) -> None:
    async for _ in cloud.apply(change):
        pass


async def test_a_sealed_place_refuses_below_all_screens(stub: StubAws, tmp_path: Path) -> None:
    change = plan(place=HERE)
    async with Cloud([HERE, THERE], sealed=frozenset({HERE}), journal_dir=tmp_path) as cloud:
        with pytest.raises(ReadOnlyRefused, match="read-only in the configuration"):
            await outcome(cloud, change)
        with pytest.raises(ReadOnlyRefused):
            await cloud._caller.change(HERE, "codepipeline", "StartPipelineExecution", {"name": "web"})
        cloud.look_at([HERE])
        with pytest.raises(ReadOnlyRefused):
            await outcome(cloud, change)
    assert not [one for one in stub.asked if one.operation.startswith(("Start", "Put", "Retry"))]
