"""IAM's simulator: allows, denials, boundaries, wildcards, conditions; and it agrees with what builds meet."""

import json
from typing import Any

import pytest

from demo.iam.policy import parse
from demo.iam.principals import judge
from tests.demo.clients import Clients

ALLOW = {"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::one/*"}


def _verdict(statements: list[dict[str, Any]], action: str, resource: str, **more: Any) -> str:
    policies = [parse("p", "role", json.dumps({"Statement": statements}))]
    boundary = [parse("b", "boundary", json.dumps({"Statement": more["boundary"]}))] if "boundary" in more else []
    return judge(policies, boundary, action, resource, more.get("context", {})).verdict


@pytest.mark.parametrize(
    ("statements", "action", "resource", "more", "verdict"),
    [
        ([ALLOW], "s3:GetObject", "arn:aws:s3:::one/key", {}, "allowed"),
        ([ALLOW], "S3:getobject", "arn:aws:s3:::one/key", {}, "allowed"),
        ([ALLOW], "s3:PutObject", "arn:aws:s3:::one/key", {}, "implicitDeny"),
        ([ALLOW], "s3:GetObject", "arn:aws:s3:::two/key", {}, "implicitDeny"),
        (
            [ALLOW, {"Effect": "Deny", "Action": "*", "Resource": "*"}],
            "s3:GetObject",
            "arn:aws:s3:::one/k",
            {},
            "explicitDeny",
        ),
        ([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], "s3:GetObject", "*", {}, "allowed"),
        ([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], "iam:PassRole", "*", {}, "implicitDeny"),
        ([ALLOW], "s3:GetObject", "arn:aws:s3:::one/key", {"boundary": []}, "implicitDeny"),
        ([ALLOW], "s3:GetObject", "arn:aws:s3:::one/key", {"boundary": [ALLOW]}, "allowed"),
        (
            [ALLOW | {"Condition": {"StringEquals": {"aws:SourceVpce": "vpce-1"}}}],
            "s3:GetObject",
            "arn:aws:s3:::one/key",
            {"context": {"aws:sourcevpce": "vpce-1"}},
            "allowed",
        ),
        (
            [ALLOW | {"Condition": {"StringEquals": {"aws:SourceVpce": "vpce-1"}}}],
            "s3:GetObject",
            "arn:aws:s3:::one/key",
            {},
            "implicitDeny",
        ),
        (
            [ALLOW | {"Condition": {"StringEqualsIfExists": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}}],
            "s3:GetObject",
            "arn:aws:s3:::one/key",
            {},
            "allowed",
        ),
    ],
)
def test_a_request_is_judged_as_iam_judges(
    statements: list[dict[str, Any]], action: str, resource: str, more: dict[str, Any], verdict: str
) -> None:
    assert _verdict(statements, action, resource, **more) == verdict


def test_the_simulator_sees_what_the_build_met_and_sees_the_fix(aws: Clients) -> None:
    source = aws.build("billing", "Build", "Build")["sourceVersion"]
    role = aws("iam").get_role(RoleName="codebuild-billing-service-role")["Role"]["Arn"]

    def verdicts() -> dict[str, str]:
        answer = aws("iam").simulate_principal_policy(
            PolicySourceArn=role, ActionNames=["s3:GetObject", "s3:PutObject"], ResourceArns=[source]
        )
        return {item["EvalActionName"]: item["EvalDecision"] for item in answer["EvaluationResults"]}

    assert verdicts() == {"s3:GetObject": "implicitDeny", "s3:PutObject": "allowed"}
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    aws("iam").put_role_policy(
        RoleName="codebuild-billing-service-role",
        PolicyName="more",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    assert verdicts()["s3:GetObject"] == "allowed"
    boundary = aws("iam").create_policy(
        PolicyName="only-logs",
        PolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "logs:*", "Resource": "*"}]}
        ),
    )["Policy"]["Arn"]
    aws("iam").put_role_permissions_boundary(RoleName="codebuild-billing-service-role", PermissionsBoundary=boundary)
    assert verdicts()["s3:GetObject"] == "implicitDeny"


def test_a_missing_condition_key_is_named(aws: Clients) -> None:
    statement = {
        "Effect": "Allow",
        "Action": "s3:*",
        "Resource": "*",
        "Condition": {"Bool": {"aws:SecureTransport": "true"}},
    }
    answer = aws("iam").simulate_custom_policy(
        PolicyInputList=[json.dumps({"Version": "2012-10-17", "Statement": [statement]})], ActionNames=["s3:GetObject"]
    )
    result = answer["EvaluationResults"][0]
    assert result["EvalDecision"] == "implicitDeny"
    assert result["MissingContextValues"] == ["aws:SecureTransport"]


def test_a_role_nobody_trusts_cannot_be_used(aws: Clients) -> None:
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
    aws("iam").update_assume_role_policy(RoleName="codebuild-mailer-service-role", PolicyDocument=json.dumps(trust))
    identity = aws("codepipeline").start_pipeline_execution(name="mailer")["pipelineExecutionId"]
    aws.account.advance(300)
    assert aws.status("mailer", identity) == "Failed"
    assert (
        "CodeBuild is not authorized to perform: sts:AssumeRole"
        in aws.action("mailer", "Build", "Build")["errorDetails"]["message"]
    )


def test_cloudtrail_remembers_the_denial(aws: Clients) -> None:
    events = aws("cloudtrail").lookup_events(
        LookupAttributes=[{"AttributeKey": "Username", "AttributeValue": "codebuild-billing-service-role"}]
    )["Events"]
    assert events
    detail = json.loads(events[0]["CloudTrailEvent"])
    assert detail["errorCode"] == "AccessDenied"
    assert events[0]["EventName"] == "GetObject"
