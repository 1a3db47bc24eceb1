from __future__ import annotations

import pytest

from core.build import LogLocation
from core.console import build_url, connection_url, log_url, page_url, pipeline_url, project_url, role_url


@pytest.mark.parametrize(
    ("partition", "host"),
    [
        ("aws", "https://eu-west-1.console.aws.amazon.com/"), ("aws-cn", "https://console.amazonaws.cn/"),
        ("aws-us-gov", "https://console.amazonaws-us-gov.com/"), ("aws-new", "https://console.aws.amazon.com/"),
    ],
)  # fmt: skip
def test_the_partition_decides_the_host(partition: str, host: str) -> None:
    assert pipeline_url("billing", "eu-west-1", partition).startswith(host)


def test_names_are_quoted() -> None:
    build = build_url("111122223333", "web", "web:0f1e", "eu-west-1")
    assert build.endswith("/codesuite/codebuild/111122223333/projects/web/build/web%3A0f1e?region=eu-west-1")
    arn = "arn:aws:codeconnections:eu-west-1:111122223333:connection/0f1e"
    assert "/connections/arn%3Aaws%3Acodeconnections" in connection_url(arn, "eu-west-1")
    assert pipeline_url("a b?c", "eu-west-1").endswith("/pipelines/a%20b%3Fc/view?region=eu-west-1")
    assert project_url("111122223333", "web", "eu-west-1").endswith("/projects/web?region=eu-west-1")
    assert role_url("deploy").endswith("#/roles/details/deploy")


def test_a_log_streams_address_is_quoted_twice_as_cloudwatch_wants_it() -> None:
    where = LogLocation("/aws/codebuild/web", "0f1e/x", "eu-west-1")
    assert log_url(where).endswith("#logsV2:log-groups/log-group/$252Faws$252Fcodebuild$252Fweb/log-events/0f1e$252Fx")
    assert log_url(LogLocation("/aws/codebuild/web", region="eu-west-1")).endswith("$252Fweb")
    assert log_url(where, at_ms=1_795_417_200_000).endswith("/log-events/0f1e$252Fx$3Fstart$3D1795417200000")
    assert log_url(LogLocation("g", region="eu-west-1"), at_ms=7).endswith("/log-group/g/log-events$3Fstart$3D7")
    assert log_url(LogLocation("g", "s", "cn-north-1")).startswith("https://console.amazonaws.cn/cloudwatch/")
    assert log_url(LogLocation("g", "s", "us-gov-west-1")).startswith("https://console.amazonaws-us-gov.com/")


@pytest.mark.parametrize(
    ("provider", "values", "expected"),
    [
        ("Lambda", {"FunctionName": "a b"}, "/lambda/home?region=eu-west-1#/functions/a%20b"),
        ("S3", {"S3Bucket": "inbox"}, "/s3/buckets/inbox?region=eu-west-1"),
        ("S3", {"BucketName": "site"}, "/s3/buckets/site?region=eu-west-1"),
        ("EKS", {"ClusterName": "prod"}, "/eks/home?region=eu-west-1#/clusters/prod"),
    ],
)
def test_the_page_of_what_an_action_works_on(provider: str, values: dict[str, str], expected: str) -> None:
    assert page_url(provider, values, "eu-west-1") == f"https://eu-west-1.console.aws.amazon.com{expected}"


def test_there_is_no_page_where_a_value_is_not_known() -> None:
    assert page_url("Lambda", {}, "eu-west-1") == ""
    assert page_url("Jenkins", {"FunctionName": "x"}, "eu-west-1") == ""
    assert page_url("S3", {"BucketName": "b"}, "cn-north-1", "aws-cn").startswith("https://console.amazonaws.cn/s3/")
