"""What a diagnosis reads: outcomes as data, pages merged, the same read made once, and never a change."""

from __future__ import annotations

import asyncio
import gzip
from typing import Any

import pytest

from aws.cloud import Cloud
from aws.iam_actions import iam_action
from aws.reads import is_read
from core.build import LogLocation
from core.fact import Evidence, Outcome
from tests.aws.conftest import HERE
from tests.aws.stub import Asked, Raw, Refused, StubAws

ROLES = b"""<ListRolesResponse><ListRolesResult><IsTruncated>%s</IsTruncated>%s<Roles><member>
<RoleName>%s</RoleName><CreateDate>2026-01-02T03:04:05Z</CreateDate><Path>/</Path><RoleId>x</RoleId><Arn>arn:r</Arn>
<AssumeRolePolicyDocument>%%7B%%22Version%%22%%3A%%222012-10-17%%22%%7D</AssumeRolePolicyDocument>
</member></Roles></ListRolesResult></ListRolesResponse>"""


async def test_evidence_is_what_playbooks_expect(cloud: Cloud) -> None:
    evidence: Evidence = cloud.evidence(HERE)
    assert evidence.facts == ()
    assert evidence.calls == 0


async def test_a_read_is_a_fact_with_its_call(stub: StubAws, cloud: Cloud) -> None:
    stub.on("BatchGetProjects", {"projects": [{"name": "web", "created": 1760000000.25}], "projectsNotFound": []})
    evidence = cloud.evidence(HERE)
    fact = await evidence.read("codebuild", "BatchGetProjects", {"names": ["web"]})
    assert (fact.n, fact.outcome, fact.region, fact.action) == (
        1,
        Outcome.OK,
        "eu-west-1",
        "codebuild:BatchGetProjects",
    )
    assert fact.get("projects", 0, "created") == 1760000000.25
    assert "ResponseMetadata" not in fact.value
    assert fact.call == "codebuild BatchGetProjects(names=['web'])"
    assert fact.took_s > 0
    assert evidence.facts == (fact,)


async def test_the_same_read_is_made_once_also_side_by_side(stub: StubAws, cloud: Cloud) -> None:
    stub.on("BatchGetProjects", {"projects": []})
    evidence = cloud.evidence(HERE)
    first, second = await asyncio.gather(
        *(evidence.read("codebuild", "BatchGetProjects", {"names": ["web"]}) for _ in range(2))
    )
    third = await evidence.read("codebuild", "BatchGetProjects", {"names": ["web"]})
    assert first.n == second.n == third.n == 1
    assert third.took_s == 0.0
    assert (stub.count("BatchGetProjects"), evidence.calls) == (1, 1)
    other = await evidence.read("codebuild", "BatchGetProjects", {"names": ["api"]})
    assert other.n == 2


async def test_a_fact_is_read_again_under_its_number(stub: StubAws, cloud: Cloud) -> None:
    stub.on("BatchGetProjects", {"projects": []})
    evidence = cloud.evidence(HERE)
    first = await evidence.read("codebuild", "BatchGetProjects", {"names": ["web"]})
    stub.on("BatchGetProjects", {"projects": [{"name": "web"}]})
    second = await evidence.again(first.n)
    assert (second.n, second.get("projects", 0, "name")) == (first.n, "web")
    assert evidence.facts == (second,)
    assert (await evidence.read("codebuild", "BatchGetProjects", {"names": ["web"]})).value == second.value
    assert evidence.calls == 2
    with pytest.raises(KeyError):
        await evidence.again(7)


async def test_who_asked_may_be_cancelled_alone(stub: StubAws, cloud: Cloud) -> None:
    arrived, go = asyncio.Event(), asyncio.Event()

    async def answer(_: Asked) -> dict[str, Any]:
        arrived.set()
        await go.wait()
        return {"projects": []}

    stub.on("BatchGetProjects", answer)
    evidence = cloud.evidence(HERE)
    first = asyncio.create_task(evidence.read("codebuild", "BatchGetProjects", {"names": ["web"]}))
    second = asyncio.create_task(evidence.read("codebuild", "BatchGetProjects", {"names": ["web"]}))
    await arrived.wait()
    first.cancel()
    go.set()
    assert (await second).outcome is Outcome.OK
    assert stub.count("BatchGetProjects") == 1


async def test_pages_are_merged_and_times_become_seconds(stub: StubAws, cloud: Cloud) -> None:
    pages = {"": ROLES % (b"true", b"<Marker>m1</Marker>", b"Build"), "m1": ROLES % (b"false", b"", b"Deploy")}
    stub.on("ListRoles", lambda asked: Raw(pages[asked.params.get("Marker", "")]))
    evidence = cloud.evidence(HERE)
    fact = await evidence.read("iam", "ListRoles")
    assert [role["RoleName"] for role in fact.get("Roles")] == ["Build", "Deploy"]
    assert fact.get("Roles", 0, "CreateDate") == 1767323045.0
    assert fact.get("Roles", 0, "AssumeRolePolicyDocument", "Version") == "2012-10-17"
    assert (fact.outcome, evidence.calls, "Marker" in fact.value) == (Outcome.OK, 2, False)


async def test_pages_left_over_make_the_answer_truncated(stub: StubAws, cloud: Cloud) -> None:
    stub.on(
        "ListPipelineExecutions",
        lambda asked: {
            "pipelineExecutionSummaries": [{"pipelineExecutionId": "e"}],
            "nextToken": asked.params.get("nextToken", "") + "x",
        },
    )
    fact = await cloud.evidence(HERE).read("codepipeline", "ListPipelineExecutions", {"pipelineName": "web"}, pages=3)
    assert (fact.outcome, len(fact.get("pipelineExecutionSummaries"))) == (Outcome.TRUNCATED, 3)
    assert fact.ok


@pytest.mark.parametrize(
    ("refused", "outcome"),
    [
        (
            Refused("AccessDeniedException", "User: u is not authorized to perform: codebuild:BatchGetProjects"),
            "denied",
        ),
        (Refused("ResourceNotFoundException"), "no_data"),
        (Refused("InvalidInputException"), "error"),
        (Refused("ExpiredTokenException"), "error"),
    ],
)
async def test_what_aws_says_is_an_outcome(stub: StubAws, cloud: Cloud, refused: Refused, outcome: str) -> None:
    stub.on("BatchGetProjects", refused)
    fact = await cloud.evidence(HERE).read("codebuild", "BatchGetProjects", {"names": ["web"]})
    assert (fact.outcome, fact.code, fact.error, fact.value) == (outcome, refused.code, refused.message, None)
    assert not fact.ok


async def test_a_wrong_parameter_is_an_error_not_an_exception(stub: StubAws, cloud: Cloud) -> None:
    evidence = cloud.evidence(HERE)
    wrong = await evidence.read("codebuild", "BatchGetProjects", {"nome": "web"})
    absent = await evidence.read("codebuild", "ListNothings")
    unknown = await evidence.read("nonesuch", "ListThings")
    assert {wrong.outcome, absent.outcome, unknown.outcome} == {Outcome.ERROR}
    assert stub.asked == []


@pytest.mark.parametrize(
    ("service", "operation"),
    [
        ("iam", "DeleteRole"),
        ("codepipeline", "StartPipelineExecution"),
        ("sts", "AssumeRole"),
        ("sts", "GetSessionToken"),
        ("secretsmanager", "GetSecretValue"),
        ("s3", "PutObject"),
        ("logs", "Getaway"),
    ],
)
async def test_what_is_no_read_is_not_sent(stub: StubAws, cloud: Cloud, service: str, operation: str) -> None:
    fact = await cloud.evidence(HERE).read(service, operation)
    assert (fact.outcome, fact.code) == (Outcome.ERROR, "NotARead")
    assert stub.asked == []


def test_reads_are_told_from_changes_by_their_verb() -> None:
    assert is_read("codebuild", "BatchGetBuilds")
    assert is_read("iam", "SimulatePrincipalPolicy")
    assert is_read("s3", "HeadBucket")
    assert not is_read("codepipeline", "PutApprovalResult")
    assert not is_read("codebuild", "BatchDeleteBuilds")


@pytest.mark.parametrize(
    ("service", "operation", "action"),
    [
        ("s3", "ListObjectsV2", "s3:ListBucket"),
        ("s3", "HeadObject", "s3:GetObject"),
        ("elbv2", "DescribeTargetHealth", "elasticloadbalancing:DescribeTargetHealth"),
        ("stepfunctions", "DescribeExecution", "states:DescribeExecution"),
        ("codeconnections", "GetConnection", "codeconnections:GetConnection"),
        ("logs", "GetLogEvents", "logs:GetLogEvents"),
    ],
)
def test_the_iam_action_of_an_operation(service: str, operation: str, action: str) -> None:
    assert iam_action(service, operation) == action


async def test_a_whole_stream_is_read_as_lines(stub: StubAws, cloud: Cloud) -> None:
    pages = {
        "": ([{"timestamp": 1, "message": "one\n"}, {"timestamp": 2, "message": "two\nthree\n"}], "f/1"),
        "f/1": ([], "f/2"),
        "f/2": ([{"timestamp": 3, "message": "four"}], "f/3"),
        "f/3": ([], "f/3"),
    }

    def answer(asked: Asked) -> dict[str, Any]:
        events, token = pages[asked.params.get("nextToken", "")]
        return {"events": events, "nextForwardToken": token}

    stub.on("GetLogEvents", answer)
    evidence = cloud.evidence(HERE)
    fact = await evidence.log(LogLocation("/aws/codebuild/web", "1"))
    assert fact.value == {"lines": ["one", "two", "three", "four"], "truncated": False}
    assert (fact.outcome, fact.action) == (Outcome.OK, "logs:GetLogEvents")
    short = await evidence.log(LogLocation("/aws/codebuild/web", "1"), limit=2)
    assert (short.outcome, short.value) == (Outcome.TRUNCATED, {"lines": ["one", "two"], "truncated": True})


async def test_a_log_that_is_not_there_is_no_data(stub: StubAws, cloud: Cloud) -> None:
    stub.on("GetLogEvents", Refused("ResourceNotFoundException", "The specified log stream does not exist."))
    evidence = cloud.evidence(HERE)
    assert (await evidence.log(LogLocation("g", "s"))).outcome is Outcome.NO_DATA
    disabled = await evidence.log(LogLocation(state="disabled"))
    assert (disabled.outcome, "no log" in disabled.error) == (Outcome.NO_DATA, True)


async def test_a_log_in_s3_is_unpacked(stub: StubAws, cloud: Cloud) -> None:
    stub.on("GET /logs/web/1.gz", Raw(gzip.compress(b"one\ntwo\n"), "application/octet-stream"))
    fact = await cloud.evidence(HERE).log(LogLocation(s3_arn="arn:aws:s3:::logs/web/1.gz"))
    assert fact.value == {"lines": ["one", "two"], "truncated": False}
    assert (fact.service, fact.operation, fact.params) == ("s3", "GetObject", {"Bucket": "logs", "Key": "web/1.gz"})


async def test_a_body_that_comes_in_many_pieces_is_read_whole(stub: StubAws, cloud: Cloud) -> None:
    stub.on("GET /store/App/large", Raw(b"x" * 3_000_000, "application/octet-stream"))
    fact = await cloud.evidence(HERE).read("s3", "GetObject", {"Bucket": "store", "Key": "App/large"})
    assert len(fact.value["Body"]) == 3_000_000


async def test_a_bucket_of_another_region_is_found(stub: StubAws, cloud: Cloud) -> None:
    moved = Refused("PermanentRedirect", "elsewhere", 301, bare=True, headers={"x-amz-bucket-region": "eu-central-1"})
    policy = Raw(b'{"Version": "2012-10-17"}', "application/json")
    stub.on("GET /artifacts", lambda asked: policy if asked.region == "eu-central-1" else moved)
    fact = await cloud.evidence(HERE).read("s3", "GetBucketPolicy", {"Bucket": "artifacts"})
    assert (fact.outcome, fact.value) == (Outcome.OK, {"Policy": '{"Version": "2012-10-17"}'})


@pytest.mark.parametrize(
    ("code", "outcome"), [("NoSuchBucketPolicy", Outcome.NO_DATA), ("AccessDenied", Outcome.DENIED)]
)
async def test_the_errors_of_s3_are_outcomes_too(stub: StubAws, cloud: Cloud, code: str, outcome: Outcome) -> None:
    stub.on("GET /artifacts", Refused(code, "no", 404 if outcome is Outcome.NO_DATA else 403, bare=True))
    fact = await cloud.evidence(HERE).read("s3", "GetBucketPolicy", {"Bucket": "artifacts"})
    assert (fact.outcome, fact.code, fact.action) == (outcome, code, "s3:GetBucketPolicy")


async def test_another_role_is_assumed_for_a_read(stub: StubAws, cloud: Cloud) -> None:
    stub.on(
        "AssumeRole",
        Raw(
            b"<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAOTHER</AccessKeyId>"
            b"<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>"
            b"<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials><AssumedRoleUser><Arn>"
            b"arn:aws:sts::444455556666:assumed-role/Deploy/x</Arn><AssumedRoleId>A:x</AssumedRoleId></AssumedRoleUser>"
            b"</AssumeRoleResult></AssumeRoleResponse>"
        ),
    )
    stub.on("BatchGetProjects", lambda asked: {"projects": [{"name": asked.access_key}]})
    role = "arn:aws:iam::444455556666:role/Deploy"
    evidence = cloud.evidence(HERE)
    fact = await evidence.read("codebuild", "BatchGetProjects", {"names": ["web"]}, role_arn=role)
    own = await evidence.read("codebuild", "BatchGetProjects", {"names": ["web"]})
    assert fact.get("projects", 0, "name") == "ASIAOTHER"
    assert own.get("projects", 0, "name") == "AKIAIOSFODNN7EXAMPLE"
    assert next(one for one in stub.asked if one.operation == "AssumeRole").params["RoleArn"] == role


async def test_a_role_that_may_not_be_assumed_is_denied_with_that_action(stub: StubAws, cloud: Cloud) -> None:
    words = (
        "User: arn:aws:iam::111122223333:user/me is not authorized to perform: sts:AssumeRole on resource: "
        "arn:aws:iam::444455556666:role/Deploy"
    )
    stub.on("AssumeRole", Refused("AccessDenied", words, 403))
    fact = await cloud.evidence(HERE).read(
        "codebuild", "BatchGetProjects", {"names": ["web"]}, role_arn="arn:aws:iam::444455556666:role/Deploy"
    )
    assert (fact.outcome, fact.action) == (Outcome.DENIED, "sts:AssumeRole")


async def test_a_role_that_refuses_is_asked_once_however_many_reads_go_through_it(stub: StubAws, cloud: Cloud) -> None:
    stub.on("AssumeRole", Refused("AccessDenied", "not authorized to perform: sts:AssumeRole", 403))
    role, evidence = "arn:aws:iam::444455556666:role/Deploy", cloud.evidence(HERE)
    facts = [
        await evidence.read("codedeploy", "GetDeployment", {"deploymentId": name}, role_arn=role) for name in "abc"
    ]
    assert {fact.outcome for fact in facts} == {Outcome.DENIED}
    assert stub.count("AssumeRole") == 1
