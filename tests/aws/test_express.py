"""Hot reads sent from a pattern: the same answers, the same signature and the same errors as botocore's own way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiobotocore.session import AioSession
from botocore import auth, xform_name
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from aws import express
from aws.clients import ClientKey
from aws.cloud import Cloud
from aws.express import HOT, Pattern
from aws.jsonable import jsonable
from aws.mapping import codepipeline as mapping
from aws.reads import is_read
from core.errors import Denied, NotFound, ReadOnlyRefused
from demo.process import DemoAccount
from tests.aws.conftest import HERE
from tests.aws.stub import Raw, Refused, StubAws
from tests.aws.test_watch import state

KEY = ClientKey(HERE.profile, HERE.region, "codepipeline")


@contextmanager
def built(client: Any) -> Iterator[list[str]]:
    """Operations whose requests botocore built while the block ran."""
    names: list[str] = []

    def note(model: Any, **_: Any) -> None:
        names.append(model.name)

    client.meta.events.register("before-call.*.*", note, unique_id="test")
    yield names
    client.meta.events.unregister("before-call.*.*", note, unique_id="test")


@asynccontextmanager
async def client_of(cloud: Cloud) -> AsyncIterator[Any]:
    async with cloud._clients.borrow(KEY) as client:
        yield client


async def test_after_the_first_call_requests_are_made_from_its_pattern(stub: StubAws, cloud: Cloud) -> None:
    stub.on("GetPipelineState", lambda asked: state(asked.params["name"]))
    reader = cloud.pipelines(HERE)
    async with client_of(cloud) as client:
        with built(client) as names:
            found = [await reader.state(f"web-{number}") for number in range(4)]
    assert names == ["GetPipelineState"]
    assert [each.name for each in found] == [one.params["name"] for one in stub.asked] == [f"web-{n}" for n in range(4)]
    assert {(one.region, one.access_key) for one in stub.asked} == {("eu-west-1", "AKIAIOSFODNN7EXAMPLE")}


async def test_what_is_hot_is_a_read_with_a_plain_answer(cloud: Cloud) -> None:
    for service, operations in HOT.items():
        async with cloud._clients.borrow(ClientKey("", "eu-west-1", service)) as client:
            for operation in operations:
                assert is_read(service, operation)
                assert isinstance(getattr(client, xform_name(operation)), express._Lane)


async def test_the_gate_is_asked_before_each_call(stub: StubAws, cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    stub.on("GetPipelineState", state("web"))
    reader = cloud.pipelines(HERE)
    await reader.state("web")
    monkeypatch.setattr("aws.readonly.is_harmless", lambda *_: False)
    with pytest.raises(ReadOnlyRefused):
        await reader.state("web")
    assert stub.count("GetPipelineState") == 1


@pytest.mark.parametrize("token", ["", "FwoGZXIvYXdzEXAMPLE//////////token"])
@pytest.mark.parametrize("address", ["https://codepipeline.eu-west-1.amazonaws.com/", "http://127.0.0.1:4566"])
def test_the_signature_is_botocores(address: str, token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    now, keys = (
        datetime(2026, 1, 15, 3, 4, 5, tzinfo=UTC),
        Credentials("AKIAIOSFODNN7EXAMPLE", "se/cr+et", token or None),
    )
    monkeypatch.setattr(auth, "get_current_datetime", lambda: now)
    fixed = {
        "X-Amz-Target": "CodePipeline_20150709.GetPipelineState",
        "Content-Type": "application/x-amz-json-1.1",
        "User-Agent": "Boto3/1  pipemedic",
    }

    def botocores(body: bytes, more: dict[str, str]) -> AWSRequest:
        request = AWSRequest("POST", address, headers=fixed | more, data=body)
        auth.SigV4Auth(keys, "codepipeline", "eu-west-1").add_auth(request)
        return request

    retries = {"amz-sdk-invocation-id": "x", "amz-sdk-request": "attempt=1"}
    pattern = Pattern.of(botocores(b'{"name": "first"}', retries).prepare())
    assert pattern
    lane = express._Lane(None, None, None, None)  # type: ignore[arg-type]
    for body in (b'{"name": "second"}', '{"name": "größer"}'.encode()):
        ours = lane._signed(pattern, body, keys.get_frozen_credentials(), now)
        theirs = botocores(body, retries | {"amz-sdk-invocation-id": ours["amz-sdk-invocation-id"]}).headers
        assert ours == {name.lower(): value for name, value in theirs.items()}


def test_a_request_with_anything_unusual_is_no_pattern() -> None:
    good = {
        "Authorization": "AWS4-HMAC-SHA256 Credential=AKIA/20260115/eu-west-1/codepipeline/aws4_request, "
        f"SignedHeaders=host;x-amz-date, Signature={'0' * 64}",
        "X-Amz-Date": "20260115T030405Z",
    }

    def seen(url: str = "https://a.example/", method: str = "POST", **headers: str) -> Pattern | None:
        return Pattern.of(SimpleNamespace(url=url, method=method, headers=good | headers))

    assert seen()
    assert seen(url="https://a.example/gateway") is None
    assert seen(url="https://a.example/?stage=1") is None
    assert seen(method="GET") is None
    assert seen(Authorization="Bearer abc") is None
    assert seen(Cookie="a=b") is None


@pytest.mark.parametrize(
    ("refused", "error"),
    [
        (
            Refused("AccessDeniedException", "User: ada is not authorized to perform: codepipeline:GetPipelineState"),
            Denied,
        ),
        (Refused("PipelineNotFoundException", "no such pipeline"), NotFound),
    ],
)
async def test_errors_are_those_of_botocores_way_and_cost_one_call(
    stub: StubAws, cloud: Cloud, refused: Refused, error: type[Exception]
) -> None:
    stub.on("GetPipelineState", refused)
    reader = cloud.pipelines(HERE)
    told = []
    async with client_of(cloud) as client:
        with built(client) as names:
            for _ in range(2):
                with pytest.raises(error) as raised:
                    await reader.state("web")
                told.append((str(raised.value), vars(raised.value)))
    assert names == ["GetPipelineState"]
    assert told[0] == told[1]
    assert stub.count("GetPipelineState") == 2


async def test_a_throttle_is_counted_and_waited_for(stub: StubAws, cloud: Cloud) -> None:
    answers = iter([state("web"), Refused("ThrottlingException", "Rate exceeded"), state("web")])
    stub.on("GetPipelineState", lambda _: next(answers))
    reader = cloud.pipelines(HERE)
    await reader.state("web")
    assert (await reader.state("web")).stages
    assert cloud.stats.throttles == 1


async def test_a_signature_that_is_refused_ends_the_pattern(stub: StubAws, cloud: Cloud) -> None:
    answers = iter([state("web"), Refused("InvalidSignatureException", "does not match", 403), *[state("web")] * 3])
    stub.on("GetPipelineState", lambda _: next(answers))
    reader = cloud.pipelines(HERE)
    async with client_of(cloud) as client:
        with built(client) as names:
            for _ in range(4):
                assert (await reader.state("web")).stages
    assert len(names) == 4 - 1 + 1  # all but the one that was refused, and that one again
    assert stub.count("GetPipelineState") == 5


async def test_credentials_that_were_renewed_sign_the_next_call(stub: StubAws, cloud: Cloud) -> None:
    stub.on("GetPipelineState", state("web"))
    reader = cloud.pipelines(HERE)
    await reader.state("web")
    async with client_of(cloud) as client:
        for key, token in (("ASIANEXTEXAMPLE", "t1"), ("ASIALASTEXAMPLE", None)):
            keeper = client._request_signer._credentials
            keeper.access_key, keeper.secret_key, keeper.token = key, "other", token
            await reader.state("web")
    assert [one.access_key for one in stub.asked] == ["AKIAIOSFODNN7EXAMPLE", "ASIANEXTEXAMPLE", "ASIALASTEXAMPLE"]


async def test_an_answer_that_orjson_refuses_is_read_by_botocore(stub: StubAws, cloud: Cloud) -> None:
    lone = b'{"pipelineName": "web", "stageStates": [{"stageName": "a\\ud800b"}], "created": 1768446720.5}'
    stub.on("GetPipelineState", lambda _: Raw(lone, "application/x-amz-json-1.1"))
    reader = cloud.pipelines(HERE)
    first, second = [await reader.state("web") for _ in range(2)]
    assert first == second
    assert second.stages[0].name == "a\ud800b"
    assert second.created_at == 1768446720.5


async def test_what_is_no_parameter_is_said_before_anything_is_sent(stub: StubAws, cloud: Cloud) -> None:
    stub.on("GetPipelineState", state("web"))
    async with client_of(cloud) as client:
        await client.get_pipeline_state(name="web")
        for params in ({"name": 7}, {}, {"nam": "web"}):
            with pytest.raises(Exception, match="Parameter validation failed"):
                await client.get_pipeline_state(**params)
    assert stub.count("GetPipelineState") == 1


async def test_all_answers_of_the_demo_account_are_as_botocore_reads_them(
    demo_account: DemoAccount, aws_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in demo_account.environment.items():
        monkeypatch.setenv(name, value)
    async with (
        Cloud([HERE], journal_dir=aws_home) as cloud,
        client_of(cloud) as ours,
        AioSession().create_client("codepipeline", region_name=HERE.region) as theirs,
    ):
        names = await cloud.pipelines(HERE).names()
        await asyncio.gather(
            ours.get_pipeline_state(name=names[0]), ours.list_pipeline_executions(pipelineName=names[0])
        )
        compared = 0
        with built(ours) as by_botocore:
            for name in names:
                for _ in range(4):  # an account that moves may move between the two
                    mine, yours = await _both(ours, theirs, name)
                    if mine == yours:
                        break
                assert mine == yours
                compared += bool(mine[0]["stageStates"])
        assert by_botocore == []
        assert compared == len(names) >= 14


async def _both(ours: Any, theirs: Any, name: str) -> tuple[list[Any], list[Any]]:
    """What both say of a pipeline; times as epoch seconds, as the mapping takes both."""
    mine, yours = [
        [await one.get_pipeline_state(name=name), await one.list_pipeline_executions(pipelineName=name, maxResults=25)]
        for one in (ours, theirs)
    ]
    assert mapping.state(mine[0]).name == name
    return [jsonable(each) for each in mine], [jsonable(each) for each in yours]
