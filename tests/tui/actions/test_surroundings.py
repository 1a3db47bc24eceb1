"""Before a change: the code that makes the resource, its other users, and whether the caller may."""

from __future__ import annotations

import asyncio
from pathlib import Path

import boto3
import pytest

from aws.cloud import Cloud
from aws.profiles import resolve_places
from core.place import PipelineRef
from core.plans.codebuild import set_project
from core.plans.setting import Where
from core.plans.trust import trust_principal
from demo.process import DemoAccount
from tui.surroundings import look_around

ACCOUNT = "111122223333"
ROLE = "codebuild-search-config-apply-service-role"


async def test_a_role_made_by_terraform_and_used_by_others_is_said_before_it_is_changed(
    on_own: DemoAccount, bare_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    iam = boto3.client("iam", endpoint_url=on_own.endpoint_url, region_name="eu-west-1")
    await asyncio.to_thread(iam.tag_role, RoleName=ROLE, Tags=[{"Key": "ManagedBy", "Value": "terraform"}])
    async with Cloud(resolve_places((), ("eu-west-1",))) as cloud:
        place = cloud.places[0]
        refs = [PipelineRef(place, name) for name in await cloud.pipelines(place).names()]
        role = await cloud.evidence(place).read("iam", "GetRole", {"RoleName": ROLE})
        plan = trust_principal(Where(place, ACCOUNT, "web"), role=role, principal="events.amazonaws.com")
        assert plan
        around = await look_around(cloud, plan, refs)
        assert around.managed
        assert around.managed.tool == "Terraform"
        assert "assume_role_policy = jsonencode" in around.code
        assert any(each.startswith("pipeline search-prod: ") for each in around.users)
        assert around.looked_at == (len(refs), len(refs))

        project = await cloud.evidence(place).read("codebuild", "BatchGetProjects", {"names": ["mailer"]})
        calm = set_project(Where(place, ACCOUNT, "mailer"), project, {"timeoutInMinutes": 99}, title="Longer")
        assert calm
        around = await look_around(cloud, calm, refs)
        assert around.managed is None
        assert around.code == ""
