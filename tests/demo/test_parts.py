"""The parts the account is made of, one by one."""

from typing import Any

import pytest

from demo.clock import Clock
from demo.engine import buildspec
from demo.engine.logbook import LogBook
from demo.engine.scheduler import Process, Scheduler, Signal
from demo.files import NODE
from demo.wire.errors import AwsError, ModelMismatch
from demo.wire.models import operation
from demo.wire.protocol import Request, identify
from demo.wire.shapes import check_input, check_output


def test_processes_run_in_the_order_of_their_times() -> None:
    scheduler = Scheduler(0.0)
    seen: list[tuple[str, float]] = []

    def process(name: str, *waits: float) -> Process:
        for wait in waits:
            yield wait
            seen.append((name, scheduler.now))

    scheduler.spawn(process("a", 5, 5))
    scheduler.spawn(process("b", 7))
    scheduler.spawn(process("early", 1), at=2)
    scheduler.advance(9)
    assert seen == [("early", 3), ("a", 5), ("b", 7)]
    scheduler.advance(100)
    assert (seen[-1], scheduler.now) == (("a", 10), 100)


def test_a_cancelled_process_lets_go_whoever_waits_for_it() -> None:
    scheduler = Scheduler(0.0)
    seen: list[Any] = []
    never = Signal()

    def inner() -> Process:
        yield never

    def outer() -> Process:
        result = yield task
        seen.append(result)

    task = scheduler.spawn(inner())
    scheduler.spawn(outer())
    scheduler.advance(1)
    assert seen == []
    scheduler.cancel(task)
    scheduler.advance(2)
    assert seen == [None]


def test_a_clock_never_runs_backwards() -> None:
    real = [0.0]
    clock = Clock(1000.0, speed=10, monotonic=lambda: real[0])
    real[0] = 2.0
    assert clock.now() == 1020.0
    clock.freeze()
    real[0] = 9.0
    assert clock.now() == 1020.0
    clock.resume()
    real[0] = 10.0
    assert clock.now() == 1030.0
    with pytest.raises(ValueError, match="cannot go back"):
        clock.advance(-1)


def test_lines_appear_when_they_are_due_and_only_once() -> None:
    book = LogBook("group", "stream", "eu-west-1")
    book.write(10.0, ["one", "two", "three"], lasts_s=4)
    book.container(20.0, "Phase complete: BUILD State: SUCCEEDED")
    assert book.due(9.0) == []
    assert [text for _, text in book.due(11.5)] == ["one\n", "two\n"]
    assert [text for _, text in book.due(15.0)] == ["three\n"]
    at, text = book.due(30.0)[0]
    assert at == 20_000
    assert text == "[Container] 1970/01/01 00:00:20.000000 Phase complete: BUILD State: SUCCEEDED\n"
    assert book.due(99.0) == []


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (None, "stat /src/buildspec.yml: no such file or directory"),
        ("version: 0.2\nphases: a: b\n", "mapping values are not allowed in this context at line 2"),
        ("phases: {}\n", "unknown buildspec version"),
        ("version: 0.2\nphases:\n  artifacts: {}\n", "Invalid buildspec phase name: artifacts"),
        (
            "version: 0.2\nphases:\n  build:\n    commands:\n      - a: b\n",
            "Expected Commands\\[0\\] to be of string type",
        ),
    ],
)
def test_a_wrong_buildspec_is_refused_in_codebuilds_words(text: str | None, complaint: str) -> None:
    with pytest.raises(buildspec.BuildSpecError, match=complaint):
        buildspec.parse(text, "/src/buildspec.yml")


def test_a_buildspec_is_read() -> None:
    spec = buildspec.parse(NODE, "buildspec.yml")
    assert spec.phases["build"] == ("npm test", "npm run build")
    assert spec.on_failure["build"] == "ABORT"
    assert list(spec.reports) == ["unit"]


FORM = {"content-type": "application/x-www-form-urlencoded"}


def _shapes(name: str) -> Any:
    found = operation("codepipeline", name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ({"pipelineName": 7}, "pipelineName: a string is expected"),
        ({"colour": "red"}, "colour: AWS has no such member"),
        ({"stageStates": [{"latestExecution": {"status": "Failed"}}]}, "pipelineExecutionId: required and absent"),
        ({"stageStates": [{"latestExecution": {"pipelineExecutionId": "x", "status": "Red"}}]}, "is none of"),
        ({"created": "yesterday"}, "a number is expected"),
    ],
)
def test_an_answer_outside_the_model_cannot_be_sent(value: dict[str, Any], problem: str) -> None:
    with pytest.raises(ModelMismatch, match=problem):
        check_output(_shapes("GetPipelineState").output_shape, value, "GetPipelineState")


@pytest.mark.parametrize(
    ("params", "code", "text"),
    [
        ({}, "ValidationException", "Value null at 'name' failed to satisfy constraint: Member must not be null"),
        ({"name": ["web"]}, "SerializationException", "can not be converted"),
        ({"name": ""}, "ValidationException", "greater than or equal to 1"),
        ({"name": "a b"}, "ValidationException", "regular expression pattern"),
        ([], "SerializationException", "Start of structure"),
    ],
)
def test_a_request_outside_the_model_is_refused_as_aws_does(params: Any, code: str, text: str) -> None:
    with pytest.raises(AwsError, match=text) as refused:
        check_input(_shapes("GetPipelineState").input_shape, params)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "expected"),
    [
        ("POST", "/", {"x-amz-target": "CodePipeline_20150709.ListPipelines"}, b"{}", ("ListPipelines", False)),
        (
            "POST",
            "/",
            {"content-type": "application/x-www-form-urlencoded"},
            b"Action=PutRolePolicy&Version=1",
            ("PutRolePolicy", True),
        ),
        ("GET", "/bucket/key", {}, b"", ("GetObject", False)),
        ("PUT", "/bucket/key", {}, b"x", ("PutObject", True)),
        ("HEAD", "/bucket", {}, b"", ("HeadBucket", False)),
    ],
)
def test_a_call_is_told_by_its_request(
    method: str, path: str, headers: dict[str, str], body: bytes, expected: tuple[str, bool]
) -> None:
    scope = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260302/us-east-1/s3/aws4_request, SignedHeaders=host"
    call = identify(Request(method, path, "", {"authorization": scope} | headers, body))
    assert (call.operation, call.mutating, call.region) == (*expected, "us-east-1")
