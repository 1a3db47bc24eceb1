"""Calls over HTTP: what comes back, what goes wrong, and what may never be sent."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from aiobotocore.config import AioConfig

from aws import clients, transport
from aws.call import Caller
from aws.cloud import Cloud
from aws.mapping.codepipeline import usual_duration
from core.errors import (
    CredentialsExpired,
    CredentialsMissing,
    Denied,
    NotFound,
    ReadOnlyRefused,
    Throttled,
    Unreachable,
)
from core.place import Identity, Place
from tests.aws.conftest import HERE, THERE
from tests.aws.stub import CALLER_IDENTITY, Asked, Broken, Refused, StubAws


async def test_the_callers_identity_is_asked_once(stub: StubAws, cloud: Cloud) -> None:
    stub.on("GetCallerIdentity", CALLER_IDENTITY)
    first, second = await asyncio.gather(cloud.identity(HERE), cloud.identity(HERE))
    assert first == second == Identity("111122223333", "arn:aws:sts::111122223333:assumed-role/OnCall/me", "aws")
    assert stub.count("GetCallerIdentity") == 1


async def test_all_pages_of_pipelines_are_listed(stub: StubAws, cloud: Cloud) -> None:
    pages = {"": ("web", "t1"), "t1": ("api", "t2"), "t2": ("jobs", "")}

    def answer(asked: Asked) -> dict[str, Any]:
        name, token = pages[asked.params.get("nextToken", "")]
        return {"pipelines": [{"name": name}], **({"nextToken": token} if token else {})}

    stub.on("ListPipelines", answer)
    assert await cloud.pipelines(HERE).names() == ("web", "api", "jobs")


async def test_an_empty_account_is_an_empty_list(stub: StubAws, cloud: Cloud) -> None:
    stub.on("ListPipelines", {"pipelines": []})
    assert await cloud.pipelines(HERE).names() == ()


async def test_executions_come_in_pages(stub: StubAws, cloud: Cloud) -> None:
    stub.on(
        "ListPipelineExecutions",
        lambda asked: {
            "pipelineExecutionSummaries": [{"pipelineExecutionId": f"e{asked.params.get('nextToken', '0')}"}],
            "nextToken": "1",
        },
    )
    page = await cloud.pipelines(HERE).executions("web", limit=5)
    following = await cloud.pipelines(HERE).executions("web", token=page.next_token, limit=5)
    assert (page.items[0].id, following.items[0].id) == ("e0", "e1")
    assert stub.asked[0].params["maxResults"] == 5
    assert usual_duration(page.items) is None


async def test_builds_are_asked_for_a_hundred_at_a_time(stub: StubAws, cloud: Cloud) -> None:
    stub.on("BatchGetBuilds", lambda asked: {"builds": [{"id": one} for one in asked.params["ids"]]})
    ids = [f"web:{n}" for n in range(250)]
    builds = await cloud.builds(HERE).builds(ids)
    assert [build.id for build in builds] == ids
    assert stub.count("BatchGetBuilds") == 3


async def test_the_log_of_a_build_that_is_gone_is_not_found(stub: StubAws, cloud: Cloud) -> None:
    stub.on("BatchGetBuilds", {"builds": [], "buildsNotFound": ["web:1"]})
    with pytest.raises(NotFound, match="web:1"):
        await cloud.builds(HERE).log_of("web:1")


async def test_a_denied_listing_says_which_action_on_what(stub: StubAws, cloud: Cloud) -> None:
    words = (
        "User: arn:aws:iam::111122223333:user/me is not authorized to perform: codepipeline:ListPipelines on resource: "
        "arn:aws:codepipeline:eu-west-1:111122223333:*"
    )
    stub.on("ListPipelines", Refused("AccessDeniedException", words))
    with pytest.raises(Denied) as raised:
        await cloud.pipelines(HERE).names()
    assert raised.value.action == "codepipeline:ListPipelines"
    assert raised.value.resource.endswith("111122223333:*")
    assert stub.count("ListPipelines") == 1


async def test_throttles_are_waited_out(stub: StubAws, cloud: Cloud) -> None:
    answers = iter([Refused("ThrottlingException", "Rate exceeded")] * 2)
    stub.on("ListPipelines", lambda _: next(answers, {"pipelines": [{"name": "web"}]}))
    assert await cloud.pipelines(HERE).names() == ("web",)
    assert cloud.stats.throttles == 2


async def test_an_endless_throttle_is_given_up(stub: StubAws, cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aws.call._ATTEMPTS_WHEN_THROTTLED", 3)
    stub.on("ListPipelines", Refused("ThrottlingException", "Rate exceeded"))
    with pytest.raises(Throttled):
        await cloud.pipelines(HERE).names()
    assert stub.count("ListPipelines") == 3


@pytest.mark.parametrize("fault", [Refused("InternalFailure", "oops", 500), Broken("reset")])
async def test_a_passing_fault_is_tried_again(stub: StubAws, cloud: Cloud, fault: object) -> None:
    answers = iter([fault])
    stub.on("ListPipelines", lambda _: next(answers, {"pipelines": [{"name": "web"}]}))
    assert await cloud.pipelines(HERE).names() == ("web",)


async def test_a_hanging_service_is_unreachable_in_time(
    stub: StubAws, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients, "_CONFIG", clients._CONFIG.merge(AioConfig(read_timeout=0.2)))
    stub.on("ListPipelines", Broken("hang"))
    began = time.monotonic()
    with pytest.raises(Unreachable):
        await cloud.pipelines(HERE).names()
    assert time.monotonic() - began < 2
    assert stub.count("ListPipelines") == 1


async def test_nobody_listening_is_unreachable(aws_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")
    async with Cloud([HERE]) as cloud:
        with pytest.raises(Unreachable):
            await cloud.pipelines(HERE).names()


async def test_without_credentials_the_error_says_so(stub: StubAws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    async with Cloud([HERE]) as cloud:
        await cloud.warm_up()
        with pytest.raises(CredentialsMissing):
            await cloud.pipelines(HERE).names()
    assert stub.asked == []


async def test_an_unknown_profile_has_no_credentials(stub: StubAws) -> None:
    async with Cloud([Place("nowhere", "eu-west-1")]) as cloud:
        await cloud.warm_up()
        with pytest.raises(CredentialsMissing, match="nowhere"):
            await cloud.pipelines(cloud.places[0]).names()


async def test_a_new_login_ends_an_expired_session_by_itself(
    stub: StubAws, aws_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(key: str) -> None:
        (aws_home / "credentials").write_text(f"[corp]\naws_access_key_id={key}\naws_secret_access_key=x\n")

    def answer(asked: Asked) -> object:
        fresh = asked.access_key == "ASIANEW"
        return {"pipelines": [{"name": "web"}]} if fresh else Refused("ExpiredTokenException", "token has expired")

    stub.on("ListPipelines", answer)
    monkeypatch.setattr("aws.call._RENEW_EVERY_S", 0.0)
    write("ASIAOLD")
    place = Place("corp", "eu-west-1")
    async with Cloud([place]) as cloud:
        for _ in range(2):
            with pytest.raises(CredentialsExpired) as raised:
                await cloud.pipelines(place).names()
            assert "--profile corp" in raised.value.next_step
        write("ASIANEW")
        assert await cloud.pipelines(place).names() == ("web",)


async def test_renewing_closes_no_client_that_is_in_use(stub: StubAws, cloud: Cloud) -> None:
    asked, go = asyncio.Event(), asyncio.Event()

    async def answer(_: Asked) -> dict[str, Any]:
        asked.set()
        await go.wait()
        return {"pipelines": [{"name": "web"}]}

    stub.on("ListPipelines", answer)
    call = asyncio.create_task(cloud.pipelines(HERE).names())
    await asked.wait()
    await cloud.renew(HERE)
    go.set()
    assert await call == ("web",)


async def test_fifty_calls_go_side_by_side(stub: StubAws, cloud: Cloud) -> None:
    full, go = asyncio.Event(), asyncio.Event()

    async def answer(asked: Asked) -> dict[str, Any]:
        if stub.in_flight >= 50:
            full.set()
        await go.wait()
        return {"pipelineName": asked.params["name"], "stageStates": []}

    stub.on("GetPipelineState", answer)
    reader = cloud.pipelines(HERE)
    calls = [asyncio.create_task(reader.state(f"p{n}")) for n in range(60)]
    async with asyncio.timeout(10):
        await full.wait()
    go.set()
    states = await asyncio.gather(*calls)
    assert stub.most_in_flight == 50
    assert [state.name for state in states] == [f"p{n}" for n in range(60)]


async def test_another_region_is_asked_at_its_own(stub: StubAws, cloud: Cloud) -> None:
    stub.on("ListPipelines", lambda asked: {"pipelines": [{"name": asked.region}]})
    assert await cloud.pipelines(HERE).names() == ("eu-west-1",)
    assert await cloud.pipelines(THERE).names() == ("us-east-1",)


@pytest.mark.parametrize("read_only", [True, False])
async def test_no_client_sends_a_change_by_itself(stub: StubAws, tmp_path: Path, read_only: bool) -> None:
    stub.on("StartPipelineExecution", {"pipelineExecutionId": "e1"})
    async with Cloud([HERE], read_only=read_only, journal_dir=tmp_path) as cloud:
        caller: Caller = cloud._caller
        for make in (caller.read, caller.change):
            with pytest.raises(ReadOnlyRefused):
                await make(HERE, "codepipeline", "StartPipelineExecution", {"name": "web"})
    assert stub.asked == []


@pytest.mark.parametrize(
    ("service", "operation", "params"),
    [
        ("logs", "DeleteLogGroup", {"logGroupName": "g"}),
        ("iam", "PutRolePolicy", {"RoleName": "r", "PolicyName": "p", "PolicyDocument": "{}"}),
        ("s3", "DeleteBucket", {"Bucket": "b"}),
        ("elbv2", "DeleteTargetGroup", {"TargetGroupArn": "a"}),
        ("codebuild", "StopBuild", {"id": "web:1"}),
    ],
)
async def test_the_gate_stands_before_every_service(
    stub: StubAws, cloud: Cloud, service: str, operation: str, params: dict[str, Any]
) -> None:
    with pytest.raises(ReadOnlyRefused, match=operation):
        await cloud._caller.read(HERE, service, operation, params)
    assert stub.asked == []


async def test_clients_share_their_tls_settings(stub: StubAws, cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "_contexts", {})
    stub.on("ListPipelines", {"pipelines": []})
    stub.on("BatchGetBuilds", {"builds": []})
    for place in (HERE, THERE):
        await cloud.pipelines(place).names()
        await cloud.builds(place).builds(["web:1"])
    assert len(cloud._clients._open) == 4
    assert len(transport._contexts) == 1


async def test_closing_waits_for_a_change_and_drops_reads(stub: StubAws, tmp_path: Path) -> None:
    arrived, go = asyncio.Event(), asyncio.Event()

    async def slow(_: Asked) -> dict[str, Any]:
        arrived.set()
        await go.wait()
        return {"pipelineExecutionId": "e1"}

    async def change(cloud: Cloud) -> dict[str, Any]:
        with cloud._gate.permit("codepipeline", "StartPipelineExecution"):
            return await cloud._caller.change(HERE, "codepipeline", "StartPipelineExecution", {"name": "web"})

    stub.on("StartPipelineExecution", slow)
    stub.on("GetPipelineState", Broken("hang"))
    cloud = Cloud([HERE], journal_dir=tmp_path)
    changing = cloud._caller.background.start(change(cloud), "change", change=True)
    reading = asyncio.create_task(cloud.evidence(HERE).read("codepipeline", "GetPipelineState", {"name": "web"}))
    await arrived.wait()
    closing = asyncio.create_task(cloud.close())
    go.set()
    await closing
    assert changing.result()["pipelineExecutionId"] == "e1"
    with pytest.raises(asyncio.CancelledError):
        await reading
    with pytest.raises(Unreachable, match="closing"):
        await cloud.pipelines(HERE).names()


async def test_warming_up_opens_the_first_clients_without_a_call(stub: StubAws, cloud: Cloud) -> None:
    await cloud.warm_up()
    assert len(cloud._clients._open) == 4
    assert stub.asked == []
