"""Tags of all pipelines, a hundred a call."""

from __future__ import annotations

from typing import Any

from aws.cloud import Cloud
from tests.aws.conftest import HERE
from tests.aws.stub import Asked, StubAws


def page(asked: Asked) -> dict[str, Any]:
    first = not asked.params.get("PaginationToken")
    arn = "arn:aws:codepipeline:eu-west-1:111122223333:"
    names = ("web", "webhook/x") if first else ("api",)
    return {
        "PaginationToken": "more" if first else "",
        "ResourceTagMappingList": [
            {"ResourceARN": arn + name, "Tags": [{"Key": "team", "Value": f"of-{name}"}]} for name in names
        ],
    }


async def test_tags_come_page_by_page_and_webhooks_stay_out(stub: StubAws, cloud: Cloud) -> None:
    stub.on("GetResources", page)
    assert await cloud.tags(HERE) == {"web": {"team": "of-web"}, "api": {"team": "of-api"}}
    assert stub.asked[0].params["ResourceTypeFilters"] == ["codepipeline"]
