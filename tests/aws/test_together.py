"""Reads asked singly, made together: one call, the same answers, and each alone where that is not to be had."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from botocore.session import get_session

from aws.cloud import Cloud
from aws.reads import is_read
from aws.together import JOINT
from core.errors import AwsError, NotFound, Throttled
from core.fact import Outcome
from tests.aws.conftest import HERE
from tests.aws.stub import Asked, Refused, StubAws

ARN = "arn:aws:codebuild:eu-west-1:111122223333:build/"


def builds(asked: Asked) -> dict[str, Any]:
    """What AWS would say: each build once, named by id or by ARN; those with `gone` in their name are missing."""
    ids: Sequence[str] = asked.params["ids"]
    held = dict.fromkeys(each.removeprefix(ARN) for each in ids if "gone" not in each)
    return {
        "builds": [{"id": each, "arn": ARN + each, "buildStatus": "FAILED"} for each in held],
        "buildsNotFound": [each for each in ids if "gone" in each],
    }


async def test_builds_asked_singly_at_once_are_one_call(stub: StubAws, cloud: Cloud) -> None:
    stub.on("BatchGetBuilds", builds)
    names = [f"web:{number}" for number in range(40)]
    found = await asyncio.gather(*(cloud.builds(HERE).builds((name,)) for name in names))
    assert [[each.id for each in one] for one in found] == [[name] for name in names]
    assert [one.params["ids"] for one in stub.asked] == [names]


async def test_screens_and_playbooks_share_the_call(stub: StubAws, cloud: Cloud) -> None:
    stub.on("BatchGetBuilds", builds)
    fact, same, several, one = await asyncio.gather(
        cloud.evidence(HERE).read("codebuild", "BatchGetBuilds", {"ids": [ARN + "web:1"]}),
        cloud.evidence(HERE).read("codebuild", "BatchGetBuilds", {"ids": ["web:1"]}),
        cloud.evidence(HERE).read("codebuild", "BatchGetBuilds", {"ids": ["web:2", "gone:1", "web:3"]}),
        cloud.builds(HERE).builds(("web:4",)),
    )
    assert stub.count("BatchGetBuilds") == 1
    assert [each["id"] for each in fact.value["builds"]] == [each["id"] for each in same.value["builds"]] == ["web:1"]
    assert "buildsNotFound" not in fact.value
    assert [each["id"] for each in several.value["builds"]] == ["web:2", "web:3"]
    assert several.value["buildsNotFound"] == ["gone:1"]
    assert one[0].id == "web:4"


async def test_a_call_takes_a_hundred_builds(stub: StubAws, cloud: Cloud) -> None:
    stub.on("BatchGetBuilds", builds)
    found = await asyncio.gather(*(cloud.builds(HERE).builds((f"web:{number}",)) for number in range(130)))
    assert [one[0].id for one in found] == [f"web:{number}" for number in range(130)]
    assert sorted(len(one.params["ids"]) for one in stub.asked) == [30, 100]


async def test_regions_and_roles_are_not_mixed(stub: StubAws, cloud: Cloud) -> None:
    stub.on("BatchGetBuilds", builds)
    here = cloud.evidence(HERE)
    await asyncio.gather(
        here.read("codebuild", "BatchGetBuilds", {"ids": ["web:1"]}),
        here.read("codebuild", "BatchGetBuilds", {"ids": ["web:2"]}, region="us-east-1"),
    )
    assert sorted((one.region, one.params["ids"]) for one in stub.asked) == [
        ("eu-west-1", ["web:1"]),
        ("us-east-1", ["web:2"]),
    ]


def deployments(asked: Asked) -> Any:
    ids = asked.params["deploymentIds"]
    if any("gone" in each for each in ids):
        return Refused("DeploymentDoesNotExistException", "The deployment could not be found")
    return {"deploymentsInfo": [{"deploymentId": each, "status": "Failed"} for each in ids]}


def deployment(asked: Asked) -> Any:
    one = asked.params["deploymentId"]
    if "gone" in one:
        return Refused("DeploymentDoesNotExistException", f"The deployment {one} could not be found")
    return {"deploymentInfo": {"deploymentId": one, "status": "Failed"}}


async def test_deployments_asked_singly_are_read_twenty_five_a_call(stub: StubAws, cloud: Cloud) -> None:
    stub.on("BatchGetDeployments", deployments)
    stub.on("GetDeployment", deployment)
    read = cloud.evidence(HERE).read
    names = [f"d-{number}" for number in range(51)]
    facts = await asyncio.gather(*(read("codedeploy", "GetDeployment", {"deploymentId": name}) for name in names))
    assert [fact.value["deploymentInfo"]["deploymentId"] for fact in facts] == names
    assert (stub.count("BatchGetDeployments"), stub.count("GetDeployment")) == (2, 1)


async def test_one_that_is_gone_spoils_it_for_nobody(stub: StubAws, cloud: Cloud) -> None:
    stub.on("BatchGetDeployments", deployments)
    stub.on("GetDeployment", deployment)
    read = cloud.evidence(HERE).read
    good, gone = await asyncio.gather(
        read("codedeploy", "GetDeployment", {"deploymentId": "d-1"}),
        read("codedeploy", "GetDeployment", {"deploymentId": "d-gone"}),
    )
    assert good.value["deploymentInfo"]["deploymentId"] == "d-1"
    assert gone.outcome is Outcome.NO_DATA
    assert "d-gone" in gone.error


async def test_who_may_not_read_several_at_once_reads_one_by_one_from_then_on(stub: StubAws, cloud: Cloud) -> None:
    stub.on("BatchGetDeployments", Refused("AccessDeniedException", "not authorized"))
    stub.on("GetDeployment", deployment)
    for turn in range(2):
        facts = await asyncio.gather(
            *(
                cloud.evidence(HERE).read("codedeploy", "GetDeployment", {"deploymentId": f"d-{turn}{number}"})
                for number in range(3)
            )
        )
        assert all(fact.ok for fact in facts)
    assert (stub.count("BatchGetDeployments"), stub.count("GetDeployment")) == (1, 6)


async def test_what_an_answer_leaves_out_without_a_word_is_asked_again_alone(stub: StubAws, cloud: Cloud) -> None:
    def forgetful(asked: Asked) -> dict[str, Any]:
        return builds(asked) if len(asked.params["ids"]) == 1 else {"builds": [{"id": "web:1"}]}

    stub.on("BatchGetBuilds", forgetful)
    found = await asyncio.gather(*(cloud.builds(HERE).builds((f"web:{number}",)) for number in (1, 2)))
    assert [one[0].id for one in found] == ["web:1", "web:2"]
    assert [one.params["ids"] for one in stub.asked] == [["web:1", "web:2"], ["web:2"]]


async def test_a_throttle_that_lasts_comes_to_each(
    stub: StubAws, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aws.call._ATTEMPTS_WHEN_THROTTLED", 1)
    stub.on("BatchGetBuilds", Refused("ThrottlingException"))
    ended = await asyncio.gather(
        *(cloud.builds(HERE).builds((f"web:{number}",)) for number in range(3)), return_exceptions=True
    )
    assert [type(each) for each in ended] == [Throttled] * 3
    assert stub.count("BatchGetBuilds") == 1


async def test_who_goes_away_takes_it_from_nobody(stub: StubAws, cloud: Cloud) -> None:
    stub.on("BatchGetBuilds", builds)
    tasks = [asyncio.create_task(cloud.builds(HERE).builds((f"web:{number}",))) for number in range(3)]
    await asyncio.sleep(0)
    tasks[0].cancel()
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(ended[0], asyncio.CancelledError)
    assert [one[0].id for one in ended[1:] if isinstance(one, tuple)] == ["web:1", "web:2"]


async def test_closing_leaves_nobody_waiting(stub: StubAws, cloud: Cloud) -> None:
    never = asyncio.Event()
    begun = asyncio.Event()

    async def hang(_: Asked) -> dict[str, Any]:
        begun.set()
        await never.wait()
        return {}

    stub.on("BatchGetBuilds", hang)
    tasks = [asyncio.create_task(cloud.builds(HERE).builds((f"web:{number}",))) for number in range(2)]
    async with asyncio.timeout(10):
        await begun.wait()
        await cloud.close()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    never.set()
    assert all(isinstance(each, AwsError) for each in ended)


async def test_a_build_that_is_gone_is_said_to_be(stub: StubAws, cloud: Cloud) -> None:
    stub.on("BatchGetBuilds", builds)
    gone, there = await asyncio.gather(
        cloud.builds(HERE).log_of("gone:1"), cloud.builds(HERE).log_of("web:1"), return_exceptions=True
    )
    assert isinstance(gone, NotFound)
    assert not isinstance(there, BaseException)
    assert stub.count("BatchGetBuilds") == 1


def test_what_travels_together_only_reads_and_is_shaped_as_botocore_says() -> None:
    for (service, asked), joint in JOINT.items():
        assert is_read(service, asked)
        assert is_read(service, joint.operation)
        model = get_session().get_service_model(service)
        sent = model.operation_model(joint.operation)
        found = sent.output_shape.members[joint.found]
        assert set(joint.known_by) <= found.member.members.keys()
        assert not joint.missing or sent.output_shape.members[joint.missing].member.type_name == "string"
        listed = sent.input_shape.members[joint.asked]
        assert listed.metadata.get("max", joint.most) == joint.most
        assert sent.input_shape.required_members == [joint.asked]
        if joint.one:
            alone = model.operation_model(asked)
            assert joint.one[0] in alone.input_shape.members
            assert alone.output_shape.members[joint.one[1]].name == found.member.name
